/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reads the supervisor's signals, which are blocked, from a descriptor, and
 * does what they ask for.
 */
#ifndef SUPERVISOR_SIGNAL_REQUESTS_H
#define SUPERVISOR_SIGNAL_REQUESTS_H

#include <stdint.h>

struct supervisor;

/* Does what the pending signals ask for.  Returns when to be called again. */
int64_t signal_requests_step(struct supervisor *s, int64_t now_ms);

#endif
