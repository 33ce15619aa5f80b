/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What becomes of a child that died: its processes are killed, its message is
 * blamed, its death counted, and what it held given back by a releaser.
 */
#ifndef SUPERVISOR_DEATHS_H
#define SUPERVISOR_DEATHS_H

#include <stdint.h>

struct place;
struct supervisor;

/* Takes all that have ended, children and others. */
void deaths_reap(struct supervisor *s, int64_t now_ms);

/*
 * SIGKILL had its time, and the child is still there: in the kernel, which
 * will not let it run again.  So nobody writes to its row any more, and what
 * it held can be given back, once its handlers are killed.
 */
void deaths_unkillable(struct supervisor *s, struct place *p, int64_t now_ms);

#endif
