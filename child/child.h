/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A child: how to start one, and what its signals and exit statuses mean.  The
 * supervisor also forks releasers and the reporter: see releaser.h and
 * reporter/reporter.h.
 *
 * A child takes SIGTERM as "finish what is in hand and exit", SIGINT
 * and SIGQUIT as "give back what is in hand and exit", and SIGUSR2 as "look at
 * what the scoreboard says of your queue".  It exits 0 when all it
 * held was settled, EXITCODE_FORCED when work was cut short, EXITCODE_INTERNAL
 * on a failure of its own.
 */
#ifndef CHILD_CHILD_H
#define CHILD_CHILD_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/ipc/queue_board.h"
#include "common/ipc/scoreboard_snapshot.h"
#include "common/settings/settings.h"

struct credentials_share;
struct handler_ops;

struct child_args {
	const struct settings *settings;
	const struct queue_settings *queue;
	unsigned slot; /* within its queue */
	struct scoreboard_row *row;
	struct queue_board *shared; /* NULL: none (-X) */
	int idle_pollers_fd; /* eventfd of all children of the queue; -1: none
			      */
	struct credentials_share *credentials; /* NULL: none */
	int death_fd; /* end of file when the supervisor is gone; -1: none */
	int wake_fd;  /* eventfd that wakes the supervisor when ready; -1 */
	bool ends_with_terminal; /* SIGHUP is a SIGTERM (-X) */
	pid_t parent; /* its end is the end of the child; 0: none (-X) */
	const struct handler_ops *ops; /* NULL: of the queue's handler kind;
					  a benchmark brings its own */
};

/*
 * Runs a child in this process; all signals must be blocked and at their
 * default dispositions.  Does not return.
 */
_Noreturn void child_main(const struct child_args *args);

#endif
