/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Do the limits of this process and of its control groups leave room to work?
 * A child that cannot open a connection or start a handler would only find out
 * with a message in hand.
 */
#ifndef SUPERVISOR_START_LIMITS_H
#define SUPERVISOR_START_LIMITS_H

#include <stdint.h>

#include "common/settings/settings.h"

/* Pure.  How many descriptors any of our processes may need at once. */
int64_t limits_nofile_needed(int64_t n_queues);
/* Pure.  How many processes there are when each child works. */
int64_t limits_processes_needed(int64_t n_children);

/*
 * Checks the limits of the user of this process, for so many children.  Returns
 * 0, or -1 after reporting each limit that is too low, with what is needed.
 * The share of a limit that other processes use is not counted, because it
 * changes.
 */
int limits_check(const struct settings *s, int64_t n_children,
    settings_problem_fn *problem, void *arg);

#endif
