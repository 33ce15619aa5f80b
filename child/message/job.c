/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See job.h. */
#include "child/message/job.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_signal.h"
#include "common/base/xalloc.h"
#include "common/ipc/scoreboard_child.h"
#include "common/ipc/scoreboard_death.h"

#include "common/base/banned.h"

void
jobs_init(struct jobs *js, struct scoreboard_row *row)
{
	memset(js, 0, sizeof(*js));
	TAILQ_INIT(&js->list);
	js->row = row;
}

static void
job_free(struct jobs *js, struct job *j)
{
	TAILQ_REMOVE(&js->list, j, entry);
	js->n--;
	payload_release(&j->payload);
	message_release(&j->message);
	free(j);
}

void
jobs_release(struct jobs *js)
{
	struct job *j;

	/* The analyzer does not see that freeing a job unlinks it. */
	while ((j = TAILQ_FIRST(&js->list)) != NULL)
		job_free(js, j); /* NOLINT(clang-analyzer-unix.Malloc) */
}

size_t
jobs_room(const struct jobs *js)
{
	return SCOREBOARD_HANDS - js->n;
}

struct job *
jobs_add(struct jobs *js, struct message *m, int64_t received_ms,
    int64_t visible_at_ms, int64_t now_ms)
{
	struct job *j = xcalloc(1, sizeof(*j));

	j->message = *m;
	memset(m, 0, sizeof(*m)); /* transferred */
	j->state = JOB_HELD;
	j->exit_status = -1;
	j->received_ms = received_ms;
	j->arrived_ms = now_ms;
	j->visible_at_ms = visible_at_ms;
	j->extend_at_ms = CLOCK_NEVER;
	j->hand =
	    scoreboard_take(js->row, j->message.id, j->message.receipt_handle,
		(uint32_t)j->message.receive_count, now_ms, visible_at_ms);
	assert(j->hand >= 0);
	TAILQ_INSERT_TAIL(&js->list, j, entry);
	js->n++;
	js->n_unsettled++;
	/* The wait of a message that was received before includes more than its
	   turn: an earlier handler, and a delay. */
	if (j->message.receive_count == 1 && j->message.sent_timestamp_ms > 0)
		scoreboard_count_time(js->row, SCOREBOARD_QUEUE_TIME,
		    clock_real_ms() - j->message.sent_timestamp_ms);
	return j;
}

struct job *
jobs_add_held(struct jobs *js, const struct scoreboard_held *held,
    int64_t now_ms)
{
	struct message m = { .id = xstrdup(held->id),
		.receipt_handle = xstrdup(held->receipt_handle),
		.receive_count = held->receive_count };

	return jobs_add(js, &m, held->since_ms, CLOCK_NEVER, now_ms);
}

bool
job_same_group(const struct job *a, const struct job *b)
{
	const char *id = a->message.group_id, *other = b->message.group_id;

	return id != NULL && other != NULL && strcmp(id, other) == 0;
}

static bool
is_blocked(const struct jobs *js, const struct job *j)
{
	const struct job *before = j;

	while (
	    js->fifo && (before = TAILQ_PREV(before, job_list, entry)) != NULL)
		if (before->state == JOB_MOVING && job_same_group(before, j))
			return true;
	return false;
}

struct job *
jobs_next_held(const struct jobs *js)
{
	struct job *j;

	TAILQ_FOREACH(j, &js->list, entry)
		if (j->state == JOB_HELD && !is_blocked(js, j))
			return j;
	return NULL;
}

int64_t
job_begun_ms(const struct job *j)
{
	return j->fetched_ms != 0 ? j->fetched_ms : j->started_ms;
}

int64_t
jobs_working_since(const struct jobs *js)
{
	int64_t since_ms = CLOCK_NEVER;
	const struct job *j;

	TAILQ_FOREACH(j, &js->list, entry)
		if (j->state == JOB_WORKING || j->state == JOB_FETCHING)
			since_ms = clock_earlier(since_ms, job_begun_ms(j));
	return since_ms;
}

int64_t
jobs_waiting_since(const struct jobs *js)
{
	int64_t came_ms = CLOCK_NEVER;
	const struct job *j;

	TAILQ_FOREACH(j, &js->list, entry)
		if (j->state == JOB_HELD)
			came_ms = clock_earlier(came_ms, j->arrived_ms);
	return came_ms != CLOCK_NEVER
	    ? clock_earlier(came_ms, jobs_working_since(js))
	    : CLOCK_NEVER;
}

/* On the scoreboard the message stays held. */
void
jobs_begin_fetch(struct job *j, int64_t now_ms)
{
	assert(j->state == JOB_HELD);
	j->fetched_ms = now_ms;
	j->state = JOB_FETCHING;
}

void
jobs_begin_work(struct jobs *js, struct job *j, int64_t now_ms)
{
	assert(j->state == JOB_HELD || j->state == JOB_FETCHING);
	j->state = JOB_WORKING;
	j->started_ms = now_ms;
	scoreboard_set_hand(js->row, j->hand, SCOREBOARD_HAND_WORKING, now_ms);
}

/*
 * The state after the handler's end must not be "working": the supervisor
 * watches such hands, and blames them for deaths.
 */
static enum scoreboard_hand_state
hand_state_undone(const struct job *j)
{
	return j->started_ms != 0 ? SCOREBOARD_HAND_FAILED
				  : SCOREBOARD_HAND_HELD;
}

/*
 * The state that tells a releaser what to do if this process dies before SQS
 * knows the outcome.
 */
static enum scoreboard_hand_state
hand_state_for(const struct job *j)
{
	switch (j->outcome) {
	case JOB_DELETED: /* from here on, never to be run again */
		return SCOREBOARD_HAND_DELETING;
	case JOB_REJECTED:
		return SCOREBOARD_HAND_MOVED;
	case JOB_RETRIED:
	case JOB_RELEASED:
	case JOB_EXPIRED:
		break;
	}
	return hand_state_undone(j);
}

static void
note_verdict(struct jobs *js, struct job *j, enum job_state state,
    int64_t now_ms)
{
	if (j->state == JOB_WORKING) {
		j->ended_ms = now_ms;
		scoreboard_count_time(js->row, SCOREBOARD_HANDLER_TIME,
		    now_ms - j->started_ms);
	}
	if (j->state != JOB_MOVING)
		js->n_unsettled--;
	/* The payload may be large, and SQS may take its time. */
	payload_release(&j->payload);
	j->verdict_ms = now_ms;
	j->state = state;
}

void
jobs_begin_move(struct jobs *js, struct job *j, int64_t now_ms)
{
	assert(j->state != JOB_MOVING && j->state != JOB_SETTLING);
	note_verdict(js, j, JOB_MOVING, now_ms);
	scoreboard_set_hand(js->row, j->hand, hand_state_undone(j), now_ms);
}

void
jobs_begin_settle(struct jobs *js, struct job *j, enum job_outcome outcome,
    int delay_s, int64_t now_ms)
{
	assert(j->state != JOB_SETTLING);
	note_verdict(js, j, JOB_SETTLING, now_ms);
	j->outcome = outcome;
	j->delay_s = delay_s;
	j->settle_at_ms = now_ms;
	scoreboard_set_hand(js->row, j->hand, hand_state_for(j), now_ms);
}

static const char *
outcome_name(enum job_outcome outcome)
{
	static const char *const names[] = { [JOB_DELETED] = "deleted",
		[JOB_RETRIED] = "retried",
		[JOB_RELEASED] = "released",
		[JOB_REJECTED] = "rejected",
		[JOB_EXPIRED] = "expired" };

	return names[outcome];
}

void
job_describe_failure(const struct job *j, char *to, size_t size)
{
	if (j->reason[0] != '\0')
		(void)snprintf(to, size, "%s", j->reason);
	else if (j->signal != 0)
		(void)snprintf(to, size, "signal %s",
		    log_signal_name(j->signal));
	else
		(void)snprintf(to, size, "exit status %d", j->exit_status);
}

static bool
gives_back(enum job_outcome outcome)
{
	return outcome == JOB_RETRIED || outcome == JOB_RELEASED;
}

bool
job_is_given_back(const struct job *j)
{
	return j->state == JOB_SETTLING && gives_back(j->outcome);
}

static void
log_end(const struct job *j, enum job_outcome outcome, int64_t now_ms)
{
	const struct message *m = &j->message;

	log_info("message", log_str("id", m->id),
	    log_int("receive_count", m->receive_count),
	    log_str("verdict", j->verdict != NULL ? j->verdict : "none"),
	    log_str("outcome", outcome_name(outcome)),
	    log_str(j->reason[0] != '\0' ? "reason" : NULL, j->reason),
	    log_int(j->exit_status > 0 ? "exit_status" : NULL, j->exit_status),
	    log_signal(j->signal),
	    log_int(gives_back(outcome) ? "delay_s" : NULL, j->delay_s),
	    log_int("handler_ms",
		j->ended_ms > 0 ? j->ended_ms - j->started_ms : 0),
	    log_int("total_ms", now_ms - j->arrived_ms),
	    log_str("group_id", m->group_id));
}

static void
log_recovery(const struct job *j, enum job_outcome outcome)
{
	log_info("message_recovered", log_str("id", j->message.id),
	    log_int("receive_count", j->message.receive_count),
	    log_str("outcome", outcome_name(outcome)),
	    log_int(gives_back(outcome) ? "delay_s" : NULL, j->delay_s));
}

void
jobs_end(struct jobs *js, struct job *j, enum job_outcome outcome,
    int64_t now_ms)
{
	static const enum scoreboard_counter counters[] = {
		[JOB_DELETED] = SCOREBOARD_DELETED,
		[JOB_RETRIED] = SCOREBOARD_RETRIED,
		[JOB_RELEASED] = SCOREBOARD_RELEASED,
		[JOB_REJECTED] = SCOREBOARD_REJECTED,
		[JOB_EXPIRED] = SCOREBOARD_EXPIRED
	};

	assert(j->state == JOB_SETTLING);
	if (js->recovers != NULL) {
		log_recovery(j, outcome);
		scoreboard_count_recovered(js->recovers, counters[outcome]);
	} else {
		log_end(j, outcome, now_ms);
	}
	scoreboard_drop(js->row, j->hand, counters[outcome]);
	job_free(js, j);
}
