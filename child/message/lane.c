/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See lane.h. */
#include "child/message/lane.h"

#include <string.h>

#include "child/message/ownership.h"
#include "child/message/settle_times.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/http/aws_error.h"
#include "common/ipc/scoreboard_child.h"

#include "common/base/banned.h"

enum {
	RETRY_BASE_MS = 200,
	RETRY_CAP_MS = 10000,
	EXTEND_PATIENCE_MS = 1000,
	/* A first call that hangs leaves time for two more: an extension goes
	   out at a third of the timeout. */
	PATIENCE_PART = 6,
	PATIENCE_DOUBLINGS = 3
};

const struct lane *
lane_of(const struct settle *s, const struct job *j)
{
	return &s->lanes[job_is_given_back(j) ? LANE_GIVE_BACK : LANE_DELETE];
}

/* When this job is to go in this lane; CLOCK_NEVER: it is not. */
static int64_t
wanted_ms(const struct lane *l, const struct job *j)
{
	if (j->lane != NULL)
		return CLOCK_NEVER;
	if (l->kind == LANE_EXTEND)
		return job_is_given_back(j) ? CLOCK_NEVER : j->extend_at_ms;
	return j->state == JOB_SETTLING && lane_of(l->settle, j) == l
	    ? j->settle_at_ms
	    : CLOCK_NEVER;
}

/* When the job can go, which is not before the pause of the lane is over. */
static int64_t
due_ms(const struct lane *l, const struct job *j)
{
	int64_t wanted = wanted_ms(l, j);

	return wanted > l->next_ms ? wanted : l->next_ms;
}

/*
 * Is the job to go now?  When one job is extended, others that are due soon go
 * along.
 */
static bool
is_due(const struct lane *l, const struct job *j, int64_t now_ms)
{
	int64_t due = due_ms(l, j);

	if (due == CLOCK_NEVER)
		return false;
	if (l->kind != LANE_EXTEND)
		return due <= now_ms;
	if (l->n > 0)
		due -= l->settle->queue->visibility_timeout_ms / 12;
	return due <= now_ms;
}

static void
add_to_batch(struct lane *l, struct job *j, int64_t now_ms)
{
	int timeout = 0;

	if (l->kind == LANE_GIVE_BACK) {
		timeout = j->delay_s;
	} else if (l->kind == LANE_EXTEND) {
		timeout = settle_times_extension_s(j->received_ms, now_ms,
		    (int)(l->settle->queue->visibility_timeout_ms / 1000));
		if (timeout == 0) {
			ownership_end_at_limit(l->settle, j, now_ms);
			return;
		}
	}
	l->jobs[l->n] = j;
	l->timeouts_s[l->n] = timeout;
	l->n++;
	j->lane = l;
}

/* May the job go in the batch that is being collected? */
static bool
goes_along(const struct lane *l, const struct job *j)
{
	return l->n == 0 ||
	    (l->n < SQS_BATCH_MAX && !l->jobs[0]->alone && !j->alone);
}

/*
 * Of a FIFO group the last message is given back first: the group must not be
 * open while an earlier message is still hidden and a later one is not.  So no
 * message overtakes one that has to go alone.
 */
static void
collect(struct lane *l, int64_t now_ms)
{
	struct jobs *js = l->settle->jobs;
	bool backwards = l->kind == LANE_GIVE_BACK;
	struct job *j = backwards ? TAILQ_LAST(&js->list, job_list)
				  : TAILQ_FIRST(&js->list);

	l->n = 0;
	for (; j != NULL; j = backwards ? TAILQ_PREV(j, job_list, entry)
					: TAILQ_NEXT(j, entry)) {
		if (!is_due(l, j, now_ms))
			continue;
		if (!goes_along(l, j))
			break;
		add_to_batch(l, j, now_ms);
	}
}

/* The pause after a failure; it must not make an extension late. */
static int64_t
pause_ms(const struct lane *l, unsigned failures)
{
	int64_t cap = RETRY_CAP_MS;

	if (l->kind == LANE_EXTEND)
		cap = clock_earlier(cap,
		    l->settle->queue->visibility_timeout_ms / PATIENCE_PART);
	return backoff_half_jitter_ms(backoff_limit_ms(failures, RETRY_BASE_MS,
					  cap),
	    backoff_random());
}

/*
 * This job failed in a way that may heal, while others of its batch did not
 * fail.
 */
static void
postpone(struct lane *l, struct job *j, int64_t now_ms)
{
	int64_t at_ms = now_ms + pause_ms(l, ++j->settle_tries);

	if (l->kind == LANE_EXTEND)
		j->extend_at_ms = at_ms;
	else
		j->settle_at_ms = at_ms;
}

static void
on_success(struct lane *l, struct job *j, int timeout, int64_t now_ms)
{
	if (l->kind != LANE_EXTEND) {
		jobs_end(l->settle->jobs, j, j->outcome, now_ms);
		return;
	}
	/* SQS counts the timeout from the arrival of the call, so from sent_ms
	   or later. */
	j->visible_at_ms = l->sent_ms + timeout * INT64_C(1000);
	j->settle_tries = 0;
	scoreboard_set_visible_at(l->settle->jobs->row, j->hand,
	    j->visible_at_ms);
	ownership_plan_extension(l->settle, j, l->sent_ms, timeout, now_ms);
}

/* Another child has the message now, or will have it. */
static void
on_not_ours(struct lane *l, struct job *j, const char *code, int64_t now_ms)
{
	ownership_end(l->settle, j, code, now_ms);
	if (l->kind != LANE_EXTEND)
		jobs_end(l->settle->jobs, j, JOB_EXPIRED, now_ms);
}

/* ERROR_NONE: SQS has done it. */
static enum error_kind
kind_of(const struct sqs_entry_result *r)
{
	enum error_kind kind;

	if (!r->answered)
		return ERROR_RETRY;
	kind = r->failed ? aws_classify(r->code, 0) : ERROR_NONE;
	/* In a batch only the receipt handle can be an invalid parameter: "the
	   receipt handle has expired", "not available for visibility timeout
	   change". */
	return kind == ERROR_INVALID ? ERROR_NOT_OURS : kind;
}

static void
on_entry(struct lane *l, struct job *j, int timeout,
    const struct sqs_entry_result *r, int64_t now_ms)
{
	enum error_kind kind = kind_of(r);

	j->lane = NULL;
	j->alone = false;
	if (kind == ERROR_NONE) {
		on_success(l, j, timeout, now_ms);
		return;
	}
	if (kind == ERROR_NOT_OURS) {
		on_not_ours(l, j, r->code, now_ms);
		return;
	}
	log_warn("settle_retry", log_str("id", j->message.id),
	    log_str("code", r->answered ? r->code : "unanswered"),
	    log_str("error", r->text));
	postpone(l, j, now_ms);
}

static const char *const operations[] = { [LANE_DELETE] = "DeleteMessageBatch",
	[LANE_GIVE_BACK] = "ChangeMessageVisibilityBatch",
	[LANE_EXTEND] = "ChangeMessageVisibilityBatch" };

static void
log_failure(struct lane *l, const struct error *e, int64_t now_ms)
{
	struct log_repeat *r = &l->complaints;

	if (!log_repeat_is_due(r, error_kind_name(e->kind), LOG_REPEAT_MS,
		now_ms))
		return;
	log_warn("call_failed", log_str("operation", operations[l->kind]),
	    log_str("kind", error_kind_name(e->kind)), LOG_ERROR_FIELDS(e),
	    log_int("messages", (long long)l->n),
	    log_int("failures", l->failures + 1),
	    log_int(r->unlogged > 0 ? "unlogged" : NULL, r->unlogged));
}

/*
 * The whole call failed, so its jobs are as due as before, and go together when
 * the pause of the lane is over.
 */
static void
on_call_failed(struct lane *l, const struct error *e, int64_t now_ms)
{
	struct settle *s = l->settle;
	size_t i;

	log_failure(l, e, now_ms);
	scoreboard_count(s->jobs->row, SCOREBOARD_ERRORS, 1);
	scoreboard_set_failure(s->jobs->row, e, now_ms);
	l->failures++;
	l->next_ms = now_ms + pause_ms(l, l->failures);
	if (l->kind != LANE_EXTEND)
		s->in_trouble = true;
	for (i = 0; i < l->n; i++)
		l->jobs[i]->lane = NULL;
}

static void
on_call_worked(struct lane *l)
{
	if (l->failures > 0)
		log_info("call_recovered",
		    log_str("operation", operations[l->kind]),
		    log_int("failures", l->failures));
	l->failures = 0;
	log_repeat_end(&l->complaints);
	l->next_ms = 0;
	if (l->kind != LANE_EXTEND)
		l->settle->in_trouble = false;
}

/* If all entries failed in a way that may heal, so has the call. */
static bool
all_failed(const struct lane *l, const struct sqs_entry_result *results,
    struct error *ret)
{
	const struct sqs_entry_result *r = results;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (kind_of(&results[i]) == ERROR_NONE ||
		    kind_of(&results[i]) == ERROR_NOT_OURS)
			return false;
	error_set(ret, kind_of(r), "%s",
	    r->answered ? r->text : "the answer does not mention the message");
	(void)strlcpy(ret->code, r->code, sizeof(ret->code));
	return true;
}

/*
 * The batch was refused as a whole, which some servers do for one entry: each
 * entry goes alone now, so that the guilty one takes no other with it.
 */
static void
split(struct lane *l, const struct error *e, int64_t now_ms)
{
	size_t i;

	if (log_repeat_is_due(&l->refusals, e->code, LOG_REPEAT_MS, now_ms))
		log_warn("batch_refused",
		    log_str("operation", operations[l->kind]),
		    LOG_ERROR_FIELDS(e), log_int("messages", (long long)l->n),
		    log_str("msg",
			"the whole batch was refused: "
			"its messages go one by one"));
	for (i = 0; i < l->n; i++) {
		l->jobs[i]->lane = NULL;
		l->jobs[i]->alone = true;
	}
}

/*
 * May the call have been refused for what its entries say?  The refusal of a
 * call with one entry is the answer about that entry: only its receipt handle
 * could be wrong.
 */
static bool
blames_entries(const struct error *e)
{
	return e->http_status >= 400 && e->http_status < 500 &&
	    aws_blames_entries(e->code);
}

static bool
on_refused(struct lane *l, const struct error *e, int64_t now_ms)
{
	struct job *j = l->jobs[0];

	if (!blames_entries(e))
		return false;
	on_call_worked(l);
	if (l->n > 1) {
		split(l, e, now_ms);
		return true;
	}
	j->lane = NULL;
	j->alone = false;
	on_not_ours(l, j, e->code, now_ms);
	return true;
}

static void
on_answer(void *arg, struct span answer, const struct error *e)
{
	struct lane *l = arg;
	struct sqs_entry_result results[SQS_BATCH_MAX];
	struct error bad;
	int64_t now_ms = clock_ms();
	size_t i;

	l->call = NULL;
	if (e != NULL && on_refused(l, e, now_ms))
		return;
	if (e == NULL &&
	    (sqs_parse_batch(answer, results, l->n, &bad) == -1 ||
		all_failed(l, results, &bad)))
		e = &bad;
	if (e != NULL) {
		on_call_failed(l, e, now_ms);
		return;
	}
	on_call_worked(l);
	for (i = 0; i < l->n; i++)
		on_entry(l, l->jobs[i], l->timeouts_s[i], &results[i], now_ms);
}

static void
send_batch(struct lane *l, int64_t now_ms)
{
	const char *handles[SQS_BATCH_MAX];
	struct buf body = BUF_INIT(SQS_REQUEST_MAX);
	const char *url = l->settle->queue->queue_url;
	size_t i;

	for (i = 0; i < l->n; i++)
		handles[i] = l->jobs[i]->message.receipt_handle;
	if (l->kind == LANE_DELETE)
		sqs_delete_message_batch(&body, url, handles, l->n);
	else
		sqs_change_message_visibility_batch(&body, url, handles,
		    l->timeouts_s, l->n);
	if (l->kind == LANE_EXTEND)
		l->settle->unit = backoff_random();
	l->sent_ms = now_ms;
	l->call = aws_start(l->settle->aws, operations[l->kind], &body, 0,
	    on_answer, l);
}

static bool
is_waited_for(const struct lane *l)
{
	size_t i;

	for (i = 0; l->call != NULL && i < l->n; i++)
		if (l->jobs[i]->state == JOB_SETTLING)
			return true;
	return false;
}

/*
 * When the answer must be here.  The time is longer after a failure, because
 * the server may be slow.
 */
static int64_t
answer_by_ms(const struct lane *l)
{
	unsigned doublings =
	    l->failures < PATIENCE_DOUBLINGS ? l->failures : PATIENCE_DOUBLINGS;
	int64_t patience =
	    (l->settle->queue->visibility_timeout_ms / PATIENCE_PART)
	    << doublings;

	/* An extension must not hold up the settles of its jobs. */
	if (l->kind == LANE_EXTEND && is_waited_for(l))
		patience = clock_earlier(patience, EXTEND_PATIENCE_MS);
	return l->sent_ms + patience;
}

/* The call that follows uses another connection: this one may be dead. */
void
lane_cancel_late(struct lane *l, int64_t now_ms)
{
	struct error e;

	if (l->call == NULL || answer_by_ms(l) > now_ms)
		return;
	aws_cancel(l->call);
	l->call = NULL;
	error_set(&e, ERROR_RETRY, "no answer in %lld ms",
	    (long long)(now_ms - l->sent_ms));
	on_call_failed(l, &e, now_ms);
	l->next_ms = now_ms;
}

static bool
gathers(const struct lane *l)
{
	return l->kind == LANE_DELETE && l->settle->gather;
}

/* May more deletes still come to go along with those that are due? */
static bool
waits_for_more(const struct lane *l, int64_t now_ms)
{
	const struct job_list *list = &l->settle->jobs->list;
	int64_t first_ms = CLOCK_NEVER;
	const struct job *j;
	size_t n = 0;

	if (!gathers(l))
		return false;
	TAILQ_FOREACH(j, list, entry)
		first_ms = clock_earlier(first_ms, due_ms(l, j));
	TAILQ_FOREACH(j, list, entry)
		n += due_ms(l, j) <= now_ms;
	return n < SQS_BATCH_MAX && first_ms > now_ms - SETTLE_GATHER_MS;
}

void
lane_send_due(struct lane *l, int64_t now_ms)
{
	if (l->call != NULL || waits_for_more(l, now_ms))
		return;
	collect(l, now_ms);
	if (l->n > 0)
		send_batch(l, now_ms);
}

static int64_t
send_ms(const struct lane *l, const struct job *j)
{
	int64_t due = due_ms(l, j);

	return due != CLOCK_NEVER && gathers(l) ? due + SETTLE_GATHER_MS : due;
}

int64_t
lane_next_ms(const struct lane *l)
{
	int64_t next = CLOCK_NEVER;
	const struct job *j;

	if (l->call != NULL)
		return answer_by_ms(l);
	TAILQ_FOREACH(j, &l->settle->jobs->list, entry)
		next = clock_earlier(next, send_ms(l, j));
	return next;
}
