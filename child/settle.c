/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The three lanes to SQS.  See settle.h.
 */
#include "child/settle.h"

#include <stdlib.h>
#include <string.h>

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/sqs.h"
#include "common/xalloc.h"

#include "common/banned.h"

enum {
	RETRY_BASE_MS = 200,
	RETRY_CAP_MS = 10000,
	/* SQS counts its 12 h on its own clock. */
	LIMIT_MARGIN_S = 5,
	EXTEND_PATIENCE_MS = 1000
};

enum lane_kind {
	LANE_DELETE,
	LANE_GIVE_BACK,
	LANE_EXTEND,
	LANES
};

struct lane {
	struct settle *settle;
	enum lane_kind kind;
	struct aws_call *call; /* NULL: idle */
	struct job *jobs[SQS_BATCH_MAX];
	int timeouts_s[SQS_BATCH_MAX];
	size_t n;
	int64_t sent_ms;
	bool logged; /* its failure has been logged since the last success */
};

struct settle {
	struct aws *aws;
	const struct queue_settings *queue;
	struct jobs *jobs;
	settle_lost_fn *lost;
	void *arg;
	struct lane lanes[LANES];
	double unit; /* random: sets the extensions of children apart */
	bool gather; /* as settle_step was told last */
	bool in_trouble;
	struct error trouble;
};

static int
timeout_s(const struct settle *s)
{
	return (int)(s->queue->visibility_timeout_ms / 1000);
}

struct settle *
settle_new(struct aws *aws, const struct queue_settings *q, struct jobs *jobs,
    settle_lost_fn *lost, void *arg)
{
	struct settle *s = xcalloc(1, sizeof(*s));
	int kind;

	s->aws = aws;
	s->queue = q;
	s->jobs = jobs;
	s->lost = lost;
	s->arg = arg;
	s->unit = backoff_random();
	for (kind = 0; kind < LANES; kind++) {
		s->lanes[kind].settle = s;
		s->lanes[kind].kind = (enum lane_kind)kind;
	}
	return s;
}

void
settle_free(struct settle *s)
{
	int kind;

	if (s == NULL)
		return;
	for (kind = 0; kind < LANES; kind++)
		aws_cancel(s->lanes[kind].call);
	free(s);
}

const struct error *
settle_trouble(const struct settle *s)
{
	return s->in_trouble ? &s->trouble : NULL;
}

int
settle_extension_s(int64_t received_ms, int64_t now_ms, int timeout)
{
	int64_t elapsed_s = (now_ms - received_ms + 999) / 1000;
	int64_t left_s = SQS_VISIBILITY_MAX_S - LIMIT_MARGIN_S - elapsed_s;

	if (left_s <= 0)
		return 0;
	return left_s < timeout ? (int)left_s : timeout;
}

int
settle_retry_delay_s(const struct queue_settings *q, long long receive_count,
    double unit)
{
	unsigned attempt = receive_count > 64
	    ? 64
	    : (unsigned)(receive_count > 0 ? receive_count : 1);
	int64_t limit =
	    backoff_limit_ms(attempt, q->retry_base_ms, q->retry_cap_ms);

	/* SQS takes whole seconds: round to the nearest. */
	return (int)((backoff_full_jitter_ms(limit, unit) + 500) / 1000);
}

/* A third of the timeout from now, give or take a tenth of that. */
static void
plan_extension(struct settle *s, struct job *j, int64_t now_ms)
{
	int64_t third = s->queue->visibility_timeout_ms / 3;

	j->extend_at_ms = CLOCK_NEVER;
	if (s->queue->extend && !j->lost)
		j->extend_at_ms = now_ms + third - third / 10 +
		    backoff_full_jitter_ms(third / 5, s->unit);
}

void
settle_watch(struct settle *s, struct job *j, int64_t now_ms)
{
	plan_extension(s, j, now_ms);
}

void
settle_delete(struct settle *s, struct job *j, enum job_outcome outcome,
    int64_t now_ms)
{
	jobs_settling(s->jobs, j, outcome, 0, now_ms);
}

void
settle_give_back(struct settle *s, struct job *j, enum job_outcome outcome,
    int delay_s, int64_t now_ms)
{
	int longest =
	    settle_extension_s(j->received_ms, now_ms, SQS_VISIBILITY_MAX_S);

	jobs_settling(s->jobs, j, outcome,
	    delay_s < longest ? delay_s : longest, now_ms);
}

static bool
is_deleted(enum job_outcome outcome)
{
	return outcome == JOB_DELETED || outcome == JOB_REJECTED;
}

/* When this job is due in this lane; CLOCK_NEVER: it is not. */
static int64_t
due_ms(const struct lane *l, const struct job *j)
{
	if (j->lane != NULL)
		return CLOCK_NEVER;
	if (l->kind == LANE_EXTEND)
		return j->extend_at_ms;
	if (j->state != JOB_SETTLING ||
	    is_deleted(j->outcome) != (l->kind == LANE_DELETE))
		return CLOCK_NEVER;
	return j->settle_at_ms;
}

/* When one job is extended, others that are due soon may as well go along. */
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
lose(struct settle *s, struct job *j, int64_t now_ms)
{
	j->lost = true;
	j->extend_at_ms = CLOCK_NEVER;
	if (s->lost != NULL)
		s->lost(s->arg, j, now_ms);
}

static void
put_on_lane(struct lane *l, struct job *j, int64_t now_ms)
{
	int timeout = 0;

	if (l->kind == LANE_GIVE_BACK) {
		timeout = j->delay_s;
	} else if (l->kind == LANE_EXTEND) {
		timeout = settle_extension_s(j->received_ms, now_ms,
		    timeout_s(l->settle));
		if (timeout == 0) {
			log_warn("visibility_limit",
			    log_str("id", j->message.id),
			    log_str("msg",
				"held for 12 hours, the most that "
				"SQS allows: it will be delivered again"));
			lose(l->settle, j, now_ms);
			return;
		}
	}
	l->jobs[l->n] = j;
	l->timeouts_s[l->n] = timeout;
	l->n++;
	j->lane = l;
}

/*
 * Of a FIFO group the last goes back first: the group must not be open while
 * an earlier message of it is still hidden behind a later one.
 */
static void
collect(struct lane *l, int64_t now_ms)
{
	struct jobs *js = l->settle->jobs;
	struct job *j;

	l->n = 0;
	if (l->kind == LANE_GIVE_BACK) {
		TAILQ_FOREACH_REVERSE(j, &js->list, job_list, entry)
		if (l->n < SQS_BATCH_MAX && is_due(l, j, now_ms))
			put_on_lane(l, j, now_ms);
	} else {
		TAILQ_FOREACH(j, &js->list, entry)
			if (l->n < SQS_BATCH_MAX && is_due(l, j, now_ms))
				put_on_lane(l, j, now_ms);
	}
}

/* This job's call failed in a way that may heal. */
static void
postpone(struct lane *l, struct job *j, int64_t now_ms)
{
	int64_t wait =
	    backoff_half_jitter_ms(backoff_limit_ms(++j->settle_tries,
				       RETRY_BASE_MS, RETRY_CAP_MS),
		backoff_random());

	if (l->kind == LANE_EXTEND)
		j->extend_at_ms = now_ms + wait;
	else
		j->settle_at_ms = now_ms + wait;
}

static void
on_success(struct lane *l, struct job *j, int timeout, int64_t now_ms)
{
	if (l->kind != LANE_EXTEND) {
		jobs_end(l->settle->jobs, j, j->outcome, now_ms);
		return;
	}
	/* SQS counts from when it got the call: not before it was sent. */
	j->visible_at_ms = l->sent_ms + timeout * INT64_C(1000);
	j->settle_tries = 0;
	scoreboard_hand_visible_at(l->settle->jobs->row, j->hand,
	    j->visible_at_ms);
	plan_extension(l->settle, j, now_ms);
}

/* Somebody else has the message now, or will have it. */
static void
on_not_ours(struct lane *l, struct job *j, const char *code, int64_t now_ms)
{
	log_warn("ownership_lost", log_str("id", j->message.id),
	    log_str("code", code),
	    log_str("msg",
		"its visibility timeout ended before it was "
		"settled: it is or will be delivered again"));
	if (l->kind == LANE_EXTEND) {
		lose(l->settle, j, now_ms);
		return;
	}
	lose(l->settle, j, now_ms);
	jobs_end(l->settle->jobs, j, JOB_EXPIRED, now_ms);
}

static void
on_entry(struct lane *l, struct job *j, int timeout,
    const struct sqs_entry_result *r, int64_t now_ms)
{
	enum error_kind kind;

	j->lane = NULL;
	if (r->answered && !r->failed) {
		on_success(l, j, timeout, now_ms);
		return;
	}
	kind = r->answered ? aws_classify(r->code, 0) : ERROR_RETRY;
	/* In a batch an invalid parameter can only be the receipt handle's:
	   "the receipt handle has expired", "not available for visibility
	   timeout change". */
	if (kind == ERROR_NOT_OURS || kind == ERROR_INVALID) {
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

/* The whole request failed: nothing is known of any entry. */
static void
on_call_failed(struct lane *l, const struct error *e, int64_t now_ms)
{
	struct settle *s = l->settle;
	size_t i;

	scoreboard_count(s->jobs->row, SCOREBOARD_ERRORS, 1);
	s->in_trouble = true;
	s->trouble = *e;
	if (!l->logged)
		log_warn("call_failed",
		    log_str("operation", operations[l->kind]),
		    log_str("kind", error_kind_name(e->kind)),
		    LOG_ERROR_FIELDS(e), log_int("messages", (long long)l->n));
	l->logged = true;
	for (i = 0; i < l->n; i++) {
		l->jobs[i]->lane = NULL;
		postpone(l, l->jobs[i], now_ms);
	}
}

static void
on_answer(void *arg, struct span answer, const struct error *e)
{
	struct lane *l = arg;
	struct sqs_entry_result results[SQS_BATCH_MAX];
	struct error bad;
	int64_t now = clock_ms();
	size_t i;

	l->call = NULL;
	if (e == NULL && sqs_parse_batch(answer, results, l->n, &bad) == -1)
		e = &bad;
	if (e != NULL) {
		on_call_failed(l, e, now);
		return;
	}
	l->settle->in_trouble = false;
	l->logged = false;
	for (i = 0; i < l->n; i++)
		on_entry(l, l->jobs[i], l->timeouts_s[i], &results[i], now);
}

static void
send_lane(struct lane *l, int64_t now_ms)
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
 * A server that does not answer an extension must not hold up the settles of
 * its jobs.  The others are extended again at once.
 */
static void
cancel_extension(struct lane *l, int64_t now_ms)
{
	size_t i;

	aws_cancel(l->call);
	l->call = NULL;
	for (i = 0; i < l->n; i++) {
		l->jobs[i]->lane = NULL;
		l->jobs[i]->extend_at_ms = now_ms;
	}
}

/* What is not ours cannot be given back. */
static void
end_lost(struct settle *s, int64_t now_ms)
{
	struct job *j, *next;

	for (j = TAILQ_FIRST(&s->jobs->list); j != NULL; j = next) {
		next = TAILQ_NEXT(j, entry);
		if (j->lost && j->lane == NULL && j->state == JOB_SETTLING &&
		    !is_deleted(j->outcome))
			jobs_end(s->jobs, j, JOB_EXPIRED, now_ms);
	}
}

static bool
gathers(const struct lane *l)
{
	return l->kind == LANE_DELETE && l->settle->gather;
}

/* May others still come to go along with what is due? */
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
settle_step(struct settle *s, bool gather, int64_t now_ms)
{
	struct lane *extend = &s->lanes[LANE_EXTEND];
	int kind;

	s->gather = gather;
	end_lost(s, now_ms);
	if (is_waited_for(extend) &&
	    extend->sent_ms + EXTEND_PATIENCE_MS <= now_ms)
		cancel_extension(extend, now_ms);
	/* Extensions last: a job that is being settled needs none. */
	for (kind = 0; kind < LANES; kind++) {
		struct lane *l = &s->lanes[kind];

		if (l->call != NULL || waits_for_more(l, now_ms))
			continue;
		collect(l, now_ms);
		if (l->n > 0)
			send_lane(l, now_ms);
	}
}

static int64_t
send_ms(const struct lane *l, const struct job *j)
{
	int64_t due = due_ms(l, j);

	return due != CLOCK_NEVER && gathers(l) ? due + SETTLE_GATHER_MS : due;
}

int64_t
settle_deadline(const struct settle *s)
{
	int64_t deadline = CLOCK_NEVER;
	const struct lane *extend = &s->lanes[LANE_EXTEND];
	const struct job *j;
	int kind;

	if (is_waited_for(extend))
		deadline = extend->sent_ms + EXTEND_PATIENCE_MS;
	TAILQ_FOREACH(j, &s->jobs->list, entry)
		for (kind = 0; kind < LANES; kind++)
			if (s->lanes[kind].call == NULL)
				deadline = clock_earlier(deadline,
				    send_ms(&s->lanes[kind], j));
	return deadline;
}
