/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The slots' table: first its rules over every pair of state and event, then
 * the lives of a child one by one.
 */
#include "supervisor/slots/slot.h"

#include <stddef.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	NOW = 1000000,
	PID = 4711
};

static const struct slot_policy policy = { .start_timeout_ms = 30000,
	.heartbeat_timeout_ms = 20000,
	.job_limit_ms = 60000,
	.job_end_ms = 15000,
	.kill_again_ms = 5000,
	.restart_base_ms = 1000,
	.restart_cap_ms = 30000,
	.restart_reset_ms = 60000 };

static enum slot_action
apply_at(struct slot *s, enum slot_event event, int64_t now_ms)
{
	return slot_apply(s, event, &policy, now_ms, 0.5);
}

static enum slot_action
apply(struct slot *s, enum slot_event event)
{
	return apply_at(s, event, NOW);
}

/* A slot with a child as far as this state needs one. */
static struct slot
slot_in(enum slot_state state, bool wanted)
{
	struct slot s;

	slot_init(&s, NOW);
	s.state = state;
	s.wanted = wanted;
	if (slot_is_live(&s))
		s.pid = PID;
	return s;
}

/* ---- rules over all pairs ---- */

static bool
is_stop(enum slot_event e)
{
	return e == SLOT_EVENT_STOP || e == SLOT_EVENT_RELEASE ||
	    e == SLOT_EVENT_KILL;
}

static bool
is_signal(enum slot_action a)
{
	return a == SLOT_DO_TERM || a == SLOT_DO_QUIT || a == SLOT_DO_ABORT ||
	    a == SLOT_DO_KILL;
}

/* Whether the pair can happen at all: the model that the table is held to. */
static bool
is_possible(enum slot_state state, enum slot_event e)
{
	struct slot s = slot_in(state, true);

	switch (e) {
	case SLOT_EVENT_FORKED:
	case SLOT_EVENT_FORK_FAILED:
		return state == SLOT_DOWN;
	case SLOT_EVENT_UP:
	case SLOT_EVENT_EXITED:
	case SLOT_EVENT_DIED:
		return slot_is_live(&s);
	case SLOT_EVENT_LOST:
		return state == SLOT_KILLED;
	case SLOT_EVENT_EXPIRED:
	case SLOT_EVENT_DRAIN:
	case SLOT_EVENT_STOP:
	case SLOT_EVENT_RELEASE:
	case SLOT_EVENT_KILL:
	case SLOT_EVENTS:
		break;
	}
	return true;
}

struct rule {
	const char *name;
	/* Does the rule hold for what this event did? */
	bool (*holds)(const struct slot *before, enum slot_event e,
	    enum slot_action a, const struct slot *after);
};

static bool
complains_rightly(const struct slot *before, enum slot_event e,
    enum slot_action a, const struct slot *after)
{
	bool complained = a == SLOT_DO_COMPLAIN;

	return complained == !is_possible(before->state, e) &&
	    (!complained || memcmp(before, after, sizeof(*before)) == 0);
}

static bool
stop_is_for_good(const struct slot *before, enum slot_event e,
    enum slot_action a, const struct slot *after)
{
	(void)before;
	(void)a;
	return !is_stop(e) ||
	    (!after->wanted && after->state != SLOT_DOWN &&
		after->state != SLOT_BACKOFF);
}

static bool
drain_wants_it_back(const struct slot *before, enum slot_event e,
    enum slot_action a, const struct slot *after)
{
	bool works =
	    before->state == SLOT_STARTING || before->state == SLOT_READY;

	return e != SLOT_EVENT_DRAIN ||
	    (before->wanted == after->wanted && (a == SLOT_DO_TERM) == works &&
		(after->state == SLOT_DRAINING ||
		    after->state == before->state));
}

static bool
unwanted_is_not_refilled(const struct slot *before, enum slot_event e,
    enum slot_action a, const struct slot *after)
{
	if (before->wanted || !slot_is_live(before) ||
	    (e != SLOT_EVENT_EXITED && e != SLOT_EVENT_DIED))
		return true;
	return a == SLOT_DO_NOTHING && after->state == SLOT_STOPPED;
}

static bool
forks_only_when_empty(const struct slot *before, enum slot_event e,
    enum slot_action a, const struct slot *after)
{
	(void)e;
	return a != SLOT_DO_FORK ||
	    (!slot_is_live(before) && before->state != SLOT_STOPPED &&
		after->state == SLOT_DOWN);
}

static bool
signals_only_the_living(const struct slot *before, enum slot_event e,
    enum slot_action a, const struct slot *after)
{
	(void)e;
	return !is_signal(a) || (slot_is_live(before) && after->pid == PID);
}

static bool
counts_wanted_deaths(const struct slot *before, enum slot_event e,
    enum slot_action a, const struct slot *after)
{
	bool counts = e == SLOT_EVENT_DIED || e == SLOT_EVENT_LOST;

	if (e == SLOT_EVENT_LOST && before->state == SLOT_KILLED &&
	    after->wanted)
		return false;
	return (a == SLOT_DO_COUNT) ==
	    (counts && before->wanted && is_possible(before->state, e));
}

static bool
pid_follows_life(const struct slot *before, enum slot_event e,
    enum slot_action a, const struct slot *after)
{
	(void)before;
	(void)a;
	/* FORKED: the caller sets it. */
	return e == SLOT_EVENT_FORKED ||
	    slot_is_live(after) == (after->pid != 0);
}

static bool
is_never_downgraded(const struct slot *before, enum slot_event e,
    enum slot_action a, const struct slot *after)
{
	(void)a;
	if (before->state == SLOT_KILLED && slot_is_live(after))
		return after->state == SLOT_KILLED;
	if (before->state == SLOT_DRAINING && slot_is_live(after))
		return after->state == SLOT_DRAINING ||
		    e == SLOT_EVENT_EXPIRED || e == SLOT_EVENT_KILL;
	return true;
}

/* Whoever is not stopped has something to happen next. */
static bool
has_a_deadline(const struct slot *before, enum slot_event e, enum slot_action a,
    const struct slot *after)
{
	(void)before;
	(void)e;
	return a == SLOT_DO_FORK || after->state == SLOT_STOPPED ||
	    after->deadline_ms != CLOCK_NEVER;
}

static const struct rule rules[] = {
	{ "exactly the impossible pairs complain, and change nothing",
	    complains_rightly },
	{ "after a stop event a slot never waits to be filled",
	    stop_is_for_good },
	{ "a drain asks a child to end once, and changes no mind",
	    drain_wants_it_back },
	{ "a slot that is not wanted is not refilled",
	    unwanted_is_not_refilled },
	{ "a fork is asked for only where there is no child",
	    forks_only_when_empty },
	{ "only a living child is signalled", signals_only_the_living },
	{ "each abnormal death of a wanted child is counted, early if it is lost",
	    counts_wanted_deaths },
	{ "a slot has a pid exactly while it has a child", pid_follows_life },
	{ "a stage of the end is never taken back", is_never_downgraded },
	{ "a slot always has a next deadline until it is stopped",
	    has_a_deadline },
};

static bool
holds_for_pair(const struct rule *r, int state, int event, bool wanted)
{
	struct slot before = slot_in((enum slot_state)state, wanted);
	struct slot after = before;
	enum slot_action a = apply(&after, (enum slot_event)event);

	if (r->holds(&before, (enum slot_event)event, a, &after))
		return true;
	printf("# %s, %s, %s: action %d, then %s\n",
	    slot_state_name(before.state),
	    slot_event_name((enum slot_event)event),
	    wanted ? "wanted" : "not wanted", a, slot_state_name(after.state));
	return false;
}

/* A slot that is empty and not wanted is stopped, and the reverse. */
static bool
exists(int state, bool wanted)
{
	if (state == SLOT_STOPPED)
		return !wanted;
	return wanted || (state != SLOT_DOWN && state != SLOT_BACKOFF);
}

static void
test_rule(const struct rule *r)
{
	int state, event, wanted;
	bool good = true;

	for (state = 0; state < SLOT_STATES; state++)
		for (event = 0; event < SLOT_EVENTS; event++)
			for (wanted = 0; wanted < 2; wanted++)
				if (exists(state, wanted) &&
				    !holds_for_pair(r, state, event, wanted))
					good = false;
	ok(good, r->name);
}

/* ---- lives ---- */

static void
test_life(void)
{
	struct slot s;

	slot_init(&s, NOW);
	is_int(s.deadline_ms, NOW, "a new slot is due at once");
	is_int(apply(&s, SLOT_EVENT_EXPIRED), SLOT_DO_FORK,
	    "a slot that is down asks for a fork");
	s.pid = PID;
	apply(&s, SLOT_EVENT_FORKED);
	is_int(s.state, SLOT_STARTING, "a forked child is starting");
	is_int(s.generation, 1, "a fork begins a generation");
	is_int(s.deadline_ms, NOW + 30000, "it has the start timeout");
	apply_at(&s, SLOT_EVENT_UP, NOW + 5);
	is_int(s.state, SLOT_READY, "a child in its loop is ready");
	apply_at(&s, SLOT_EVENT_EXITED, NOW + 5000);
	is_int(s.state, SLOT_DOWN, "a clean exit leaves the slot down");
	is_int(s.deadline_ms, NOW + 5000, "and due at once");
}

static void
test_hang(void)
{
	struct slot s = slot_in(SLOT_READY, true);

	is_int(apply(&s, SLOT_EVENT_EXPIRED), SLOT_DO_ABORT,
	    "a hung child is aborted");
	is_int(s.deadline_ms, NOW + 2000, "and has two seconds for its core");
	is_int(apply_at(&s, SLOT_EVENT_EXPIRED, NOW + 2000), SLOT_DO_KILL,
	    "then it is killed");
	is_int(apply_at(&s, SLOT_EVENT_EXPIRED, s.deadline_ms), SLOT_DO_KILL,
	    "and killed again while it is not dead");
	is_int(s.kills, 2, "kills are counted");
	is_int(apply(&s, SLOT_EVENT_DIED), SLOT_DO_COUNT,
	    "its death is an abnormal one");
	is_int(s.state, SLOT_BACKOFF, "and refilled after a pause");
}

static void
test_unkillable(void)
{
	struct slot s = slot_in(SLOT_READY, true);

	apply(&s, SLOT_EVENT_EXPIRED);
	ok(!slot_is_killed(&s), "SIGABRT is not SIGKILL");
	apply(&s, SLOT_EVENT_EXPIRED);
	ok(slot_is_killed(&s), "a killed child is");
	is_int(apply(&s, SLOT_EVENT_LOST), SLOT_DO_COUNT,
	    "one that does not die of it is counted as dead");
	ok(!s.wanted, "and another can take its place");
	is_int(apply(&s, SLOT_EVENT_LOST), SLOT_DO_NOTHING, "once");
	is_int(apply(&s, SLOT_EVENT_EXPIRED), SLOT_DO_KILL,
	    "it is killed again and again");
	is_int(apply(&s, SLOT_EVENT_DIED), SLOT_DO_NOTHING,
	    "its end is not counted any more");
	is_int(s.state, SLOT_STOPPED, "but the end of its slot");
}

static void
test_stop(void)
{
	struct slot s = slot_in(SLOT_STARTING, true);

	is_int(apply(&s, SLOT_EVENT_STOP), SLOT_DO_TERM,
	    "a starting child is asked to end, too");
	is_int(apply(&s, SLOT_EVENT_STOP), SLOT_DO_TERM,
	    "and told of a second stop, which may be one of all");
	is_int(s.state, SLOT_DRAINING, "it drains as before");
	is_int(apply(&s, SLOT_EVENT_RELEASE), SLOT_DO_QUIT,
	    "release asks it to give back");
	is_int(apply(&s, SLOT_EVENT_KILL), SLOT_DO_KILL, "kill kills");
	apply(&s, SLOT_EVENT_DIED);
	is_int(s.state, SLOT_STOPPED, "after which the slot is stopped");

	s = slot_in(SLOT_BACKOFF, true);
	apply(&s, SLOT_EVENT_STOP);
	is_int(s.deadline_ms, CLOCK_NEVER, "a stop cancels a pause");
}

static void
test_replacement(void)
{
	struct slot s = slot_in(SLOT_READY, true);

	is_int(apply(&s, SLOT_EVENT_DRAIN), SLOT_DO_TERM,
	    "a child to be replaced is asked to end");
	is_int(apply(&s, SLOT_EVENT_DRAIN), SLOT_DO_NOTHING, "once");
	apply(&s, SLOT_EVENT_EXITED);
	is_int(s.state, SLOT_DOWN, "when it has ended its slot is down");
	is_int(s.deadline_ms, NOW, "and due at once");
	is_int(s.failures, 0, "and nothing has failed");

	s = slot_in(SLOT_BACKOFF, true);
	s.deadline_ms = NOW + 30000;
	apply(&s, SLOT_EVENT_DRAIN);
	is_int(s.deadline_ms, NOW, "a slot that waits for its refill has it");

	s = slot_in(SLOT_DRAINING, true);
	is_int(apply(&s, SLOT_EVENT_STOP), SLOT_DO_TERM,
	    "who is being replaced is told of the stop");
	apply(&s, SLOT_EVENT_EXITED);
	is_int(s.state, SLOT_STOPPED,
	    "a stop wins over a replacement under way");
	s = slot_in(SLOT_DRAINING, false);
	apply(&s, SLOT_EVENT_DRAIN);
	apply(&s, SLOT_EVENT_EXITED);
	is_int(s.state, SLOT_STOPPED, "and over one that comes after it");
}

static void
test_backoff(void)
{
	static const int64_t expected[] = { 750, 1500, 3000, 6000, 12000, 22500,
		22500 };
	struct slot s = slot_in(SLOT_STARTING, true);
	bool good = true;
	size_t i;

	for (i = 0; i < nitems(expected); i++) {
		s.state = SLOT_STARTING;
		apply(&s, SLOT_EVENT_DIED);
		if (s.deadline_ms - NOW != expected[i])
			good = false;
	}
	ok(good, "the pause doubles with each death in a row, up to the cap");

	s.state = SLOT_READY;
	s.ready_ms = NOW;
	apply_at(&s, SLOT_EVENT_DIED, NOW + 59999);
	is_int(s.deadline_ms, NOW + 59999 + 22500,
	    "a short health does not shorten the pause");
	s.state = SLOT_READY;
	s.ready_ms = NOW;
	apply_at(&s, SLOT_EVENT_DIED, NOW + 60000);
	is_int(s.deadline_ms, NOW + 60000 + 750, "a long one resets it");

	s = slot_in(SLOT_DOWN, true);
	is_int(apply(&s, SLOT_EVENT_FORK_FAILED), SLOT_DO_NOTHING,
	    "a failed fork is not a death");
	is_int(s.deadline_ms, NOW + 750, "but it pauses like one");
}

static void
test_no_busy_loop(void)
{
	struct slot_policy impatient = policy;
	struct slot s = slot_in(SLOT_DOWN, true);

	impatient.restart_base_ms = 0;
	slot_apply(&s, SLOT_EVENT_FORK_FAILED, &impatient, NOW, 0);
	ok(s.deadline_ms > NOW,
	    "even without a restart delay there is a pause");
}

/* ---- ends ---- */

static void
test_ends(void)
{
	static const struct {
		const char *name;
		enum slot_state state;
		struct slot_end end;
		int64_t uptime_ms;
		enum slot_event want;
	} cases[] = {
		{ "exit 0 after our request is clean", SLOT_DRAINING,
		    { .phase = SCOREBOARD_POLLING }, 10, SLOT_EVENT_EXITED },
		{ "exit 0 of a draining child is clean", SLOT_READY,
		    { .phase = SCOREBOARD_DRAINING }, 1000, SLOT_EVENT_EXITED },
		{ "exit 0 within the first second is not", SLOT_READY,
		    { .phase = SCOREBOARD_DRAINING }, 999, SLOT_EVENT_DIED },
		{ "exit 0 that nobody asked for is not", SLOT_READY,
		    { .phase = SCOREBOARD_POLLING }, 5000, SLOT_EVENT_DIED },
		{ "exit 0 of a child that was being killed is not", SLOT_KILLED,
		    { .phase = SCOREBOARD_DRAINING }, 5000, SLOT_EVENT_DIED },
		{ "exit 78 is not clean", SLOT_DRAINING,
		    { .status = 78, .phase = SCOREBOARD_DRAINING }, 5000,
		    SLOT_EVENT_DIED },
		{ "a signal is not clean", SLOT_DRAINING,
		    { .signalled = true, .status = 9 }, 5000, SLOT_EVENT_DIED },
	};
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		struct slot s = slot_in(cases[i].state, true);

		s.forked_ms = NOW - cases[i].uptime_ms;
		is_int(slot_end_event(&s, &cases[i].end, NOW), cases[i].want,
		    cases[i].name);
	}
}

int
main(void)
{
	size_t i;

	for (i = 0; i < nitems(rules); i++)
		test_rule(&rules[i]);
	test_life();
	test_hang();
	test_unkillable();
	test_stop();
	test_replacement();
	test_backoff();
	test_no_busy_loop();
	test_ends();
	return tap_done();
}
