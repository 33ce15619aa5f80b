/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The releaser: a short-lived process that settles what a dead child held.  A
 * message whose handler had succeeded is deleted, never given back; one that no
 * handler has seen is given back at once; one that a handler had is given back
 * at once the first time (most deaths are not the fault of the message) and
 * after the retry delay of its receive count when it comes back from that.  But
 * while the brake is on nothing comes again before retry_cap: brake.h.  The
 * messages are jobs like any other, and settle.c does the rest.  See
 * releaser.h.
 */
#include "child/releaser.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/message/settle.h"
#include "child/message/settle_times.h"
#include "common/aws/aws_client.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "common/ipc/grace.h"

#include "common/base/banned.h"

enum {
	WAIT_MAX_MS = 1000
};

struct releaser {
	const struct releaser_args *args;
	struct aws_client client;
	struct scoreboard_row
	    *own; /* struct jobs needs one; no process reads it */
	struct jobs jobs;
	struct settle *settle;
	size_t lost; /* messages whose receipt handle was not kept */
};

static bool
is_poison(const struct releaser *r, const struct scoreboard_held *h)
{
	return r->args->queue->poison_kills > 0 &&
	    queue_board_deaths(r->args->shared, h->id) > 0;
}

/*
 * In a stop the brake does not count: the next sqsherd may have a handler that
 * works.
 */
static bool
is_braked(const struct releaser *r)
{
	const struct queue_board *shared = r->args->shared;

	return atomic_load(&shared->stop_ms) == 0 &&
	    queue_board_brake_is_on(&shared->brake);
}

/* Poison is given back at once: the next child moves it out of the way. */
static int
retry_delay_s(const struct releaser *r, const struct scoreboard_held *h)
{
	if (is_poison(r, h))
		return 0;
	if (is_braked(r))
		return (int)(r->args->queue->retry_cap_ms / 1000);
	if (h->state == SCOREBOARD_HAND_HELD || h->receive_count <= 1)
		return 0;
	return settle_times_retry_delay_s(r->args->queue, h->receive_count - 1,
	    backoff_random());
}

static int
delay_s(const struct releaser *r, const struct scoreboard_held *h,
    int64_t now_ms)
{
	const struct releaser_args *args = r->args;
	int delay = retry_delay_s(r, h);
	int wait_time_s = grace_wait_time_s(args->settings->grace_timeout_ms,
	    (int)(args->queue->wait_time_ms / 1000));
	int hidden = grace_hide_s(atomic_load(&args->shared->stop_ms),
	    atomic_load(&args->shared->stop_children), wait_time_s, now_ms);

	return delay > hidden ? delay : hidden;
}

static void
take_over(struct releaser *r, const struct scoreboard_held *h, int64_t now_ms)
{
	struct job *j;

	if (h->receipt_handle[0] == '\0') {
		log_warn("cannot_release", log_str("id", h->id),
		    log_str("msg",
			"its receipt handle was not kept: "
			"it comes back when its timeout ends"));
		r->lost++;
		return;
	}
	j = jobs_add_held(&r->jobs, h, now_ms);
	switch (h->state) {
	case SCOREBOARD_HAND_DELETING:
		settle_delete(r->settle, j, JOB_DELETED, now_ms);
		break;
	case SCOREBOARD_HAND_MOVED:
		settle_delete(r->settle, j, JOB_REJECTED, now_ms);
		break;
	case SCOREBOARD_HAND_FREE: /* never in a snapshot */
	case SCOREBOARD_HAND_STATES:
	case SCOREBOARD_HAND_HELD:
	case SCOREBOARD_HAND_WORKING:
	case SCOREBOARD_HAND_FAILED:
		settle_give_back(r->settle, j, JOB_RELEASED,
		    delay_s(r, h, now_ms), now_ms);
		break;
	}
}

static int
open_releaser(struct releaser *r, struct error *e)
{
	const struct releaser_args *args = r->args;
	size_t i;

	if (aws_client_open(&r->client, args->settings, args->queue,
		args->credentials, e) == -1)
		return -1;
	r->own = scoreboard_row_new();
	if (r->own == NULL)
		return error_set_errno(e, ERROR_INVALID, "no memory");
	jobs_init(&r->jobs, r->own);
	r->jobs.recovers = args->row;
	r->settle =
	    settle_new(r->client.aws, args->queue, &r->jobs, NULL, NULL);
	for (i = 0; i < args->held->n_held; i++)
		take_over(r, &args->held->held[i], clock_ms());
	return 0;
}

static void
run(struct releaser *r)
{
	int64_t now_ms, next_ms;

	while (now_ms = clock_ms(),
	    r->jobs.n > 0 && now_ms < r->args->deadline_ms) {
		aws_step(r->client.aws, now_ms);
		next_ms = clock_earlier(r->args->deadline_ms,
		    settle_step(r->settle, false, false, now_ms));
		next_ms = clock_earlier(next_ms, aws_deadline(r->client.aws));
		http_wait(r->client.http, NULL, 0,
		    clock_timeout_ms(now_ms, next_ms, WAIT_MAX_MS));
	}
}

static void
give_up(struct releaser *r)
{
	const struct job *j;

	TAILQ_FOREACH(j, &r->jobs.list, entry)
		log_warn("message_not_recovered", log_str("id", j->message.id),
		    log_str("msg",
			"SQS did not confirm it in time: "
			"it comes back when its timeout ends"));
	r->lost += r->jobs.n;
}

static void
close_releaser(struct releaser *r)
{
	settle_free(r->settle);
	jobs_release(&r->jobs);
	scoreboard_row_free(r->own);
	aws_client_close(&r->client);
}

void
releaser_main(const struct releaser_args *args)
{
	static struct releaser r; /* zero; one a process */
	struct error e;

	signal(SIGPIPE, SIG_IGN);
	setproctitle("-sqsherd: releaser");
	r.args = args;
	TAILQ_INIT(&r.jobs.list);
	if (open_releaser(&r, &e) == -1) {
		log_error("release_failed", LOG_ERROR_FIELDS(&e));
		r.lost = args->held->n_held;
	} else {
		run(&r);
		give_up(&r);
	}
	close_releaser(&r);
	exit(r.lost == 0 ? EXITCODE_OK : EXITCODE_FAILED);
}
