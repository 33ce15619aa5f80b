/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settle.h. */
#include "child/message/settle.h"

#include <stdlib.h>

#include "child/message/lane.h"
#include "child/message/ownership.h"
#include "child/message/settle_times.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/http/aws_error.h"
#include "common/ipc/scoreboard_child.h"

#include "common/base/banned.h"

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
	s->in_trouble = scoreboard_is_in_trouble(jobs->row);
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

void
settle_watch(struct settle *s, struct job *j, int64_t now_ms)
{
	ownership_plan_extension(s, j, now_ms,
	    (int)(s->queue->visibility_timeout_ms / 1000), now_ms);
}

void
settle_delete(struct settle *s, struct job *j, enum job_outcome outcome,
    int64_t now_ms)
{
	jobs_begin_settle(s->jobs, j, outcome, 0, now_ms);
}

void
settle_give_back(struct settle *s, struct job *j, enum job_outcome outcome,
    int delay_s, int64_t now_ms)
{
	int longest = settle_times_extension_s(j->received_ms, now_ms,
	    SQS_VISIBILITY_MAX_S);

	jobs_begin_settle(s->jobs, j, outcome,
	    delay_s < longest ? delay_s : longest, now_ms);
}

bool
settle_is_stuck(const struct settle *s)
{
	const struct job *j;

	TAILQ_FOREACH(j, &s->jobs->list, entry)
		if (j->state == JOB_SETTLING && lane_of(s, j)->failures > 0)
			return true;
	return false;
}

bool
settle_in_trouble(const struct settle *s)
{
	return s->in_trouble || settle_is_stuck(s);
}

void
settle_on_empty_queue(struct settle *s, int64_t now_ms)
{
	int64_t hidden_ms = scoreboard_hidden_until(s->jobs->row) - now_ms;

	/* No message is hidden for longer than its visibility timeout: a row
	   that says so is garbage. */
	if (hidden_ms <= 0 || hidden_ms > s->queue->visibility_timeout_ms)
		s->in_trouble = false;
}

/* ---- what time alone changes ---- */

/* Has this child to act when the visibility timeout of the job ends? */
static bool
is_guarded(const struct settle *s, const struct job *j)
{
	return !j->lost &&
	    (j->state != JOB_WORKING ||
		s->queue->on_ownership_lost == OWNERSHIP_LOST_KILL);
}

/* When this child stops trying to settle the job; CLOCK_NEVER: it goes on. */
static int64_t
give_up_ms(const struct settle *s, const struct job *j)
{
	int64_t end_ms = j->visible_at_ms;

	/* A message that is lost cannot be given back. */
	if (j->lost && job_is_given_back(j))
		return j->verdict_ms;
	if (lane_of(s, j)->failures == 0)
		return CLOCK_NEVER;
	if (!job_is_given_back(j))
		end_ms = settle_times_limit_ms(j->received_ms);
	return s->leaving
	    ? clock_earlier(end_ms,
		  j->verdict_ms + settle_times_patience_ms(s->queue))
	    : end_ms;
}

/*
 * When the job is to be given up or marked as lost, if no answer comes before;
 * CLOCK_NEVER: at no time.
 */
static int64_t
overdue_ms(const struct settle *s, const struct job *j)
{
	if (j->state == JOB_SETTLING)
		return j->lane == NULL ? give_up_ms(s, j) : CLOCK_NEVER;
	return is_guarded(s, j) ? j->visible_at_ms : CLOCK_NEVER;
}

static void
on_overdue(struct settle *s, struct job *j, int64_t now_ms)
{
	if (j->state == JOB_SETTLING) {
		scoreboard_extend_hidden(s->jobs->row, j->visible_at_ms);
		ownership_mark_lost(s, j, now_ms);
		jobs_end(s->jobs, j, JOB_EXPIRED, now_ms);
		return;
	}
	if (settle_times_extension_s(j->received_ms, now_ms, 1) == 0)
		ownership_end_at_limit(s, j, now_ms);
	else
		ownership_end(s, j, NULL, now_ms);
}

static void
check_overdue(struct settle *s, int64_t now_ms)
{
	struct job *j, *next;

	for (j = TAILQ_FIRST(&s->jobs->list); j != NULL; j = next) {
		next = TAILQ_NEXT(j, entry);
		if (overdue_ms(s, j) <= now_ms)
			on_overdue(s, j, now_ms);
	}
}

static int64_t
next_ms(const struct settle *s)
{
	int64_t next = CLOCK_NEVER;
	const struct job *j;
	int kind;

	for (kind = 0; kind < LANES; kind++)
		next = clock_earlier(next, lane_next_ms(&s->lanes[kind]));
	TAILQ_FOREACH(j, &s->jobs->list, entry)
		next = clock_earlier(next, overdue_ms(s, j));
	return next;
}

int64_t
settle_step(struct settle *s, bool gather, bool leaving, int64_t now_ms)
{
	int kind;

	s->gather = gather;
	s->leaving = leaving;
	s->has_called_back = false;
	for (kind = 0; kind < LANES; kind++)
		lane_cancel_late(&s->lanes[kind], now_ms);
	check_overdue(s, now_ms);
	/* Extensions come last: a job that is being settled needs none. */
	for (kind = 0; kind < LANES; kind++)
		lane_send_due(&s->lanes[kind], now_ms);
	return s->has_called_back ? now_ms : next_ms(s);
}
