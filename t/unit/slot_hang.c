/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * When a child counts as hung: silence, and jobs without an end.
 */
#include "supervisor/slots/slot_hang.h"

#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	NOW = 1000000
};

static const struct slot_policy policy = { .start_timeout_ms = 30000,
	.heartbeat_timeout_ms = 20000,
	.job_limit_ms = 60000,
	.job_end_ms = 15000 };

static struct slot
slot_in(enum slot_state state)
{
	struct slot s;

	slot_init(&s, NOW);
	s.state = state;
	return s;
}

static void
test_watch(void)
{
	static struct scoreboard_snapshot row;
	struct slot s = slot_in(SLOT_READY);

	row.phase = SCOREBOARD_POLLING;
	row.progress_ms = NOW - 19999;
	is_int(slot_hang_check(&s, &policy, &row, NOW), SLOT_HANG_NONE,
	    "a child that moved within the heartbeat is well");
	is_int(s.deadline_ms, NOW + 1, "the next look is when it runs out");
	is_int(slot_hang_check(&s, &policy, &row, NOW + 1), SLOT_HANG_NONE,
	    "one that did not may have stood still with all of us");
	is_int(s.deadline_ms, NOW + 1001, "so there is another look");
	is_int(slot_hang_check(&s, &policy, &row, NOW + 1001),
	    SLOT_HANG_HEARTBEAT, "if it has not gone on by then it is hung");

	s.suspected = false;
	row.phase = SCOREBOARD_EMPTY;
	s.watched_from_ms = NOW - 29999;
	is_int(slot_hang_check(&s, &policy, &row, NOW), SLOT_HANG_NONE,
	    "a starting child has the start timeout");
	(void)slot_hang_check(&s, &policy, &row, NOW + 1);
	is_int(slot_hang_check(&s, &policy, &row, NOW + 1001), SLOT_HANG_START,
	    "and is hung after it");
}

static void
test_freeze(void)
{
	static struct scoreboard_snapshot row;
	struct slot s = slot_in(SLOT_READY);

	row.phase = SCOREBOARD_POLLING;
	row.progress_ms = NOW - 24000;
	(void)slot_hang_check(&s, &policy, &row, NOW);
	row.progress_ms = NOW + 10;
	is_int(slot_hang_check(&s, &policy, &row, NOW + 1000), SLOT_HANG_NONE,
	    "a child that was frozen with us goes on");
	is_int(s.deadline_ms, NOW + 20010, "and has its heartbeat again");
	is_int(slot_hang_check(&s, &policy, &row, NOW + 20010), SLOT_HANG_NONE,
	    "the next silence has two looks as well");
	is_int(slot_hang_check(&s, &policy, &row, NOW + 21010),
	    SLOT_HANG_HEARTBEAT, "and no more");
	s.state = SLOT_DOWN;
	(void)slot_apply(&s, SLOT_EVENT_FORKED, &policy, NOW, 0.5);
	ok(!s.suspected, "its successor is not suspected");
}

static void
test_job_watch(void)
{
	static struct scoreboard_snapshot row;
	struct slot_policy no_limit = policy;
	struct slot s = slot_in(SLOT_READY);

	row.phase = SCOREBOARD_BUSY;
	row.progress_ms = NOW;
	row.n_held = 3;
	row.held[0].state = SCOREBOARD_HAND_HELD;
	row.held[0].since_ms = NOW - 70000;
	row.held[1].state = SCOREBOARD_HAND_WORKING;
	row.held[1].since_ms = NOW - 59999;
	row.held[2].state = SCOREBOARD_HAND_WORKING;
	row.held[2].since_ms = NOW - 5;
	is_int(slot_hang_check(&s, &policy, &row, NOW), SLOT_HANG_NONE,
	    "a message that no handler has may wait");
	is_int(s.deadline_ms, NOW + 1, "the oldest job is due next");
	is_int(slot_hang_check(&s, &policy, &row, NOW + 1), SLOT_HANG_NONE,
	    "past its limit it may have stood still with all of us");
	is_int(s.deadline_ms, NOW + 15001, "so it can be ended once more");
	row.progress_ms = NOW + 15001;
	is_int(slot_hang_check(&s, &policy, &row, NOW + 15001), SLOT_HANG_NONE,
	    "then there are two looks as well");
	is_int(slot_hang_check(&s, &policy, &row, NOW + 16001), SLOT_HANG_JOB,
	    "a job past every limit means that the child is hung");
	row.held[1].since_ms = NOW + 16000;
	is_int(slot_hang_check(&s, &policy, &row, NOW + 16001), SLOT_HANG_NONE,
	    "unless it has ended");
	is_int(s.overdue_ms, 0, "which the next one does not inherit");
	row.held[1].since_ms = NOW - 59999;
	no_limit.job_limit_ms = 0;
	is_int(slot_hang_check(&s, &no_limit, &row, NOW + 16001),
	    SLOT_HANG_NONE, "without a limit a job may last");
	s.watched_from_ms = NOW;
	is_int(slot_hang_check(&s, &policy, &row, NOW + 1), SLOT_HANG_NONE,
	    "time before the watch does not count");

	no_limit.job_limit_ms = 500;
	row.n_held = 0;
	slot_hang_check(&s, &no_limit, &row, NOW);
	is_int(s.deadline_ms, NOW + 500,
	    "the next look is in time for a job that begins now");
}

static void
test_start_over(void)
{
	static struct scoreboard_snapshot row;
	struct slot s = slot_in(SLOT_READY);

	row.phase = SCOREBOARD_POLLING;
	row.progress_ms = NOW - 500000;
	slot_hang_start_over(&s, &policy, NOW);
	is_int(slot_hang_check(&s, &policy, &row, NOW + 19999), SLOT_HANG_NONE,
	    "a child that starts over has a full heartbeat more");
	(void)slot_hang_check(&s, &policy, &row, NOW + 20000);
	is_int(slot_hang_check(&s, &policy, &row, NOW + 21000),
	    SLOT_HANG_HEARTBEAT, "and no more than that");
	s.suspected = true;
	slot_hang_start_over(&s, &policy, NOW);
	ok(!s.suspected, "and is not suspected");
	s = slot_in(SLOT_KILLED);
	s.deadline_ms = NOW + 3;
	slot_hang_start_over(&s, &policy, NOW);
	is_int(s.deadline_ms, NOW + 3, "a death sentence is not lifted");
}

int
main(void)
{
	test_watch();
	test_freeze();
	test_job_watch();
	test_start_over();
	return tap_done();
}
