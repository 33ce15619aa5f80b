/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The contract between the supervisor and the processes that it forks: how to
 * start them, and what their signals and exit statuses mean.
 *
 * A child (poller) takes SIGTERM as "finish what is in hand and exit", SIGINT
 * and SIGQUIT as "give back what is in hand and exit", and SIGUSR2 as "look at
 * what the scoreboard says of your queue".  It exits 0 when all it
 * held was settled, EXITCODE_FORCED when work was cut short, EXITCODE_INTERNAL
 * on a failure of its own.
 */
#ifndef CHILD_CHILD_H
#define CHILD_CHILD_H

#include <sys/types.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
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
 * Runs a poller in this process; all signals must be blocked and at their
 * default dispositions.  Does not return.
 */
_Noreturn void child_main(const struct child_args *args);

struct releaser_args {
	const struct settings *settings;
	const struct queue_settings *queue;
	const struct scoreboard_snapshot *held; /* of the dead child */
	struct scoreboard_row *row; /* of the dead child, to count there */
	const struct queue_board *shared;
	struct credentials_share *credentials; /* NULL: none */
	int64_t deadline_ms; /* when the releaser exits in any case */
};

/*
 * Gives back what a dead child held: "held" at once, "working" and "failed"
 * after the retry delay; "deleting" and "moved" are deleted.  Does not return;
 * exits 0 when each message is settled, else EXITCODE_FAILED.
 */
_Noreturn void releaser_main(const struct releaser_args *args);

/*
 * The state of the reporter, in shared memory of its own.  The reporter writes
 * it, and the next reporter goes on with it.
 */
struct reporter_board {
	_Atomic int64_t progress_ms; /* when its loop turned last */
	_Atomic int64_t
	    protected_until_ms; /* the ECS task is, until then; 0: it is not */
	_Atomic uint32_t protection_fails; /* not 0: ECS refused it */
	_Atomic uint32_t port;             /* of its HTTP server; 0: none */
};

/*
 * On fd the reporter asks the supervisor, which answers in order: to a line "ID
 * WORD" the answer is a line "ID WORD LENGTH" and LENGTH bytes.  ID is a number
 * of the reporter's choice.  The words:
 *
 *	hand     how many messages are in hand, in decimal
 *	health   as the control socket answers it
 *	metrics  likewise
 *	emf      lines to log, of what was counted since this was last asked
 */
#define REPORTER_HAND    "hand"
#define REPORTER_HEALTH  "health"
#define REPORTER_METRICS "metrics"
#define REPORTER_EMF     "emf"

struct reporter_args {
	const struct settings *settings;
	struct reporter_board *board;
	int fd;
};

/* Do the settings ask for anything that takes a reporter? */
bool reporter_is_wanted(const struct settings *s);
/* Is the ECS task to be protected?  Looks at the environment. */
bool reporter_protects(const struct settings *s);

/*
 * The reporter: logs metrics, serves them over HTTP, protects the ECS task.
 * SIGTERM asks it to log the last metrics, to end the protection if nothing is
 * in hand, and to exit; SIGHUP to log the last metrics and to exit, for another
 * reporter takes over.  It exits when the supervisor is gone, leaving the
 * protection as it is.  Does not return.
 */
_Noreturn void reporter_main(const struct reporter_args *args);

#endif
