/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The poller: one loop around one wait.  It receives, begins what it received,
 * extends what takes long, settles what has a verdict, and on a signal stops
 * in the way it was asked to.  Nothing in here blocks: while a handler works
 * its visibility must be extended, and signals must be seen at once.
 * See child.h.
 */
#include "child/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "child/braking.h"
#include "child/child_status.h"
#include "child/outcome.h"
#include "child/receiving.h"
#include "child/signals.h"
#include "child/stage.h"
#include "child/state.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "common/ipc/grace.h"
#include "common/ipc/scoreboard_child.h"

#include "common/base/banned.h"

enum {
	WAIT_MAX_MS = 60000
};

static const struct handler_ops *const handler_kinds[] = {
	[HANDLER_KIND_EXEC] = &handler_exec,
};

/* ---- messages ---- */

static void
begin(struct child *c, struct job *j, int64_t now_ms)
{
	jobs_begin_work(&c->jobs, j, now_ms);
	c->ops->begin(c->handler, &j->payload, now_ms, j);
}

static void
on_fetched(void *arg, struct job *j, const struct handler_result *failed)
{
	if (failed != NULL)
		outcome_of_verdict(j, failed);
	else
		begin(arg, j, clock_ms());
}

/*
 * One object is fetched at a time, and no message is begun while a fetch is
 * under way.  Each begin may put the brake on, and then no further message is
 * begun.
 */
static void
begin_jobs(struct child *c, int64_t now_ms)
{
	struct job *j;

	if (!stage_is_at_work(c))
		return;
	while (braking_give_back_held(c, now_ms),
	    c->ops->room(c->handler) > 0 && !fetch_is_busy(c->fetch) &&
		(j = jobs_next_held(&c->jobs)) != NULL) {
		payload_open(&j->payload, &j->message, c->queue);
		if (fetch_is_wanted(c->fetch, &j->payload))
			fetch_start(c->fetch, j, now_ms);
		else
			begin(c, j, now_ms);
	}
}

/* ---- messages that wait ---- */

static int64_t
patience_end_ms(const struct child *c)
{
	int64_t since_ms = jobs_waiting_since(&c->jobs);
	int64_t patience_ms = receive_max_patience_ms(&c->receive_max);

	return since_ms == CLOCK_NEVER || patience_ms == CLOCK_NEVER
	    ? CLOCK_NEVER
	    : since_ms + patience_ms;
}

/*
 * Gives back the messages that wait behind a long job: another child can work
 * them.  Returns when to be called next.
 */
static int64_t
release_impatient(struct child *c, int64_t now_ms)
{
	int64_t end_ms = patience_end_ms(c);
	struct job *j;

	if (end_ms > now_ms)
		return end_ms;
	receive_max_handled(&c->receive_max, RECEIVE_MAX_PATIENCE_MS, now_ms);
	TAILQ_FOREACH(j, &c->jobs.list, entry)
		if (j->state == JOB_HELD)
			(void)snprintf(j->reason, sizeof(j->reason),
			    "waited behind another");
	outcome_release_held(c, now_ms);
	return CLOCK_NEVER;
}

/* ---- recycling ---- */

static uint64_t
count_received(const struct child *c)
{
	return atomic_load(&c->row->counters[SCOREBOARD_RECEIVED]);
}

static void
wake_supervisor(const struct child *c)
{
	const uint64_t one = 1;

	if (c->args->wake_fd != -1)
		(void)!write(c->args->wake_fd, &one, sizeof(one));
}

/*
 * Without a supervisor no signal follows a request to be replaced, so the child
 * begins its drain by itself.
 */
static void
ask_to_go(struct child *c, int64_t now_ms)
{
	log_debug("recycle",
	    log_int("messages", (long long)c->recycle.messages),
	    log_ms("age", now_ms - c->recycle.began_ms),
	    log_int(c->recycle.memory > 0 ? "memory" : NULL,
		c->recycle.memory));
	recycle_asked(&c->recycle, now_ms);
	scoreboard_set_ask(c->row, c->recycle.reason);
	wake_supervisor(c);
	if (c->args->parent == 0)
		stage_begin_drain(c, now_ms);
}

/* Returns when to be called next; now_ms if it has asked for a replacement. */
static int64_t
recycle(struct child *c, int64_t now_ms)
{
	int64_t next_ms;

	if (c->stage != STAGE_RUN) {
		c->leaving = false;
		return CLOCK_NEVER;
	}
	next_ms = recycle_step(&c->recycle,
	    count_received(c) - c->received_before, now_ms);
	c->leaving = recycle_holds(&c->recycle, now_ms);
	if (!recycle_must_ask(&c->recycle) || c->jobs.n > 0 ||
	    receive_is_polling(c->receive))
		return next_ms;
	ask_to_go(c, now_ms);
	return now_ms;
}

/* ---- the loop ---- */

static int64_t
step_settle(struct child *c, int64_t now_ms)
{
	/* While the child ends, no delete waits for others. */
	bool gather = c->stage == STAGE_RUN &&
	    receive_max_is_quick(&c->receive_max, c->jobs.n_unsettled);

	return settle_step(c->settle, gather, stage_is_awaited(c), now_ms);
}

/*
 * Steps each part once: starts what can start, sends what is due.  Returns when
 * to do so again, if nothing happens before.
 *
 * Each step returns when it wants to be called next, so a part that got work
 * after its step would not be called for it.  That does not happen:
 *
 *   - Answers, signals and the ends of processes come with the wait, before the
 *     list.  aws_step, which ends calls as well, comes early in the list.
 *   - Work goes down the list: a handler or a fetch is begun before it is
 *     stepped, a verdict is given before the dead-letter queue and settle are
 *     stepped, and receiving, which looks at what is in hand, comes after them.
 *   - What goes up the list goes through a callback: a verdict or the end of a
 *     fetch makes room for the next message, and a handler is stopped because
 *     its message is lost.  A step that has called back returns now_ms, and so
 *     does recycle, if it has begun the drain: the list is stepped again.
 *   - Calls are started all over the list, and may have to wait for
 *     credentials: so aws_deadline is asked last.
 */
static int64_t
step_parts(struct child *c, int64_t now_ms)
{
	/* The supervisor kills a child whose loop stands still for
	   heartbeat_timeout. */
	int64_t next_ms = now_ms + c->settings->heartbeat_timeout_ms / 3;

	next_ms = clock_earlier(next_ms, stage_step(c, now_ms));
	if (!stage_is_at_work(c))
		outcome_release_unbegun(c, now_ms);
	aws_step(c->client.aws, now_ms);
	next_ms = clock_earlier(next_ms, recycle(c, now_ms));
	begin_jobs(c, now_ms);
	next_ms = clock_earlier(next_ms, release_impatient(c, now_ms));
	next_ms = clock_earlier(next_ms, fetch_step(c->fetch, now_ms));
	next_ms = clock_earlier(next_ms, c->ops->step(c->handler, now_ms));
	next_ms =
	    clock_earlier(next_ms, deadletter_step(c->deadletter, now_ms));
	next_ms = clock_earlier(next_ms, step_settle(c, now_ms));
	next_ms = clock_earlier(next_ms, receiving_step(c, now_ms));
	next_ms = clock_earlier(next_ms, child_status_step(c, now_ms));
	return clock_earlier(next_ms, aws_deadline(c->client.aws));
}

static void
fill_waitfds(struct child *c)
{
	c->n_fds = 0;
	c->fds[c->n_fds++] = (struct curl_waitfd){ .fd = c->signal_fd,
		.events = CURL_WAIT_POLLIN };
	/* At its end of file the descriptor would be ready for ever. */
	if (c->args->death_fd != -1 && !c->orphaned)
		c->fds[c->n_fds++] =
		    (struct curl_waitfd){ .fd = c->args->death_fd,
			    .events = CURL_WAIT_POLLIN };
	c->idle_pollers_at = c->n_fds;
	if (idle_pollers_fd(&c->idle_pollers) != -1)
		c->fds[c->n_fds++] =
		    (struct curl_waitfd){ .fd =
					      idle_pollers_fd(&c->idle_pollers),
			    .events = CURL_WAIT_POLLIN };
	c->n_fds += c->ops->waitfds(c->handler, c->fds + c->n_fds,
	    WAITFDS_MAX - c->n_fds);
}

/* Waits, and passes on what has happened meanwhile. */
static void
wait_until(struct child *c, int64_t now_ms, int64_t next_ms)
{
	fill_waitfds(c);
	http_wait(c->client.http, c->fds, c->n_fds,
	    clock_timeout_ms(now_ms, next_ms, WAIT_MAX_MS));
	now_ms = clock_ms();
	scoreboard_set_progress(c->row, now_ms);
	if (c->fds[0].revents != 0)
		signals_read(c, now_ms);
	if (idle_pollers_fd(&c->idle_pollers) != -1 &&
	    c->fds[c->idle_pollers_at].revents != 0)
		idle_pollers_woken(&c->idle_pollers);
}

static void
turn(struct child *c)
{
	int64_t now_ms = clock_ms();
	int64_t next_ms = step_parts(c, now_ms);

	if (!stage_is_over(c, now_ms))
		wait_until(c, now_ms, next_ms);
}

static int
open_child(struct child *c, struct error *e)
{
	const struct handler_args handler_args = { c->queue,
		outcome_of_verdict };

	c->wait_time_s = grace_wait_time_s(c->settings->grace_timeout_ms,
	    (int)(c->queue->wait_time_ms / 1000));

	c->signal_fd = signals_open();
	if (c->signal_fd == -1)
		return error_set_errno(e, ERROR_INVALID, "cannot open signals");
	if (aws_client_open(&c->client, c->settings, c->queue,
		c->args->credentials, e) == -1)
		return -1;
	if (idle_pollers_open(&c->idle_pollers, c->args->shared, c->args->slot,
		c->queue->idle_pollers, c->args->idle_pollers_fd) == -1)
		return error_set_errno(e, ERROR_INVALID, "cannot open turns");
	receive_max_init(&c->receive_max, c->queue->receive_max);
	brake_init(&c->brake, c->args->shared, c->queue, c->args->slot);
	jobs_init(&c->jobs, c->row);
	c->jobs.fifo = c->queue->fifo;
	c->receive = receive_new(c->client.aws, c->queue, c->wait_time_s,
	    receiving_on_messages, c);
	c->settle =
	    settle_new(c->client.aws, c->queue, &c->jobs, outcome_lost, c);
	c->deadletter = deadletter_new(c->client.aws, c->queue, &c->jobs,
	    c->settle, outcome_not_moved, c);
	c->fetch = fetch_new(c->client.s3, c->queue, on_fetched, c);
	c->ops = c->args->ops != NULL ? c->args->ops
				      : handler_kinds[c->queue->handler];
	c->handler = c->ops->open(&handler_args, e);
	return c->handler != NULL ? 0 : -1;
}

static void
close_child(struct child *c)
{
	if (c->handler != NULL)
		c->ops->close(c->handler);
	if (c->brake.page != NULL)
		brake_give_up(&c->brake);
	idle_pollers_close(&c->idle_pollers);
	receive_free(c->receive);
	fetch_free(c->fetch);
	deadletter_free(c->deadletter);
	settle_free(c->settle);
	jobs_release(&c->jobs);
	aws_client_close(&c->client);
	close(c->signal_fd);
}

static int
run(struct child *c)
{
	recycle_init(&c->recycle, c->queue, backoff_random(), clock_ms());
	c->received_before = count_received(c);
	child_status_open(c, clock_ms());
	wake_supervisor(c);
	(void)braking_check_handler(c, clock_ms());
	/* Signals that came before signals_open are pending; they are read
	   before the first poll. */
	signals_read(c, clock_ms());
	while (!stage_is_over(c, clock_ms()))
		turn(c);
	return c->forced || c->jobs.n > 0 ? EXITCODE_FORCED : EXITCODE_OK;
}

void
child_main(const struct child_args *args)
{
	static struct child c; /* zero; one a process */
	struct error e;
	int status = EXITCODE_INTERNAL;

	c.args = args;
	c.settings = args->settings;
	c.queue = args->queue;
	c.row = args->row;
	c.release_at_ms = c.give_up_at_ms = CLOCK_NEVER;
	c.idle_pollers.turn = c.idle_pollers.watch_fd = -1;
	if (args->shared != NULL)
		log_share(args->shared->said);
	if (open_child(&c, &e) == -1)
		log_error("child_failed", LOG_ERROR_FIELDS(&e));
	else
		status = run(&c);
	close_child(&c);
	exit(status);
}
