/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * When a child has had enough.
 */
#include "child/recycle.h"

#include "common/base/clock.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	NOW = 1000000
};

static struct recycle
start(const struct queue_settings *q, double unit)
{
	struct recycle r;

	recycle_init(&r, q, unit, NOW);
	return r;
}

/* Has it to ask after so many messages, at that time? */
static bool
asks(struct recycle *r, uint64_t messages, int64_t now_ms)
{
	(void)recycle_step(r, messages, now_ms);
	return recycle_must_ask(r);
}

static void
test_nothing(void)
{
	static const struct queue_settings none;
	struct recycle r = start(&none, 0.5);

	ok(!asks(&r, UINT64_MAX, INT64_MAX / 2),
	    "without limits a child never asks");
	is_int(recycle_step(&r, 0, NOW), CLOCK_NEVER, "nor is it woken");
	ok(!recycle_holds(&r, NOW), "nor does it hold back");
}

static void
test_messages(void)
{
	static const struct queue_settings q = { .max_messages = 100 };
	struct recycle r = start(&q, 0);

	ok(!asks(&r, 99, NOW), "below the limit it works on");
	ok(asks(&r, 100, NOW), "at the limit it has to ask");
	is_int(r.reason, SCOREBOARD_ASK_MESSAGES, "for this reason");
	ok(recycle_holds(&r, NOW + 100000), "until then it receives no more");
	ok(asks(&r, 100, NOW + 5), "however long that takes");
	is_int(recycle_step(&r, 100, NOW + 5), CLOCK_NEVER,
	    "without being woken");
	recycle_asked(&r, NOW + 10);
	ok(!asks(&r, 100, NOW + 10), "once it has asked it need not");
	ok(recycle_holds(&r, NOW + 1009), "it waits a moment");
	is_int(recycle_step(&r, 100, NOW + 11), NOW + 1010,
	    "until when is known");
	ok(!recycle_holds(&r, NOW + 1010), "then it works on");
	is_int(recycle_step(&r, 100, NOW + 1010), CLOCK_NEVER,
	    "until its turn comes");

	r = start(&q, 0.999999);
	ok(!asks(&r, 75, NOW) && asks(&r, 76, NOW),
	    "by the luck of the draw it asks after 3/4 of them");
	r = start(&(struct queue_settings){ .max_messages = 1 }, 0.9);
	ok(!asks(&r, 0, NOW) && asks(&r, 1, NOW), "a limit of one is one");
}

static void
test_age(void)
{
	static const struct queue_settings q = { .max_age_ms = 60000 };
	struct recycle r = start(&q, 0.5);

	is_int(recycle_step(&r, 0, NOW), NOW + 52500,
	    "an age is drawn as well, and the child is woken for it");
	ok(!asks(&r, 0, NOW + 52499), "before, it is young");
	ok(asks(&r, 0, NOW + 52500), "then it is old");
	is_int(r.reason, SCOREBOARD_ASK_AGE, "which it says");
}

static void
test_memory(void)
{
	static const struct queue_settings small = { .max_memory = 1 };
	static const struct queue_settings large = { .max_memory = INT64_MAX };
	struct recycle r = start(&small, 0.5);

	ok(!asks(&r, 0, NOW),
	    "a child that is too large from the start works a message first");
	is_int(recycle_step(&r, 0, NOW), CLOCK_NEVER,
	    "and is not measured before");
	if (!asks(&r, 1, NOW) && r.memory == 0) {
		tap_skip("then it asks", "this kernel does not tell a PSS");
		return;
	}
	is_int(r.reason, SCOREBOARD_ASK_MEMORY, "then it asks");

	r = start(&large, 0.5);
	ok(!asks(&r, 1, NOW), "one that is small does not");
	is_int(recycle_step(&r, 1, NOW), NOW + 5000,
	    "it is measured again after a while");
	r.memory = 0;
	(void)recycle_step(&r, 1, NOW + 4999);
	is_int(r.memory, 0, "not before");
	(void)recycle_step(&r, 1, NOW + 5000);
	ok(r.memory > 0, "but then");
}

int
main(void)
{
	test_nothing();
	test_messages();
	test_age();
	test_memory();
	return tap_done();
}
