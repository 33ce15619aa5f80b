/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The budget of deaths.
 */
#include "supervisor/budget.h"

#include "t/unit/tap.h"

#include "common/banned.h"

static void
test_limit(void)
{
	struct budget b;
	int64_t now = 1000;
	int i;

	budget_init(&b, 5, 60000);
	for (i = 0; i < 4; i++)
		(void)budget_spend(&b, "x", now);
	ok(budget_spend(&b, "x", now + 59000), "the limit itself is borne");
	ok(!budget_spend(&b, "x", now + 60000),
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
		if (!budget_spend(&b, "x", i * (int64_t)12001))
			over++;
	is_int(over, 0, "slow deaths are borne for ever");
	budget_release(&b);

	budget_init(&b, 5, 60000);
	for (i = 0; i < 100; i++)
		if (!budget_spend(&b, "x", i * (int64_t)12000))
			over++;
	is_int(over, 95, "a little faster and each is too many");
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
	(void)budget_spend(&b, "one", 1);
	(void)budget_spend(&b, "two", 2);
	budget_reasons(&b, text, sizeof(text));
	is_str(text, "one; two", "reasons are kept in order");
	(void)budget_spend(&b, "three", 3);
	(void)budget_spend(&b, "four", 4);
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
	test_reasons();
	return tap_done();
}
