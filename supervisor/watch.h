/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Watches each child, and whether any child serves.  A child becomes ready when
 * its loop turns, and is killed when its loop stands still or its job outlives
 * every limit.
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
 * May systemd be told that the supervisor is well?  Not while no child has been
 * ready for crash_window and the pool has not been given up either.
 */
bool watch_is_healthy(const struct supervisor *s, int64_t now_ms);

#endif
