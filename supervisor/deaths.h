/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What becomes of a child that died: its processes are killed, its message is
 * blamed, its death counted, and what it held given back by a releaser.
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
