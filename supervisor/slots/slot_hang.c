/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See slot_hang.h.
 */
#include "supervisor/slots/slot_hang.h"

#include "common/base/clock.h"

#include "common/base/banned.h"

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * A job that begins right after this look is due job_limit_ms from now, so a
 * look is due no later than that.
 */
static int64_t
job_deadline(const struct slot *s, const struct slot_policy *p,
    const struct scoreboard_snapshot *row, int64_t now_ms)
{
	int64_t since = now_ms;
	size_t i;

	if (p->job_limit_ms == 0)
		return CLOCK_NEVER;
	for (i = 0; i < row->n_held; i++)
		if (row->held[i].state == SCOREBOARD_HAND_WORKING)
			since = clock_earlier(since, row->held[i].since_ms);
	return later(since, s->watched_from_ms) + p->job_limit_ms;
}

static int64_t
silence_deadline(const struct slot *s, const struct slot_policy *p,
    const struct scoreboard_snapshot *row)
{
	if (row->phase == SCOREBOARD_EMPTY)
		return s->watched_from_ms + p->start_timeout_ms;
	return later(row->progress_ms, s->watched_from_ms) +
	    p->heartbeat_timeout_ms;
}

/*
 * When a child counts as hung: job_end_ms after the first look that finds its
 * job past the limit.
 */
static int64_t
overdue_deadline(struct slot *s, const struct slot_policy *p, int64_t due_ms,
    int64_t now_ms)
{
	if (due_ms > now_ms)
		s->overdue_ms = 0;
	else if (s->overdue_ms == 0)
		s->overdue_ms = now_ms;
	return s->overdue_ms != 0 ? s->overdue_ms + p->job_end_ms : due_ms;
}

enum slot_hang
slot_hang_check(struct slot *s, const struct slot_policy *p,
    const struct scoreboard_snapshot *row, int64_t now_ms)
{
	int64_t silence = silence_deadline(s, p, row);
	int64_t job = job_deadline(s, p, row, now_ms);
	int64_t due =
	    clock_earlier(silence, overdue_deadline(s, p, job, now_ms));
	bool was_suspected = s->suspected;

	s->suspected = due <= now_ms;
	if (!s->suspected || !was_suspected) {
		s->deadline_ms =
		    s->suspected ? now_ms + SLOT_HANG_AGAIN_MS : due;
		return SLOT_HANG_NONE;
	}
	if (silence > now_ms)
		return SLOT_HANG_JOB;
	return row->phase == SCOREBOARD_EMPTY ? SLOT_HANG_START
					      : SLOT_HANG_HEARTBEAT;
}

void
slot_hang_start_over(struct slot *s, const struct slot_policy *p,
    int64_t now_ms)
{
	if (!slot_is_live(s) || s->state == SLOT_KILLED)
		return;
	s->watched_from_ms = now_ms;
	s->suspected = false;
	s->overdue_ms = 0;
	s->deadline_ms = now_ms +
	    (s->state == SLOT_STARTING ? p->start_timeout_ms
				       : p->heartbeat_timeout_ms);
}

const char *
slot_hang_name(enum slot_hang hang)
{
	switch (hang) {
	case SLOT_HANG_NONE:
		break;
	case SLOT_HANG_START:
		return "start";
	case SLOT_HANG_HEARTBEAT:
		return "heartbeat";
	case SLOT_HANG_JOB:
		return "job";
	}
	return "none";
}
