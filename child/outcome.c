/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See outcome.h. */
#include "child/outcome.h"

#include <stdio.h>

#include "child/braking.h"
#include "child/message/settle_times.h"
#include "child/stage.h"
#include "common/aws/sqs.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/grace.h"
#include "common/ipc/queue_board.h"
#include "common/ipc/scoreboard_child.h"

#include "common/base/banned.h"

static int
release_delay_s(const struct child *c, int64_t now_ms)
{
	const struct queue_board *shared = c->args->shared;

	if (c->stage == STAGE_RUN || shared == NULL)
		return 0;
	return grace_hide_s(stage_stop_began_ms(c),
	    c->orphaned ? GRACE_CHILDREN_UNKNOWN
			: atomic_load(&shared->stop_children),
	    c->wait_time_s, now_ms);
}

void
outcome_release(struct child *c, struct job *j, int64_t now_ms)
{
	settle_give_back(c->settle, j, JOB_RELEASED, release_delay_s(c, now_ms),
	    now_ms);
}

/*
 * When a message of a FIFO group fails, the messages behind it are given back
 * as well: they must not be worked before it.
 */
static void
release_group(struct child *c, const struct job *failed, int64_t now_ms)
{
	struct job *j;

	if (!c->queue->fifo)
		return;
	TAILQ_FOREACH(j, &c->jobs.list, entry)
		if (j->state == JOB_HELD && job_same_group(j, failed))
			outcome_release(c, j, now_ms);
}

/* delay_ms: as the handler named it; -1: by receive count. */
static void
on_retry(struct child *c, struct job *j, int64_t delay_ms, int64_t now_ms)
{
	int delay_s, hidden_s = release_delay_s(c, now_ms);

	/* While the brake is on, the message must not come again soon. */
	if (brake_is_on(&c->brake) && delay_ms < c->queue->retry_cap_ms)
		delay_ms = c->queue->retry_cap_ms;
	if (delay_ms < 0)
		delay_s = settle_times_retry_delay_s(c->queue,
		    j->message.receive_count, backoff_random());
	else if (delay_ms < SQS_VISIBILITY_MAX_S * INT64_C(1000))
		delay_s = (int)((delay_ms + 999) / 1000);
	else
		delay_s = SQS_VISIBILITY_MAX_S; /* or what is left of it */
	if (c->stage == STAGE_RELEASE)
		outcome_release(c, j, now_ms);
	else
		settle_give_back(c->settle, j, JOB_RETRIED,
		    delay_s > hidden_s ? delay_s : hidden_s, now_ms);
	release_group(c, j, now_ms);
}

static void
reject(struct child *c, struct job *j, int64_t now_ms)
{
	j->verdict = verdict_name(VERDICT_REJECT);
	/* The next child that receives the message can reject it as well. */
	if (j->lost)
		on_retry(c, j, -1, now_ms);
	else
		deadletter_move(c->deadletter, j, now_ms);
}

/*
 * A message that cannot be moved is retried; a message that children died of is
 * retried as late as SQS allows.
 */
void
outcome_not_moved(void *arg, struct job *j, const char *why)
{
	struct child *c = arg;

	log_warn("reject_failed", log_str("id", j->message.id),
	    log_str("error", why));
	(void)snprintf(j->reason, sizeof(j->reason), "not moved: %s", why);
	on_retry(c, j, j->kills > 0 ? c->queue->retry_cap_ms : -1, clock_ms());
}

/*
 * Another child may have the message by now.  A message that is worked is done
 * twice at worst; a message that waits, and those of its group, are not to be
 * begun.
 */
void
outcome_lost(void *arg, struct job *j, int64_t now_ms)
{
	struct child *c = arg;

	if (j->state == JOB_FETCHING)
		(void)fetch_cancel(c->fetch);
	/* Ends the job without a call: a message that is lost cannot be given
	   back. */
	if (j->state == JOB_HELD || j->state == JOB_FETCHING)
		outcome_release(c, j, now_ms);
	else if (j->state == JOB_WORKING &&
	    c->queue->on_ownership_lost == OWNERSHIP_LOST_KILL)
		c->ops->cancel(c->handler, j, c->queue->job_kill_timeout_ms,
		    now_ms);
	release_group(c, j, now_ms);
}

static void
on_broken(struct child *c, struct job *j, int64_t now_ms)
{
	if (c->stage == STAGE_RELEASE)
		outcome_release(c, j, now_ms);
	else
		settle_give_back(c->settle, j, JOB_RELEASED, braking_delay_s(c),
		    now_ms);
	release_group(c, j, now_ms);
}

/*
 * A failure of the handler becomes the child's last error, except while SQS
 * takes no settle: a person has to know that first.
 */
static void
set_last_error(struct child *c, const struct job *j, enum verdict verdict,
    int64_t now_ms)
{
	char text[SCOREBOARD_ERROR_MAX + 1];

	if (verdict == VERDICT_DONE || settle_in_trouble(c->settle))
		return;
	job_describe_failure(j, text, sizeof(text));
	scoreboard_set_error(c->row, text, now_ms);
}

void
outcome_of_verdict(void *cookie, const struct handler_result *r)
{
	struct job *j = cookie;
	struct child *c = j->owner;
	int64_t now_ms = clock_ms();

	j->verdict = verdict_name(r->verdict);
	j->exit_status = r->exit_status;
	j->signal = r->signal;
	(void)snprintf(j->reason, sizeof(j->reason), "%s",
	    r->reason != NULL ? r->reason : "");
	if (r->timed_out)
		scoreboard_count(c->row, SCOREBOARD_JOB_TIMEOUTS, 1);
	if (r->out_of_memory)
		scoreboard_count(c->row, SCOREBOARD_OOM_KILLS, 1);
	if (r->verdict != VERDICT_BROKEN && j->state == JOB_WORKING)
		receive_max_handled(&c->receive_max, now_ms - job_begun_ms(j),
		    now_ms);
	if (r->verdict == VERDICT_DONE)
		braking_on_success(c);
	else
		braking_on_failure(c, j, r, now_ms);
	set_last_error(c, j, r->verdict, now_ms);
	switch (r->verdict) {
	case VERDICT_DONE:
		settle_delete(c->settle, j, JOB_DELETED, now_ms);
		break;
	case VERDICT_REJECT:
		/* While the brake is on the handler may reject everything, so
		   its verdict does not move a message out of the queue. */
		if (brake_is_on(&c->brake))
			on_retry(c, j, -1, now_ms);
		else
			reject(c, j, now_ms);
		break;
	case VERDICT_RETRY:
		on_retry(c, j, r->delay_ms, now_ms);
		break;
	case VERDICT_BROKEN:
		on_broken(c, j, now_ms);
		break;
	}
}

void
outcome_poisoned(struct child *c, struct job *j, int64_t now_ms)
{
	log_error("poison_rejected", log_str("id", j->message.id),
	    log_int("deaths", j->kills));
	(void)snprintf(j->reason, sizeof(j->reason), "%u children died of it",
	    j->kills);
	reject(c, j, now_ms);
}

void
outcome_release_held(struct child *c, int64_t now_ms)
{
	struct job *j;

	TAILQ_FOREACH(j, &c->jobs.list, entry)
		if (j->state == JOB_HELD)
			outcome_release(c, j, now_ms);
}

void
outcome_release_unbegun(struct child *c, int64_t now_ms)
{
	struct job *fetched = fetch_cancel(c->fetch);

	if (fetched != NULL)
		outcome_release(c, fetched, now_ms);
	outcome_release_held(c, now_ms);
}

void
outcome_release_blocked(struct child *c, int64_t now_ms)
{
	struct job *j;

	TAILQ_FOREACH(j, &c->jobs.list, entry)
		if (job_is_given_back(j))
			release_group(c, j, now_ms);
}
