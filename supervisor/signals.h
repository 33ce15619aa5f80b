/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What a signal to the supervisor asks for.  Signals are blocked, and read from
 * a descriptor.
 */
#ifndef SUPERVISOR_SIGNALS_H
#define SUPERVISOR_SIGNALS_H

#include <stdint.h>

struct supervisor;

/* Does what the pending signals ask for. */
void signals_step(struct supervisor *s, int64_t now_ms);

#endif
