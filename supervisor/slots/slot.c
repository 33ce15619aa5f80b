/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See slot.h.
 */
#include "supervisor/slots/slot.h"

#include "common/base/backoff.h"
#include "common/base/clock.h"

#include "common/base/banned.h"

enum {
	ABORT_WINDOW_MS = 2000, /* from SIGABRT to SIGKILL: time for a core */
	PAUSE_MIN_MS = 10, /* a smaller restart_base would make a busy loop */
	SETTLED_MS = 1000  /* a child that ends earlier never settled in */
};

/* The arguments of an event; see slot_apply. */
struct happening {
	const struct slot_policy *policy;
	int64_t now_ms;
	double unit;
};

typedef enum slot_action slot_handler(struct slot *s,
    const struct happening *h);

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* ---- the handlers, in the order of a child's life ---- */

static enum slot_action
refill(struct slot *s, const struct happening *h)
{
	(void)h;
	s->state = SLOT_DOWN;
	s->deadline_ms = CLOCK_NEVER;
	return SLOT_DO_FORK;
}

static enum slot_action
forked(struct slot *s, const struct happening *h)
{
	s->state = SLOT_STARTING;
	s->generation++;
	s->kills = 0;
	s->suspected = false;
	s->overdue_ms = 0;
	s->ready_ms = 0;
	s->forked_ms = s->watched_from_ms = h->now_ms;
	s->deadline_ms = h->now_ms + h->policy->start_timeout_ms;
	return SLOT_DO_NOTHING;
}

static void
back_off(struct slot *s, const struct happening *h)
{
	int64_t limit = backoff_limit_ms(++s->failures,
	    h->policy->restart_base_ms, h->policy->restart_cap_ms);
	int64_t pause = backoff_half_jitter_ms(limit, h->unit);

	s->state = SLOT_BACKOFF;
	s->deadline_ms = h->now_ms + later(pause, PAUSE_MIN_MS);
}

static enum slot_action
fork_failed(struct slot *s, const struct happening *h)
{
	back_off(s, h);
	return SLOT_DO_NOTHING;
}

static enum slot_action
get_ready(struct slot *s, const struct happening *h)
{
	s->state = SLOT_READY;
	s->ready_ms = h->now_ms;
	/* The first look finds out when the next is due. */
	s->deadline_ms = h->now_ms;
	return SLOT_DO_NOTHING;
}

static enum slot_action
abort_child(struct slot *s, const struct happening *h)
{
	s->state = SLOT_KILLED;
	s->deadline_ms = h->now_ms + ABORT_WINDOW_MS;
	return SLOT_DO_ABORT;
}

/*
 * Sends SIGKILL again: a child in an uninterruptible sleep may need more than
 * one.
 */
static enum slot_action
kill_child(struct slot *s, const struct happening *h)
{
	s->state = SLOT_KILLED;
	s->kills++;
	s->deadline_ms = h->now_ms + h->policy->kill_again_ms;
	return SLOT_DO_KILL;
}

static enum slot_action
stopped(struct slot *s, const struct happening *h)
{
	(void)h;
	s->state = SLOT_STOPPED;
	s->wanted = false;
	s->pid = 0;
	s->deadline_ms = CLOCK_NEVER;
	return SLOT_DO_NOTHING;
}

static enum slot_action
exited(struct slot *s, const struct happening *h)
{
	if (!s->wanted)
		return stopped(s, h);
	s->state = SLOT_DOWN;
	s->pid = 0;
	s->failures = 0;
	s->deadline_ms = h->now_ms;
	return SLOT_DO_NOTHING;
}

static enum slot_action
died(struct slot *s, const struct happening *h)
{
	if (!s->wanted)
		return stopped(s, h);
	if (s->ready_ms != 0 &&
	    h->now_ms - s->ready_ms >= h->policy->restart_reset_ms)
		s->failures = 0;
	s->pid = 0;
	back_off(s, h);
	return SLOT_DO_COUNT;
}

/* The death is counted now; when it comes it only stops the slot. */
static enum slot_action
give_up(struct slot *s, const struct happening *h)
{
	(void)h;
	if (!s->wanted)
		return SLOT_DO_NOTHING;
	s->wanted = false;
	return SLOT_DO_COUNT;
}

/* ---- the handlers of a replacement ---- */

static enum slot_action
replace(struct slot *s, const struct happening *h)
{
	(void)h;
	s->state = SLOT_DRAINING;
	return SLOT_DO_TERM;
}

static enum slot_action
hasten(struct slot *s, const struct happening *h)
{
	s->deadline_ms = h->now_ms;
	return SLOT_DO_NOTHING;
}

/* ---- the handlers of the stop ---- */

/*
 * A child that drains already gets SIGTERM again: so far it may have drained
 * alone, and worked what its last poll brought; in a stop it must begin nothing
 * new.
 */
static enum slot_action
drain(struct slot *s, const struct happening *h)
{
	(void)h;
	s->state = SLOT_DRAINING;
	s->wanted = false;
	return SLOT_DO_TERM;
}

static enum slot_action
give_back(struct slot *s, const struct happening *h)
{
	(void)h;
	s->state = SLOT_DRAINING;
	s->wanted = false;
	return SLOT_DO_QUIT;
}

static enum slot_action
kill_for_good(struct slot *s, const struct happening *h)
{
	s->wanted = false;
	return kill_child(s, h);
}

/* The child is being killed already; its slot must not be refilled. */
static enum slot_action
last_time(struct slot *s, const struct happening *h)
{
	(void)h;
	s->wanted = false;
	return SLOT_DO_NOTHING;
}

static enum slot_action
nothing(struct slot *s, const struct happening *h)
{
	(void)s;
	(void)h;
	return SLOT_DO_NOTHING;
}

static enum slot_action
impossible(struct slot *s, const struct happening *h)
{
	(void)s;
	(void)h;
	return SLOT_DO_COMPLAIN;
}

static slot_handler *const table[SLOT_STATES][SLOT_EVENTS] = {
	[SLOT_DOWN] = {
		[SLOT_EVENT_FORKED] = forked,
		[SLOT_EVENT_FORK_FAILED] = fork_failed,
		[SLOT_EVENT_UP] = impossible,
		[SLOT_EVENT_EXPIRED] = refill,
		[SLOT_EVENT_EXITED] = impossible,
		[SLOT_EVENT_DIED] = impossible,
		[SLOT_EVENT_LOST] = impossible,
		[SLOT_EVENT_DRAIN] = nothing,
		[SLOT_EVENT_STOP] = stopped,
		[SLOT_EVENT_RELEASE] = stopped,
		[SLOT_EVENT_KILL] = stopped,
	},
	[SLOT_STARTING] = {
		[SLOT_EVENT_FORKED] = impossible,
		[SLOT_EVENT_FORK_FAILED] = impossible,
		[SLOT_EVENT_UP] = get_ready,
		[SLOT_EVENT_EXPIRED] = abort_child,
		[SLOT_EVENT_EXITED] = exited,
		[SLOT_EVENT_DIED] = died,
		[SLOT_EVENT_LOST] = impossible,
		[SLOT_EVENT_DRAIN] = replace,
		[SLOT_EVENT_STOP] = drain,
		[SLOT_EVENT_RELEASE] = give_back,
		[SLOT_EVENT_KILL] = kill_for_good,
	},
	[SLOT_READY] = {
		[SLOT_EVENT_FORKED] = impossible,
		[SLOT_EVENT_FORK_FAILED] = impossible,
		[SLOT_EVENT_UP] = nothing,
		[SLOT_EVENT_EXPIRED] = abort_child,
		[SLOT_EVENT_EXITED] = exited,
		[SLOT_EVENT_DIED] = died,
		[SLOT_EVENT_LOST] = impossible,
		[SLOT_EVENT_DRAIN] = replace,
		[SLOT_EVENT_STOP] = drain,
		[SLOT_EVENT_RELEASE] = give_back,
		[SLOT_EVENT_KILL] = kill_for_good,
	},
	[SLOT_DRAINING] = {
		[SLOT_EVENT_FORKED] = impossible,
		[SLOT_EVENT_FORK_FAILED] = impossible,
		[SLOT_EVENT_UP] = nothing,
		[SLOT_EVENT_EXPIRED] = abort_child,
		[SLOT_EVENT_EXITED] = exited,
		[SLOT_EVENT_DIED] = died,
		[SLOT_EVENT_LOST] = impossible,
		[SLOT_EVENT_DRAIN] = nothing,
		[SLOT_EVENT_STOP] = drain,
		[SLOT_EVENT_RELEASE] = give_back,
		[SLOT_EVENT_KILL] = kill_for_good,
	},
	[SLOT_KILLED] = {
		[SLOT_EVENT_FORKED] = impossible,
		[SLOT_EVENT_FORK_FAILED] = impossible,
		[SLOT_EVENT_UP] = nothing,
		[SLOT_EVENT_EXPIRED] = kill_child,
		[SLOT_EVENT_EXITED] = exited,
		[SLOT_EVENT_DIED] = died,
		[SLOT_EVENT_LOST] = give_up,
		[SLOT_EVENT_DRAIN] = nothing,
		[SLOT_EVENT_STOP] = last_time,
		[SLOT_EVENT_RELEASE] = last_time,
		[SLOT_EVENT_KILL] = kill_for_good,
	},
	[SLOT_BACKOFF] = {
		[SLOT_EVENT_FORKED] = impossible,
		[SLOT_EVENT_FORK_FAILED] = impossible,
		[SLOT_EVENT_UP] = impossible,
		[SLOT_EVENT_EXPIRED] = refill,
		[SLOT_EVENT_EXITED] = impossible,
		[SLOT_EVENT_DIED] = impossible,
		[SLOT_EVENT_LOST] = impossible,
		[SLOT_EVENT_DRAIN] = hasten,
		[SLOT_EVENT_STOP] = stopped,
		[SLOT_EVENT_RELEASE] = stopped,
		[SLOT_EVENT_KILL] = stopped,
	},
	[SLOT_STOPPED] = {
		[SLOT_EVENT_FORKED] = impossible,
		[SLOT_EVENT_FORK_FAILED] = impossible,
		[SLOT_EVENT_UP] = impossible,
		[SLOT_EVENT_EXPIRED] = nothing,
		[SLOT_EVENT_EXITED] = impossible,
		[SLOT_EVENT_DIED] = impossible,
		[SLOT_EVENT_LOST] = impossible,
		[SLOT_EVENT_DRAIN] = nothing,
		[SLOT_EVENT_STOP] = nothing,
		[SLOT_EVENT_RELEASE] = nothing,
		[SLOT_EVENT_KILL] = nothing,
	},
};

void
slot_init(struct slot *s, int64_t now_ms)
{
	*s = (struct slot){ .state = SLOT_DOWN,
		.wanted = true,
		.deadline_ms = now_ms };
}

enum slot_action
slot_apply(struct slot *s, enum slot_event event, const struct slot_policy *p,
    int64_t now_ms, double unit)
{
	const struct happening h = { p, now_ms, unit };

	return table[s->state][event](s, &h);
}

bool
slot_is_killed(const struct slot *s)
{
	return s->state == SLOT_KILLED && s->kills > 0;
}

bool
slot_is_live(const struct slot *s)
{
	static const bool live[SLOT_STATES] = {
		[SLOT_STARTING] = true,
		[SLOT_READY] = true,
		[SLOT_DRAINING] = true,
		[SLOT_KILLED] = true,
	};

	return live[s->state];
}

enum slot_event
slot_end_event(const struct slot *s, const struct slot_end *end, int64_t now_ms)
{
	if (end->signalled || end->status != 0 || s->state == SLOT_KILLED)
		return SLOT_EVENT_DIED;
	if (s->state == SLOT_DRAINING)
		return SLOT_EVENT_EXITED;
	if (end->phase == SCOREBOARD_DRAINING &&
	    now_ms - s->forked_ms >= SETTLED_MS)
		return SLOT_EVENT_EXITED;
	return SLOT_EVENT_DIED;
}

void
slot_reset_failures(struct slot *s)
{
	s->failures = 0;
}

const char *
slot_state_name(enum slot_state state)
{
	static const char *const names[SLOT_STATES] = {
		[SLOT_DOWN] = "down",
		[SLOT_STARTING] = "starting",
		[SLOT_READY] = "ready",
		[SLOT_DRAINING] = "draining",
		[SLOT_KILLED] = "killed",
		[SLOT_BACKOFF] = "backoff",
		[SLOT_STOPPED] = "stopped",
	};

	return names[state];
}

const char *
slot_event_name(enum slot_event event)
{
	static const char *const names[SLOT_EVENTS] = {
		[SLOT_EVENT_FORKED] = "forked",
		[SLOT_EVENT_FORK_FAILED] = "fork_failed",
		[SLOT_EVENT_UP] = "up",
		[SLOT_EVENT_EXPIRED] = "expired",
		[SLOT_EVENT_EXITED] = "exited",
		[SLOT_EVENT_DIED] = "died",
		[SLOT_EVENT_LOST] = "lost",
		[SLOT_EVENT_DRAIN] = "drain",
		[SLOT_EVENT_STOP] = "stop",
		[SLOT_EVENT_RELEASE] = "release",
		[SLOT_EVENT_KILL] = "kill",
	};

	return names[event];
}
