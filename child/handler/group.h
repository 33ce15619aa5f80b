/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The process group that a handler leads, and the processes that have left it
 * but are still in the session of the child ("beside the group").
 */
#ifndef CHILD_HANDLER_GROUP_H
#define CHILD_HANDLER_GROUP_H

#include <sys/types.h>

#include <stdbool.h>

/*
 * Signals the group, and its leader even if the leader has left the group.  A
 * SIGTERM is followed by a SIGCONT.  The leader is a child of this process and
 * not yet reaped, so both numbers are still in use.
 */
void group_signal(pid_t leader, int signal);

/*
 * Does the same, and signals the processes beside the group.  Reads the whole
 * of /proc, so it is only for a handler that is being stopped.
 */
void group_signal_all(pid_t leader, int signal);

/*
 * Is another process than the leader in the group or, with or_beside, beside
 * it?  Reads the whole of /proc, so it is only for a leader that has ended.
 * Without /proc the answer is yes: the caller has a time limit.
 */
bool group_has_others(pid_t leader, bool or_beside);

#endif
