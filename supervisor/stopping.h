/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Carries a stop out: what each of its stages (stop.h) asks of slots, releasers
 * and reporter, when it is over, and the exit status that it leads to.
 */
#ifndef SUPERVISOR_STOPPING_H
#define SUPERVISOR_STOPPING_H

#include <stdbool.h>
#include <stdint.h>

struct supervisor;

/*
 * Enters the stages that are due, and kills the processes that must not survive
 * them.  Returns when the next stage, or at last the end, is due.
 */
int64_t stopping_step(struct supervisor *s, int64_t now_ms);
bool stopping_is_over(const struct supervisor *s);
int stopping_exit_status(const struct supervisor *s);

#endif
