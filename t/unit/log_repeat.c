/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Which of many failures are logged.
 */
#include "common/base/log_repeat.h"

#include "t/unit/tap.h"

#include "common/base/banned.h"

static bool
is_due(struct log_repeat *r, const char *kind, int64_t now_ms)
{
	return log_repeat_is_due(r, kind, LOG_REPEAT_MS, now_ms);
}

static void
test_same(void)
{
	struct log_repeat r = { .kind = "" };
	int i, due = 0;

	ok(is_due(&r, "retry", 5), "the first is logged at once");
	is_int(r.unlogged, 0, "and has none before it");
	for (i = 0; i < 30000; i++)
		due += is_due(&r, "retry", 5 + i);
	is_int(due, 0, "for 30 seconds it is the only one");
	ok(is_due(&r, "retry", 30005), "then one is logged again");
	is_int(r.unlogged, 30000, "with a count of those that were not");
	ok(!is_due(&r, "retry", 60004), "and 30 seconds later");
	ok(is_due(&r, "retry", 60005), "the next");
	is_int(r.unlogged, 1, "which counts from the last on");
}

static void
test_kinds(void)
{
	struct log_repeat r = { .kind = "" };

	(void)is_due(&r, "retry", 1000);
	(void)is_due(&r, "retry", 1001);
	ok(is_due(&r, "throttled", 1002), "another kind is logged at once");
	is_int(r.unlogged, 1, "with what was not said of the one before");
	ok(!is_due(&r, "throttled", 1003), "but once");
	ok(is_due(&r, "retry", 1004), "and the first again, when it is back");
}

static void
test_end(void)
{
	struct log_repeat r = { .kind = "" };

	(void)is_due(&r, "retry", 1000);
	(void)is_due(&r, "retry", 1001);
	log_repeat_end(&r);
	ok(is_due(&r, "retry", 1002), "after a success all begins anew");
	is_int(r.unlogged, 1, "and no count is lost");
	ok(!is_due(&r, "retry", 31001), "it is the new one that counts");
}

/* A code of AWS may be of any length. */
static void
test_long_kind(void)
{
	struct log_repeat r = { .kind = "" };
	char kind[200];

	memset(kind, 'x', sizeof(kind) - 1);
	kind[sizeof(kind) - 1] = '\0';
	ok(is_due(&r, kind, 1000), "a kind with a long name is logged");
	ok(!is_due(&r, kind, 1001), "once as well");
}

int
main(void)
{
	test_same();
	test_kinds();
	test_end();
	test_long_kind();
	return tap_done();
}
