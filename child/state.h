/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The state of a child (poller): the struct that the files of this folder
 * share.
 *
 *	child.c         the loop
 *	signals.c       what signals ask for
 *	stage.c         how the end comes
 *	receiving.c     when and how much to receive
 *	outcome.c       what becomes of a message
 *	braking.c       what the handler's failures mean for the queue
 *	child_status.c  what others see of the child
 */
#ifndef CHILD_STATE_H
#define CHILD_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "child/brake.h"
#include "child/child.h"
#include "child/handler/handler.h"
#include "child/message/deadletter.h"
#include "child/message/fetch.h"
#include "child/message/job.h"
#include "child/message/settle.h"
#include "child/receive/idle_pollers.h"
#include "child/receive/receive.h"
#include "child/receive/receive_max.h"
#include "child/recycle.h"
#include "common/aws/aws_client.h"
#include "common/base/log_repeat.h"
#include "common/http/http.h"

enum {
	WAITFDS_MAX = 8
};

enum stage {
	STAGE_RUN,
	STAGE_DRAIN,  /* no more receives; finish what is worked on */
	STAGE_RELEASE /* stop handlers, give everything back */
};

struct child {
	const struct child_args *args;
	const struct settings *settings;
	const struct queue_settings *queue;
	struct scoreboard_row *row;
	struct recycle recycle;
	uint64_t received_before; /* by this slot, before this child */
	struct aws_client client;
	struct jobs jobs;
	struct receive_max receive_max;
	struct receive *receive;
	struct log_repeat
	    unusable; /* log messages about unusable messages, by reason */
	struct idle_pollers idle_pollers;
	struct settle *settle;
	struct deadletter *deadletter;
	struct fetch *fetch;
	int wait_time_s;
	const struct handler_ops *ops;
	struct handler *handler;
	int signal_fd;
	enum stage stage;
	int64_t release_at_ms; /* CLOCK_NEVER: the supervisor says when */
	int64_t give_up_at_ms; /* likewise */
	int64_t stop_ms;       /* when this child's own stop began; 0: see
				  stage_stop_began_ms */
	bool orphaned;         /* the supervisor is gone */
	bool forced;           /* work was cut short */
	bool leaving;          /* begins no receive: see recycle.h */
	struct brake brake;
	enum scoreboard_phase phase;
	enum scoreboard_phase titled; /* the phase in the process title */
	int64_t titled_ms;
	struct curl_waitfd fds[WAITFDS_MAX];
	unsigned n_fds;
	unsigned idle_pollers_at; /* in fds, if there is such a descriptor */
};

#endif
