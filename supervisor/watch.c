/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See watch.h.
 */
#include "supervisor/watch.h"

#include <stdatomic.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "supervisor/slot_actions.h"
#include "supervisor/slots/pool_count.h"
#include "supervisor/slots/slot_hang.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"
#include "supervisor/stop_requests.h"

#include "common/base/banned.h"

/* ---- each child ---- */

static void
mark_ready(struct supervisor *s, struct place *p, int64_t now_ms)
{
	(void)slot_actions_apply_event(s, p, SLOT_EVENT_UP, now_ms);
	p->queue->served = true;
	log_debug("child_ready", log_int("child_pid", p->slot.pid),
	    SLOT_RECORD_PLACE(p), log_ms("after", now_ms - p->slot.forked_ms));
}

/*
 * The deadline of a live child has passed.  Returns whether it hangs; if not,
 * the deadline is the time of the next look.
 */
static bool
look_at(struct supervisor *s, struct place *p, int64_t now_ms)
{
	enum slot_hang hang;

	scoreboard_snapshot(p->row, now_ms, &s->row);
	hang = slot_hang_check(&p->slot, &p->policy, &s->row, now_ms);
	if (hang == SLOT_HANG_NONE)
		return false;
	queue_board_count(p->queue->shared, QUEUE_BOARD_HANGS);
	slot_record_hang(p, hang, &s->row, now_ms);
	return true;
}

static void
watch_child(struct supervisor *s, struct place *p, int64_t now_ms)
{
	if (p->slot.state == SLOT_STARTING &&
	    atomic_load(&p->row->phase) != SCOREBOARD_EMPTY)
		mark_ready(s, p, now_ms);
	if (p->slot.deadline_ms > now_ms)
		return;
	if (p->slot.state == SLOT_KILLED || look_at(s, p, now_ms))
		(void)slot_actions_apply_event(s, p, SLOT_EVENT_EXPIRED,
		    now_ms);
}

void
watch_children(struct supervisor *s, int64_t now_ms)
{
	uint64_t woken;
	size_t i;

	/* The value means nothing: the scoreboard says which child became
	   ready. */
	(void)!read(s->ends.wake_fd, &woken, sizeof(woken));
	for (i = 0; i < s->pool.n; i++)
		if (slot_is_live(&s->pool.places[i]->slot))
			watch_child(s, s->pool.places[i], now_ms);
}

void
watch_start_over(struct supervisor *s, int64_t late_ms, int64_t now_ms)
{
	size_t i;

	log_warn("supervisor_late", log_ms("late", late_ms),
	    log_str("msg", "we did not run: no deadline counts this time"));
	for (i = 0; i < s->pool.n; i++)
		slot_hang_start_over(&s->pool.places[i]->slot,
		    &s->pool.places[i]->policy, now_ms);
	reporter_process_start_over(s, now_ms);
}

/* ---- the pool as a whole ---- */

static bool
is_served(const struct supervisor *s)
{
	/* A draining child still serves its queue. */
	return pool_count_in(&s->pool, NULL, SLOT_READY) > 0 ||
	    pool_count_in(&s->pool, NULL, SLOT_DRAINING) > 0;
}

int64_t
watch_service(struct supervisor *s, int64_t now_ms)
{
	int64_t due_ms;

	if (is_served(s)) {
		s->unserved_since_ms = CLOCK_NEVER;
		s->spent_when_served = s->budget.spent;
		return CLOCK_NEVER;
	}
	if (s->unserved_since_ms == CLOCK_NEVER)
		s->unserved_since_ms = now_ms;
	due_ms =
	    s->unserved_since_ms + pool_settings(&s->pool)->crash_window_ms;
	if (due_ms > now_ms)
		return due_ms;
	if (s->budget.spent > s->spent_when_served)
		stop_requests_give_up(s,
		    "no child was ready for a whole window", now_ms);
	else if (pool_count_live(&s->pool) == 0)
		stop_requests_cannot_fork(s, now_ms);
	/* From now on time alone changes nothing, only an event such as a
	   death. */
	return CLOCK_NEVER;
}

bool
watch_is_healthy(const struct supervisor *s, int64_t now_ms)
{
	return stop_is_begun(&s->stop) || s->unserved_since_ms == CLOCK_NEVER ||
	    now_ms - s->unserved_since_ms <
	    pool_settings(&s->pool)->crash_window_ms;
}
