/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The budget of deaths.
 */
#include "supervisor/slots/budget.h"

#include "t/unit/tap.h"

#include "common/base/banned.h"

static void
test_limit(void)
{
	struct budget b;
	int64_t now_ms = 1000;
	int i;

	budget_init(&b, 5, 60000);
	for (i = 0; i < 4; i++)
		(void)budget_count(&b, "x", now_ms);
	ok(budget_count(&b, "x", now_ms + 59000), "the limit itself is borne");
	ok(!budget_count(&b, "x", now_ms + 60000),
	    "one more within the window is too many");
	budget_release(&b);
}

static void
test_window(void)
{
	struct budget b;
	int i, over = 0;

	budget_init(&b, 5, 60000);
	for (i = 0; i < 100; i++)
		if (!budget_count(&b, "x", i * (int64_t)12001))
			over++;
	is_int(over, 0, "slow deaths are borne for ever");
	budget_release(&b);

	budget_init(&b, 5, 60000);
	for (i = 0; i < 100; i++)
		if (!budget_count(&b, "x", i * (int64_t)12000))
			over++;
	is_int(over, 95, "a little faster and each is too many");
	budget_release(&b);
}

static void
test_excuse(void)
{
	struct budget b;
	char text[256];
	int i;

	budget_init(&b, 1, 60000);
	(void)budget_count(&b, "first", 1);
	for (i = 0; i < 5; i++)
		budget_count_excused(&b, "excused");
	ok(!budget_count(&b, "last", 2), "the ring holds none that is excused");
	is_int((long long)b.deaths, 7, "but all are counted");
	budget_change(&b, 3, 60000);
	ok(budget_count(&b, "third", 3), "a larger budget bears a third");
	ok(!budget_count(&b, "fourth", 4) || b.spent == 4,
	    "and counts those that cost something");
	budget_reasons(&b, text, sizeof(text));
	is_str(text, "last; third; fourth", "reasons are kept of all");
	budget_release(&b);
}

/* A pool that grows or shrinks forgets no death that still counts. */
static void
test_change(void)
{
	struct budget b;
	int i;

	budget_init(&b, 5, 60000);
	for (i = 0; i < 20; i++)
		(void)budget_count(&b, "x", 1000 + i * 100000);
	budget_change(&b, 8, 60000);
	for (i = 0; i < 7; i++)
		(void)budget_count(&b, "x", 1901000 + 1);
	ok(!budget_count(&b, "x", 1901000 + 2),
	    "deaths from before the pool grew count");

	budget_change(&b, 2, 60000);
	ok(!budget_count(&b, "x", 1901000 + 3), "or from before it shrank");
	ok(budget_count(&b, "x", 2900000), "as long as they are recent");

	budget_change(&b, 3, 60000);
	(void)budget_count(&b, "x", 2900001);
	ok(budget_count(&b, "x", 2900002), "and none is invented");
	budget_release(&b);

	budget_init(&b, 5, 60000);
	budget_change(&b, 5, 10);
	for (i = 0; i < 6; i++)
		ok(budget_count(&b, "x", i * 3), "another window counts");
	budget_release(&b);
}

static void
test_reasons(void)
{
	struct budget b;
	char text[256], small[8];

	budget_init(&b, 1, 60000);
	budget_reasons(&b, text, sizeof(text));
	is_str(text, "", "without a death there is no reason");
	(void)budget_count(&b, "one", 1);
	(void)budget_count(&b, "two", 2);
	budget_reasons(&b, text, sizeof(text));
	is_str(text, "one; two", "reasons are kept in order");
	(void)budget_count(&b, "three", 3);
	(void)budget_count(&b, "four", 4);
	budget_reasons(&b, text, sizeof(text));
	is_str(text, "two; three; four", "the last three of them");
	budget_reasons(&b, small, sizeof(small));
	is_str(small, "two; th", "and cut where there is no room");
	budget_release(&b);
}

int
main(void)
{
	test_limit();
	test_window();
	test_excuse();
	test_change();
	test_reasons();
	return tap_done();
}
