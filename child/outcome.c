/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What becomes of a message.  See state.h.
 */
#include <stdio.h>
#include <string.h>

#include "child/state.h"
#include "common/aws/sqs.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/grace.h"

#include "common/base/banned.h"

enum {
	NOT_EXECUTABLE = 126, /* as shells and env(1) say it */
	NOT_FOUND = 127
};

static int
release_delay_s(const struct child *c, int64_t now_ms)
{
	const struct scoreboard_queue *shared = c->args->shared;

	if (c->stage == STAGE_RUN || shared == NULL)
		return 0;
	return grace_hide_s(child_stop_began_ms(c),
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
 * A failure in a FIFO group gives the messages behind it back as well: they
 * must not be worked before it.
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

	/* Nobody shall receive it again while the handler may not work. */
	if (brake_is_on(&c->brake) && delay_ms < c->queue->retry_cap_ms)
		delay_ms = c->queue->retry_cap_ms;
	if (delay_ms < 0)
		delay_s = settle_retry_delay_s(c->queue,
		    j->message.receive_count, backoff_random());
	else if (delay_ms < SQS_VISIBILITY_MAX_S * INT64_C(1000))
		delay_s = (int)((delay_ms + 999) / 1000);
	else
		delay_s = SQS_VISIBILITY_MAX_S; /* settle.c knows the rest */
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
	/* Whoever has it now can reject it as well. */
	if (j->lost)
		on_retry(c, j, -1, now_ms);
	else
		deadletter_move(c->deadletter, j, now_ms);
}

/* What cannot be moved is retried; what kills children, as late as can be. */
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
 * Another may have the message by now.  One that works is done twice at the
 * worst; one that waits, or whose group waits, is not to be begun.
 */
void
outcome_lost(void *arg, struct job *j, int64_t now_ms)
{
	struct child *c = arg;

	if (j->state == JOB_FETCHING)
		(void)fetch_cancel(c->fetch);
	if (j->state == JOB_HELD || j->state == JOB_FETCHING)
		outcome_release(c, j, now_ms); /* settle.c tells nobody of it */
	else if (j->state == JOB_WORKING &&
	    c->queue->on_ownership_lost == OWNERSHIP_LOST_KILL)
		c->ops->cancel(c->handler, j, c->queue->job_kill_timeout_ms,
		    now_ms);
	release_group(c, j, now_ms);
}

/* ---- the brake ---- */

static int
cap_s(const struct child *c)
{
	return (int)(c->queue->retry_cap_ms / 1000);
}

static void
give_back_unbegun(struct child *c, struct job *j, int64_t now_ms)
{
	(void)snprintf(j->reason, sizeof(j->reason),
	    "the handler does not work");
	settle_give_back(c->settle, j, JOB_RELEASED, cap_s(c), now_ms);
}

/*
 * What waits is not begun with a handler that may not work, but given back for
 * as long as a retry can take: receiving it again soon would only raise its
 * receive count.
 */
void
outcome_check_brake(struct child *c, int64_t now_ms)
{
	struct job *j;

	if (!brake_is_on(&c->brake) || brake_is_trying(&c->brake) ||
	    !child_is_at_work(c))
		return;
	TAILQ_FOREACH(j, &c->jobs.list, entry)
		if (j->state == JOB_HELD)
			give_back_unbegun(c, j, now_ms);
}

/*
 * A wrapper or an interpreter that does not find the program says so by these
 * statuses; but a handler that has worked may mean something else by them.
 */
static bool
cannot_start(const struct child *c, const struct handler_result *r)
{
	return r->verdict == VERDICT_BROKEN ||
	    (r->verdict == VERDICT_RETRY && !brake_has_succeeded(&c->brake) &&
		(r->exit_status == NOT_EXECUTABLE ||
		    r->exit_status == NOT_FOUND));
}

static void
describe_failure(const struct job *j, char *to, size_t size)
{
	if (j->reason[0] != '\0')
		(void)snprintf(to, size, "%s", j->reason);
	else if (j->signal != 0)
		(void)snprintf(to, size, "signal %d", j->signal);
	else
		(void)snprintf(to, size, "exit status %d", j->exit_status);
}

static void
log_brake_on(const struct child *c, bool is_no_start)
{
	log_error("brake_on", log_str("error", brake_why(&c->brake)),
	    log_str("msg",
		is_no_start ? "the handler cannot be started: one child tries "
			      "now and then, until a message is done"
			    : "the handler fails at everything: one child "
			      "tries now and then, until a message is done"));
}

bool
outcome_look(struct child *c, int64_t now_ms)
{
	char why[SCOREBOARD_ERROR_MAX + 1];
	struct error e;

	if (c->ops->usable(c->handler, &e)) {
		if (brake_can_start(&c->brake))
			log_info("brake_released",
			    log_str("msg",
				"the handler can be started: all children "
				"receive again"));
		return true;
	}
	(void)snprintf(why, sizeof(why),
	    "cannot start \"%s\": ", c->queue->command[0]);
	(void)strlcat(why, e.text, sizeof(why));
	if (brake_cannot_start(&c->brake, why, now_ms))
		log_brake_on(c, true);
	return false;
}

static void
on_handler_done(struct child *c)
{
	if (brake_succeed(&c->brake))
		log_info("brake_released",
		    log_str("msg",
			"a message was done: all children receive again"));
}

/* "No such file" is no help about one that is there. */
static void
describe_no_start(const struct child *c, const struct job *j, char *to,
    size_t size)
{
	struct error e;

	describe_failure(j, to, size);
	if (c->ops->usable(c->handler, &e))
		return;
	(void)strlcat(to, "; ", size);
	(void)strlcat(to, e.text, size);
}

/* Only what a handler was given, and not what a stop or a loss cut short. */
static void
on_handler_failed(struct child *c, const struct job *j, bool is_no_start,
    int64_t now_ms)
{
	char why[SCOREBOARD_ERROR_MAX + 1];

	if (j->state != JOB_WORKING || j->lost || c->stage == STAGE_RELEASE)
		return;
	if (is_no_start)
		describe_no_start(c, j, why, sizeof(why));
	else
		describe_failure(j, why, sizeof(why));
	if (brake_fail(&c->brake, j->message.id, is_no_start, why, now_ms))
		log_brake_on(c, is_no_start);
}

static void
on_broken(struct child *c, struct job *j, int64_t now_ms)
{
	if (c->stage == STAGE_RELEASE)
		outcome_release(c, j, now_ms);
	else
		settle_give_back(c->settle, j, JOB_RELEASED, cap_s(c), now_ms);
	release_group(c, j, now_ms);
}

/*
 * The last error of a child is also that of its handler; but not as long as
 * SQS takes no verdict: then that is what a person has to know.
 */
static void
show_verdict(struct child *c, const struct job *j, enum verdict verdict,
    int64_t now_ms)
{
	char text[SCOREBOARD_ERROR_MAX + 1];

	if (verdict == VERDICT_DONE || settle_in_trouble(c->settle))
		return;
	describe_failure(j, text, sizeof(text));
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
		on_handler_done(c);
	else
		on_handler_failed(c, j, cannot_start(c, r), now_ms);
	show_verdict(c, j, r->verdict, now_ms);
	switch (r->verdict) {
	case VERDICT_DONE:
		settle_delete(c->settle, j, JOB_DELETED, now_ms);
		break;
	case VERDICT_REJECT:
		/* The word of a handler that rejects everything is no reason
		   to move a message out of the queue. */
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
outcome_release_blocked(struct child *c, int64_t now_ms)
{
	struct job *j;

	TAILQ_FOREACH(j, &c->jobs.list, entry)
		if (j->state == JOB_SETTLING &&
		    (j->outcome == JOB_RETRIED || j->outcome == JOB_RELEASED))
			release_group(c, j, now_ms);
}
