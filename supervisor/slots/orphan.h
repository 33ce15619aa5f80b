/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Processes that became ours because their parent died: the supervisor is a
 * subreaper or PID 1.  They are found in /proc, without allocating memory.
 *
 * Each child leads a session, so the processes that a dead child left are those
 * whose session id is its pid; that pid is not used again while any of them
 * exists (credentials(7)).
 */
#ifndef SUPERVISOR_SLOTS_ORPHAN_H
#define SUPERVISOR_SLOTS_ORPHAN_H

#include <sys/types.h>

#include <stdbool.h>

/*
 * Sends SIGKILL to the process group of each adopted process of this session.
 * Returns how many there were.  Their children become ours as they die, so call
 * it again until it returns 0.
 */
unsigned orphan_kill_session(pid_t session);

/*
 * Sends SIGKILL to all processes of the session of a child that cannot be
 * killed, but not to the child.  The child never reaps them, so their pids are
 * not used again.
 */
unsigned orphan_kill_below(pid_t session);

/*
 * Sends SIGKILL to each child of ours, and to its process group, that is not
 * spared (NULL: none is).  Returns how many there were.
 */
typedef bool orphan_spare_fn(void *arg, pid_t pid);
unsigned orphan_kill_all(orphan_spare_fn *spare, void *arg);

/*
 * Calls each for every child of ours, zombies included.  Exported for its test.
 * The list is the kernel's own if it has one; otherwise this searches all of
 * /proc.
 */
typedef void orphan_each_fn(void *arg, pid_t pid);
int orphan_list(orphan_each_fn *each, void *arg);
int orphan_search(orphan_each_fn *each, void *arg);

#endif
