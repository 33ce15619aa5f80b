/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What a child knows, for its own files and nobody else.
 *
 *	child.c     the loop: receives, begins, ends
 *	outcome.c   what becomes of a message
 *	child_status.c      what others see of the child
 */
#ifndef CHILD_STATE_H
#define CHILD_STATE_H

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
	uint64_t received_before; /* by the slot, not by this child */
	struct aws_client client;
	struct jobs jobs;
	struct receive_max receive_max;
	struct receive *receive;
	struct log_repeat unusable; /* messages, by reason */
	struct idle_pollers idle_pollers;
	struct settle *settle;
	struct deadletter *deadletter;
	struct fetch *fetch;
	int wait_time_s;
	const struct handler_ops *ops;
	struct handler *handler;
	int signal_fd;
	enum stage stage;
	int64_t release_at_ms; /* CLOCK_NEVER: the supervisor tells */
	int64_t give_up_at_ms; /* likewise */
	int64_t stop_ms;       /* 0: the supervisor tells; else there is none */
	bool orphaned;         /* the supervisor is gone */
	bool forced;           /* work was cut short */
	bool leaving;          /* begins no receive: see recycle.h */
	bool sigchld;
	struct brake brake;
	enum scoreboard_phase phase;
	enum scoreboard_phase titled; /* as the title says */
	int64_t titled_ms;
	struct curl_waitfd fds[WAITFDS_MAX];
	unsigned n_fds, n_own_fds;
	unsigned idle_pollers_at; /* in fds, if there is such a descriptor */
};

/* child.c: of all children, not of this one only; 0: the others go on. */
int64_t child_stop_began_ms(const struct child *c);
/* child.c: may messages be begun? */
bool child_is_at_work(const struct child *c);
/* child.c: an operator has paused the queue. */
bool child_is_paused(const struct child *c);

/* outcome.c: a handler_done_fn; cookie is the job. */
void outcome_of_verdict(void *cookie, const struct handler_result *r);
/* outcome.c: for settle_new and deadletter_new; arg is the child. */
void outcome_lost(void *arg, struct job *j, int64_t now_ms);
void outcome_not_moved(void *arg, struct job *j, const char *why);
/* outcome.c: children died of it: it is not begun but rejected. */
void outcome_poisoned(struct child *c, struct job *j, int64_t now_ms);
/* outcome.c: gives back what no handler has failed at. */
void outcome_release(struct child *c, struct job *j, int64_t now_ms);
void outcome_release_held(struct child *c, int64_t now_ms);
/* outcome.c: what waits in a FIFO group behind a message that is given back. */
void outcome_release_blocked(struct child *c, int64_t now_ms);
/*
 * outcome.c: looks at the handler, without a message, and sees to the brake.
 * False: it cannot be started.
 */
bool outcome_look(struct child *c, int64_t now_ms);
/* outcome.c: gives back what may not be begun while the brake is on. */
void outcome_check_brake(struct child *c, int64_t now_ms);

/* child_status.c: at the start. */
void show_ready(struct child *c, int64_t now_ms);
/* child_status.c: in each turn. */
void show_phase(struct child *c, int64_t now_ms);
void show_calls(struct child *c, int64_t now_ms);
/* child_status.c: when show_phase has a title to set. */
int64_t show_deadline(const struct child *c);

#endif
