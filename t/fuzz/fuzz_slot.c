/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A slot under any sequence of events.  The harness does what the supervisor
 * would (forks, reaps) in a model, and lets through events that cannot happen
 * as well.  What must hold: no fork after a stop, one process at a time, every
 * signal has a receiver, every pause is bounded, every death is counted once.
 * A child that was given up as lost counts as a stop of its slot.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/clock.h"
#include "supervisor/slots/slot_hang.h"

#include "common/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct slot_policy policy = { .start_timeout_ms = 3000,
	.heartbeat_timeout_ms = 2000,
	.job_limit_ms = 5000,
	.kill_again_ms = 5000,
	.restart_base_ms = 100,
	.restart_cap_ms = 3000,
	.restart_reset_ms = 6000 };

struct model {
	struct slot slot;
	int64_t now_ms;
	bool alive;
	bool stopped;
	unsigned deaths; /* of children that were wanted */
	unsigned counted;
};

/* Not assert: it has to stop under NDEBUG, too. */
static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
act(struct model *m, enum slot_action action)
{
	switch (action) {
	case SLOT_DO_FORK:
		must(!m->alive && !m->stopped);
		break;
	case SLOT_DO_TERM:
	case SLOT_DO_QUIT:
	case SLOT_DO_ABORT:
	case SLOT_DO_KILL:
		must(m->alive && m->slot.pid > 0);
		break;
	case SLOT_DO_COUNT:
		m->counted++;
		break;
	case SLOT_DO_NOTHING:
	case SLOT_DO_COMPLAIN:
		break;
	}
}

static void
check(const struct model *m)
{
	const struct slot *s = &m->slot;

	must(s->state < SLOT_STATES);
	must(slot_is_live(s) == m->alive);
	must((s->pid != 0) == m->alive);
	must(m->counted == m->deaths);
	if (m->stopped)
		must(!s->wanted && s->state != SLOT_DOWN &&
		    s->state != SLOT_BACKOFF);
	if (s->state == SLOT_BACKOFF)
		must(s->deadline_ms - m->now_ms <= policy.restart_cap_ms);
	if (s->state == SLOT_STOPPED)
		must(s->deadline_ms == CLOCK_NEVER);
}

/* What a fork or a reaping does outside of the slot. */
static void
happen(struct model *m, enum slot_event event, enum slot_state before)
{
	if (event == SLOT_EVENT_FORKED && before == SLOT_DOWN) {
		m->alive = true;
		m->slot.pid = 1234;
	}
	if (!m->alive)
		return;
	if (m->slot.wanted &&
	    (event == SLOT_EVENT_DIED ||
		(event == SLOT_EVENT_LOST && before == SLOT_KILLED)))
		m->deaths++;
	if (event == SLOT_EVENT_DIED || event == SLOT_EVENT_EXITED)
		m->alive = false;
}

static void
step(struct model *m, uint8_t what, uint8_t later)
{
	enum slot_event event = (enum slot_event)(what % SLOT_EVENTS);
	struct slot before;
	enum slot_action action;

	m->now_ms += (int64_t)later * 16;
	happen(m, event, m->slot.state);
	before = m->slot;
	action = slot_apply(&m->slot, event, &policy, m->now_ms,
	    (what / SLOT_EVENTS) / 26.0);
	if (event >= SLOT_EVENT_STOP ||
	    (event == SLOT_EVENT_LOST && before.state == SLOT_KILLED))
		m->stopped = true;
	if (event == SLOT_EVENT_DRAIN)
		must(m->slot.wanted == before.wanted);
	if (action == SLOT_DO_COMPLAIN)
		must(before.state == m->slot.state &&
		    before.deadline_ms == m->slot.deadline_ms);
	act(m, action);
	check(m);
}

/* A look must not say "well" and be due again at the same time. */
static void
look(struct model *m, uint8_t what, uint8_t later)
{
	static struct scoreboard_snapshot row;
	struct slot s = m->slot;

	row.phase = (enum scoreboard_phase)(what % SCOREBOARD_PHASES);
	row.progress_ms = m->now_ms - (int64_t)later * 32;
	row.n_held = what % 2;
	row.held[0].state = SCOREBOARD_HAND_WORKING;
	row.held[0].since_ms = m->now_ms - (int64_t)what * 64;
	if (slot_hang_check(&s, &policy, &row, m->now_ms) == SLOT_HANG_NONE)
		must(s.deadline_ms > m->now_ms);
	slot_hang_start_over(&m->slot, &policy, m->now_ms);
	check(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model m = { .now_ms = 1000 };
	size_t i;

	slot_init(&m.slot, m.now_ms);
	for (i = 0; i + 1 < size; i += 2) {
		step(&m, data[i], data[i + 1]);
		if (data[i] >= 250)
			look(&m, data[i], data[i + 1]);
	}
	return 0;
}
