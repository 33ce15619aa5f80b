/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The division of the grace timeout.
 */
#include "common/ipc/grace.h"

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static void
test_split(void)
{
	static const struct {
		int64_t grace, release, kill;
	} cases[] = { { 25000, 21000, 23000 }, { 120000, 116000, 118000 },
		{ 10000, 6000, 8000 }, { 5000, 3000, 4000 }, { 1000, 600, 800 },
		{ 4, 4, 4 }, { 0, 0, 0 } };
	struct grace g;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		g = grace_split(cases[i].grace);
		is_int(g.release_ms, cases[i].release, "work may last so long");
		is_int(g.kill_ms, cases[i].kill, "giving back so long");
		is_int(g.exit_ms, cases[i].grace, "and all of it no longer");
	}
}

static void
test_order(void)
{
	bool rising = true;
	struct grace g;
	int64_t ms;

	for (ms = 0; ms < 100000; ms += 7) {
		g = grace_split(ms);
		rising = rising && g.release_ms >= 0 &&
		    g.release_ms <= g.kill_ms && g.kill_ms <= g.exit_ms &&
		    g.release_ms * 2 >= g.exit_ms;
	}
	ok(rising, "the parts follow each other and work has the longest");
}

static void
test_wait_time(void)
{
	is_int(grace_wait_time_s(25000, 20), 20,
	    "the default grace has room for the longest poll");
	is_int(grace_wait_time_s(24999, 20), 19, "with nothing to spare");
	is_int(grace_wait_time_s(10000, 20), 5, "a shorter one shortens it");
	is_int(grace_wait_time_s(10000, 3), 3, "but not what is short");
	is_int(grace_wait_time_s(1000, 20), 0, "or leaves no poll at all");
	is_int(grace_wait_time_s(0, 20), 0, "nor does no grace");
	is_int(grace_wait_time_s(INT64_MAX, 20), 20, "endless grace is fine");
}

static void
test_hide(void)
{
	is_int(grace_hide_s(0, 8, 20, 5000), 0,
	    "without a stop nothing is hidden");
	is_int(grace_hide_s(1000, 8, 20, 1000), 20,
	    "at its beginning for the time of a poll");
	is_int(grace_hide_s(1000, 8, 20, 20001), 1, "rounded up");
	is_int(grace_hide_s(1000, 8, 20, 21000), 0, "and then no more");
	is_int(grace_hide_s(1000, 8, 20, 99000), 0, "never again");
	is_int(grace_hide_s(1000, 8, 0, 1000), 0, "no polls, no hiding");
	is_int(grace_hide_s(1000, 2, 20, 1000), 20,
	    "two children hide from each other");
	is_int(grace_hide_s(1000, GRACE_CHILDREN_UNKNOWN, 20, 1000), 20,
	    "and who knows of no others from those that may be");
	is_int(grace_hide_s(1000, 1, 20, 1000), 0,
	    "an only child has nobody to hide from");
	is_int(grace_hide_s(1000, 0, 20, 1000), 0, "nor has none");
}

int
main(void)
{
	test_split();
	test_order();
	test_wait_time();
	test_hide();
	return tap_done();
}
