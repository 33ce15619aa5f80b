/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The fork window: what happens in a new process before it is a child.  The
 * process keeps its own descriptors and mappings and drops the supervisor's.
 * Every signal is still blocked, so that a signal that is sent meanwhile waits
 * for the loop of the process.
 *
 * Each process leads a session of its own: a terminal's interrupt reaches the
 * supervisor alone, and the processes that a dead child leaves can be found by
 * their session (orphan.h).
 */
#ifndef SUPERVISOR_FORK_H
#define SUPERVISOR_FORK_H

#include <sys/types.h>

#include <stdint.h>

#include "common/ipc/scoreboard_snapshot.h"
#include "common/settings/settings.h"
#include "supervisor/control/control.h"
#include "supervisor/slots/pool.h"

/* Descriptors that are open before the first fork. */
struct fork_ends {
	pid_t supervisor;
	int death_read_fd;  /* children: EOF at the death of the supervisor */
	int death_write_fd; /* the supervisor's, never written to */
	int wake_fd;        /* eventfd: a child became ready */
	int signal_fd;
	int reporter_fd; /* the supervisor's; -1: there is no reporter */
	struct control *control;      /* borrowed; NULL: none yet */
	struct reporter_board *board; /* borrowed; NULL: none yet */
};

/* All signals must be blocked.  Returns -1 with errno; then nothing is open. */
int fork_open(struct fork_ends *f);
void fork_close(struct fork_ends *f);

struct reporter_args;

/*
 * Each of the three returns the new pid, or -1 with errno; the new process does
 * not return.  The new process unmaps what it has no use for: a child the rows
 * of other slots and the reporter's board; the reporter everything but its
 * board, above all the credentials.
 */
pid_t fork_child(const struct fork_ends *f, const struct pool *pool,
    const struct place *p);

/* Gives back the messages that the last child in this place held. */
pid_t fork_releaser(const struct fork_ends *f, const struct pool *pool,
    const struct place *p, const struct scoreboard_snapshot *held,
    int64_t deadline_ms);

pid_t fork_reporter(const struct fork_ends *f, const struct pool *pool,
    const struct reporter_args *args);

#endif
