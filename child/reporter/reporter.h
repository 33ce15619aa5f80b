/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The reporter: a process that logs metrics, serves them over HTTP, and
 * protects the ECS task.
 */
#ifndef CHILD_REPORTER_REPORTER_H
#define CHILD_REPORTER_REPORTER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/settings/settings.h"

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
