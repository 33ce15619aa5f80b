/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Shows the state of a child to other processes and to people, in its row of
 * the scoreboard and in its process title.
 */
#ifndef CHILD_CHILD_STATUS_H
#define CHILD_CHILD_STATUS_H

#include "child/state.h"

/* Says that the child is ready. */
void child_status_open(struct child *c, int64_t now_ms);
/* Returns when to be called next. */
int64_t child_status_step(struct child *c, int64_t now_ms);

#endif
