/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The releaser: a process that gives back what a dead child held.
 */
#ifndef CHILD_RELEASER_H
#define CHILD_RELEASER_H

#include <stdint.h>

#include "common/ipc/queue_board.h"
#include "common/ipc/scoreboard_snapshot.h"
#include "common/settings/settings.h"

struct credentials_share;

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

#endif
