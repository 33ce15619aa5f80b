/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Is each child well, and does any of them serve?  A child is welcome when its
 * loop turns, and killed when it is silent or its job outlives every limit.
 */
#ifndef SUPERVISOR_WATCH_H
#define SUPERVISOR_WATCH_H

#include <stdbool.h>
#include <stdint.h>

struct supervisor;

/* Looks at the children, and kills those that hang. */
void watch_children(struct supervisor *s, int64_t now_ms);

/* The supervisor did not run for late_ms: all deadlines begin anew. */
void watch_start_over(struct supervisor *s, int64_t late_ms, int64_t now_ms);

/*
 * Begins a stop when no child has been ready for crash_window.  Returns when to
 * be called again.
 */
int64_t watch_service(struct supervisor *s, int64_t now_ms);

/*
 * Is the supervisor to be vouched for?  Not while no child has been ready for
 * crash_window and the pool does not give up either.
 */
bool watch_is_healthy(const struct supervisor *s, int64_t now_ms);

#endif
