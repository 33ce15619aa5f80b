/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The process group that a handler leads, and what has left it for another
 * group of our session.
 */
#ifndef CHILD_HANDLER_GROUP_H
#define CHILD_HANDLER_GROUP_H

#include <sys/types.h>

#include <stdbool.h>

/*
 * Signals the group, and its leader also where that has left the group.  The
 * leader is our child and not yet reaped, so both numbers are ours.
 */
void group_signal(pid_t leader, int signal);

/*
 * The same, and whoever is beside the group.  Reads the whole of /proc, so it
 * is for a handler that is being stopped.
 */
void group_signal_all(pid_t leader, int signal);

/*
 * Is anybody in the group but its leader, or beside it?  Reads the whole of
 * /proc, so it is for a leader that has ended.  Without /proc the answer is
 * yes: whoever asks has a time limit.
 */
bool group_has_others(pid_t leader, bool or_beside);

#endif
