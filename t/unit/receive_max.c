/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How many messages a child asks for, and since when some wait in hand.
 */
#include "child/receive/receive_max.h"

#include "child/message/job.h"
#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	NOW = 1000000,
	AUTO = 0
};

/* Asks, gets all that it asked for or n, and works it, took_ms for each. */
static int
receive(struct receive_max *b, int n, int64_t took_ms, int64_t now_ms)
{
	int i, asked = receive_max_wanted(b, now_ms);

	receive_max_asked(b, asked, false);
	n = n < asked ? n : asked;
	receive_max_received(b, n, now_ms);
	for (i = 0; i < n; i++)
		receive_max_handled(b, took_ms, now_ms);
	return asked;
}

/* A child that is at ten. */
static struct receive_max
quick(void)
{
	struct receive_max b;
	int i;

	receive_max_init(&b, AUTO);
	for (i = 0; i < 6; i++)
		(void)receive(&b, 10, 1, NOW);
	return b;
}

static void
test_fixed(void)
{
	struct receive_max b;

	receive_max_init(&b, 7);
	is_int(receive(&b, 10, 0, NOW), 7, "a number is a number");
	(void)receive(&b, 10, 3600000, NOW);
	is_int(receive_max_wanted(&b, NOW), 7, "however long handlers take");
	is_int(receive_max_patience_ms(&b), CLOCK_NEVER,
	    "and nothing is given back");
}

static void
test_growth(void)
{
	struct receive_max b;
	static const int want[] = { 1, 1, 2, 4, 8, 10, 10 };
	size_t i;

	receive_max_init(&b, AUTO);
	for (i = 0; i < nitems(want); i++)
		is_int(receive(&b, 10, 1, NOW), want[i],
		    "auto grows from one to ten");
	receive_max_init(&b, AUTO);
	for (i = 0; i < 20; i++)
		(void)receive(&b, 1, 1, NOW);
	is_int(receive_max_wanted(&b, NOW), 2,
	    "but not beyond what the queue has to give");
	receive_max_init(&b, AUTO);
	for (i = 0; i < 20; i++)
		(void)receive(&b, 10, 100, NOW);
	is_int(receive_max_wanted(&b, NOW), 5, "nor beyond half a second");
	receive_max_init(&b, AUTO);
	for (i = 0; i < 20; i++)
		(void)receive(&b, 10, 251, NOW);
	is_int(receive_max_wanted(&b, NOW), 1, "slow handlers have one");
	b = quick();
	for (i = 0; i < 20; i++)
		(void)receive(&b, 10, 0, NOW);
	is_int(receive_max_wanted(&b, NOW), 10, "no time at all is quick");
}

static void
test_fall(void)
{
	struct receive_max b = quick();
	int n = 0;

	receive_max_handled(&b, 60, NOW);
	is_int(receive_max_wanted(&b, NOW), 8,
	    "a slower handler: fewer at once");
	receive_max_handled(&b, INT64_MAX, NOW);
	is_int(receive_max_wanted(&b, NOW), 1, "a slow one: one at once");
	while (receive_max_wanted(&b, NOW) < 10 && n++ < 1000)
		(void)receive(&b, 10, 1, NOW);
	ok(n > 8 && n < 40, "it grows again when they have been quick a while");
	b = quick();
	is_int(receive_max_wanted(&b, NOW + RECEIVE_MAX_MEMORY_MS - 1), 10,
	    "an average is good for a minute");
	is_int(receive_max_wanted(&b, NOW + RECEIVE_MAX_MEMORY_MS), 1,
	    "not longer");
	(void)receive(&b, 10, 1, NOW + RECEIVE_MAX_MEMORY_MS);
	is_int(receive_max_wanted(&b, NOW + RECEIVE_MAX_MEMORY_MS), 2,
	    "then it begins anew");
	is_int(receive_max_patience_ms(&b), RECEIVE_MAX_PATIENCE_MS,
	    "nothing waits for long");
}

static void
test_ahead(void)
{
	struct receive_max b = quick();
	int n, full;

	ok(receive_max_may_ask_ahead(&b, 10, 0), "a full queue is asked ahead");
	ok(!receive_max_may_ask_ahead(&b, 10, RECEIVE_MAX_AHEAD_MS + 1),
	    "not behind a handler that runs for long");
	receive_max_handled(&b, 40, NOW);
	ok(!receive_max_may_ask_ahead(&b, 3, 0),
	    "nor when too much is to be done");
	ok(receive_max_may_ask_ahead(&b, 2, 0), "but nearer to its end");
	ok(receive_max_is_quick(&b, 1), "more verdicts will come in a moment");
	ok(!receive_max_is_quick(&b, 0), "but not when nothing is left");
	receive_max_handled(&b, 3600000, NOW);
	ok(!receive_max_is_quick(&b, 1), "nor from slow handlers");
	b = quick();
	(void)receive(&b, 9, 1, NOW);
	ok(!receive_max_may_ask_ahead(&b, 1, 0),
	    "nor when the queue had not enough");
	receive_max_init(&b, 10);
	(void)receive(&b, 10, 0, NOW);
	ok(!receive_max_may_ask_ahead(&b, 1, 0), "nor without auto");
	b = quick();
	for (n = 1; n <= 8; n++) {
		receive_max_asked(&b, 10, true);
		receive_max_received(&b, 0, NOW);
		for (full = 0; !receive_max_may_ask_ahead(&b, 1, 0); full++)
			(void)receive(&b, 10, 1, NOW);
		is_int(full, n < 6 ? 1 << n : 64,
		    "in vain: not for so many batches");
	}
	receive_max_asked(&b, 10, true);
	receive_max_received(&b, 10, NOW);
	ok(receive_max_may_ask_ahead(&b, 1, 0), "not in vain: again");
	receive_max_asked(&b, 10, true);
	receive_max_received(&b, 0, NOW);
	(void)receive(&b, 10, 1, NOW);
	(void)receive(&b, 10, 1, NOW);
	ok(receive_max_may_ask_ahead(&b, 1, 0), "and then soon");
}

/* ---- jobs_waiting_since ---- */

static struct job list[3];

static int64_t
waiting(enum job_state a, enum job_state b, enum job_state c)
{
	const enum job_state states[] = { a, b, c };
	struct jobs js = { 0 };
	size_t i;

	TAILQ_INIT(&js.list);
	for (i = 0; i < nitems(list); i++) {
		list[i].state = states[i];
		TAILQ_INSERT_TAIL(&js.list, &list[i], entry);
	}
	return jobs_waiting_since(&js);
}

static void
test_waiting(void)
{
	list[0] = (struct job){ .arrived_ms = 100, .started_ms = 110 };
	list[1] = (struct job){ .arrived_ms = 105 };
	list[2] = (struct job){ .arrived_ms = 200, .started_ms = 0 };
	is_int(waiting(JOB_WORKING, JOB_SETTLING, JOB_MOVING), CLOCK_NEVER,
	    "nothing waits");
	is_int(waiting(JOB_SETTLING, JOB_HELD, JOB_HELD), 105,
	    "the first that waits counts");
	is_int(waiting(JOB_WORKING, JOB_HELD, JOB_HELD), 105,
	    "although the handler began later");
	is_int(waiting(JOB_WORKING, JOB_SETTLING, JOB_HELD), 110,
	    "what comes when a handler runs waits since its beginning");
}

int
main(void)
{
	test_fixed();
	test_growth();
	test_fall();
	test_ahead();
	test_waiting();
	return tap_done();
}
