/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See recycle.h. */
#include "child/recycle.h"

#include "child/memory.h"
#include "common/base/clock.h"

#include "common/base/banned.h"

enum {
	MEASURE_EVERY_MS = 5000,
	PATIENCE_MS = 1000
};

static int64_t
draw(int64_t limit, double unit)
{
	return limit - (int64_t)((double)limit / 4 * unit);
}

void
recycle_init(struct recycle *r, const struct queue_settings *q, double unit,
    int64_t now_ms)
{
	*r = (struct recycle){
		.message_limit = (uint64_t)draw(q->max_messages, unit),
		.age_limit_ms = draw(q->max_age_ms, unit),
		.memory_limit = q->max_memory,
		.began_ms = now_ms,
		.measure_at_ms = now_ms,
	};
}

/*
 * Memory is measured only after a message: with a limit that is too low for any
 * child, each child still works one message, so there is no loop of children
 * that do nothing.
 */
static bool
is_measured(const struct recycle *r)
{
	return r->memory_limit > 0 && r->messages > 0;
}

static void
measure_memory(struct recycle *r, int64_t now_ms)
{
	r->memory = memory_of_family();
	r->measure_at_ms = now_ms + MEASURE_EVERY_MS;
}

static enum scoreboard_ask
find_reason(const struct recycle *r, int64_t now_ms)
{
	if (r->message_limit > 0 && r->messages >= r->message_limit)
		return SCOREBOARD_ASK_MESSAGES;
	if (r->age_limit_ms > 0 && now_ms - r->began_ms >= r->age_limit_ms)
		return SCOREBOARD_ASK_AGE;
	if (is_measured(r) && r->memory > r->memory_limit)
		return SCOREBOARD_ASK_MEMORY;
	return SCOREBOARD_ASK_NOTHING;
}

bool
recycle_must_ask(const struct recycle *r)
{
	return r->reason != SCOREBOARD_ASK_NOTHING && r->asked_ms == 0;
}

void
recycle_asked(struct recycle *r, int64_t now_ms)
{
	r->asked_ms = now_ms;
}

bool
recycle_holds(const struct recycle *r, int64_t now_ms)
{
	return r->reason != SCOREBOARD_ASK_NOTHING &&
	    (r->asked_ms == 0 || now_ms - r->asked_ms < PATIENCE_MS);
}

static int64_t
next_ms(const struct recycle *r, int64_t now_ms)
{
	int64_t next = CLOCK_NEVER;

	if (r->reason != SCOREBOARD_ASK_NOTHING)
		return r->asked_ms != 0 && recycle_holds(r, now_ms)
		    ? r->asked_ms + PATIENCE_MS
		    : CLOCK_NEVER;
	if (r->age_limit_ms > 0)
		next = r->began_ms + r->age_limit_ms;
	if (is_measured(r))
		next = clock_earlier(next, r->measure_at_ms);
	return next;
}

int64_t
recycle_step(struct recycle *r, uint64_t messages, int64_t now_ms)
{
	r->messages = messages;
	if (r->reason == SCOREBOARD_ASK_NOTHING) {
		if (is_measured(r) && r->measure_at_ms <= now_ms)
			measure_memory(r, now_ms);
		r->reason = find_reason(r, now_ms);
	}
	return next_ms(r, now_ms);
}
