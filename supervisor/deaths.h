/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Deals with a child that died: kills the processes that it left, blames the
 * messages that it worked at, counts its death, and has a releaser give back
 * the messages that it held.
 */
#ifndef SUPERVISOR_DEATHS_H
#define SUPERVISOR_DEATHS_H

#include <stdint.h>

struct supervisor;

/*
 * Reaps all processes that have ended, children and others, and gives up
 * children that SIGKILL has not ended in time.
 */
void deaths_step(struct supervisor *s, int64_t now_ms);

#endif
