/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The stages of a stop.
 */
#include "supervisor/stop.h"

#include "common/base/clock.h"
#include "common/ipc/grace.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	NOW = 1000,
	GRACE = 25000
};

static enum stop_stage
advance(struct stop *s, int64_t now_ms)
{
	while (stop_advance(s, now_ms))
		continue;
	return s->stage;
}

static void
test_order(void)
{
	struct grace g = grace_split(GRACE);
	struct stop s = { .stage = STOP_NONE };

	is_int(stop_deadline(&s), CLOCK_NEVER, "nothing is due before a stop");
	ok(!stop_advance(&s, INT64_MAX - 1), "no time begins a stop");
	stop_begin(&s, GRACE, NOW);
	is_int(advance(&s, NOW), STOP_FINISH, "a stop begins with finish");
	is_int(advance(&s, NOW + g.release_ms - 1), STOP_FINISH,
	    "which lasts as the grace is split");
	is_int(stop_deadline(&s), NOW + g.release_ms, "release is due next");
	is_int(advance(&s, NOW + g.release_ms), STOP_RELEASE,
	    "then comes release");
	is_int(advance(&s, NOW + g.kill_ms), STOP_KILL, "then kill");
	is_int(advance(&s, NOW + g.exit_ms), STOP_EXIT, "then exit");
	is_int(stop_deadline(&s), CLOCK_NEVER, "after which nothing is due");
	ok(!stop_advance(&s, INT64_MAX - 1), "and nothing follows");
}

static void
test_no_skip(void)
{
	struct stop s = { .stage = STOP_NONE };
	int stages = 0;

	stop_begin(&s, GRACE, NOW);
	while (stop_advance(&s, NOW + 10 * GRACE))
		stages++;
	is_int(stages, STOP_EXIT, "a late wake-up skips no stage");
}

static void
test_again(void)
{
	struct stop s = { .stage = STOP_NONE };

	stop_begin(&s, GRACE, NOW);
	stop_begin(&s, GRACE, NOW + 20000);
	is_int(s.at_ms[STOP_EXIT], NOW + GRACE,
	    "a second beginning does not put the end off");
}

static void
test_hurry(void)
{
	struct grace g = grace_split(GRACE);
	struct stop s = { .stage = STOP_NONE };

	stop_hurry(&s, NOW);
	ok(!stop_is_begun(&s), "there is no hurry without a stop");
	stop_begin(&s, GRACE, NOW);
	(void)advance(&s, NOW);
	stop_hurry(&s, NOW + 5);
	is_int(advance(&s, NOW + 5), STOP_RELEASE, "hurry means release");
	is_int(s.at_ms[STOP_KILL] - (NOW + 5), g.kill_ms - g.release_ms,
	    "which has its usual time");
	stop_hurry(&s, NOW + 100);
	is_int(s.at_ms[STOP_KILL] - (NOW + 5), g.kill_ms - g.release_ms,
	    "and is not hurried itself");
}

static void
test_drain(void)
{
	struct stop s = { .stage = STOP_NONE };

	ok(!stop_is_timed(&s), "without a stop no time runs");
	stop_begin_drain(&s, NOW);
	ok(stop_is_begun(&s) && !stop_is_timed(&s),
	    "a drain is a stop without a limit");
	is_int(advance(&s, NOW + 1000 * GRACE), STOP_FINISH,
	    "that has all the time it needs");
	is_int(stop_deadline(&s), CLOCK_NEVER, "nothing else is due");
	stop_hurry(&s, NOW + 5);
	is_int(advance(&s, NOW + 5), STOP_FINISH, "nor can it be hurried");
	stop_begin_drain(&s, NOW + 7);
	stop_begin(&s, GRACE, NOW + 10);
	ok(stop_is_timed(&s), "but it can be made a common stop");
	is_int(s.at_ms[STOP_EXIT], NOW + 10 + GRACE,
	    "which has its time from then on");
	stop_begin_drain(&s, NOW + 20);
	ok(stop_is_timed(&s), "and is not made a drain again");
}

int
main(void)
{
	test_order();
	test_no_skip();
	test_again();
	test_hurry();
	test_drain();
	return tap_done();
}
