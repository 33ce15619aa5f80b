/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Clocks, deadlines, and times in ISO 8601.
 */
#include "common/base/clock.h"

#include <limits.h>
#include <time.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static void
test_clocks(void)
{
	struct timespec pause = { 0, 3 * 1000 * 1000 };
	int64_t ms = clock_ms(), us = clock_us();

	(void)nanosleep(&pause, NULL);
	ok(clock_ms() - ms >= 2, "the monotonic clock counts milliseconds");
	ok(clock_us() - us >= 3000, "or microseconds");
	ok(clock_us() / 1000 - clock_ms() <= 1, "of the same clock");
	ok(clock_real_ms() / 1000 - (int64_t)time(NULL) <= 1 &&
		(int64_t)time(NULL) - clock_real_ms() / 1000 <= 1,
	    "the real clock counts since the epoch");
}

static void
test_deadlines(void)
{
	is_int(clock_earlier(3, 5), 3, "the earlier of two deadlines");
	is_int(clock_earlier(CLOCK_NEVER, 5), 5, "any is before never");
	is_int(clock_timeout_ms(100, 130, 1000), 30, "the time to a deadline");
	is_int(clock_timeout_ms(100, 100, 1000), 0, "none when it is now");
	is_int(clock_timeout_ms(100, 50, 1000), 0, "none when it has passed");
	is_int(clock_timeout_ms(100, 5000, 1000), 1000, "no more than allowed");
	is_int(clock_timeout_ms(100, CLOCK_NEVER, 1000), 1000,
	    "never is not an overflow");
	is_int(clock_timeout_ms(0, CLOCK_NEVER, INT_MAX), INT_MAX,
	    "nor with the longest timeout");
}

static void
test_format(void)
{
	static const struct {
		int64_t ms;
		const char *want;
	} cases[] = { { 0, "1970-01-01T00:00:00.000Z" },
		{ 1440938160123, "2015-08-30T12:36:00.123Z" },
		{ 951782399999, "2000-02-28T23:59:59.999Z" },
		{ 951782400000, "2000-02-29T00:00:00.000Z" },
		{ -1, "1969-12-31T23:59:59.999Z" },
		{ -1000, "1969-12-31T23:59:59.000Z" },
		{ 253402300799999, "9999-12-31T23:59:59.999Z" },
		{ 253402300800000, "" }, { INT64_MAX, "" }, { INT64_MIN, "" } };
	char text[25];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		memset(text, 'x', sizeof(text));
		clock_format_iso(cases[i].ms, text, sizeof(text));
		is_str(text, cases[i].want, "a time is written");
	}
}

static void
test_parse(void)
{
	static const struct {
		const char *text;
		int64_t want;
	} cases[] = { { "1970-01-01T00:00:00Z", 0 },
		{ "2015-08-30T12:36:00Z", 1440938160000 },
		{ "2015-08-30T12:36:00.1Z", 1440938160100 },
		{ "2015-08-30T12:36:00.123Z", 1440938160123 },
		{ "2015-08-30T12:36:00.123999999Z", 1440938160123 },
		{ "2015-08-30T12:36:00+00:00", 1440938160000 },
		{ "2015-08-30T14:36:00+02:00", 1440938160000 },
		{ "2015-08-30T14:36:00+0200", 1440938160000 },
		{ "2015-08-30T07:06:00.5-05:30", 1440938160500 },
		{ "2000-02-29T00:00:00Z", 951782400000 },
		{ "2016-12-31T23:59:60Z", 1483228800000 },
		{ "1969-12-31T23:59:59.999Z", -1 } };
	int64_t ms;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		ms = -42;
		ok(clock_parse_iso(cases[i].text, &ms) == 0, cases[i].text);
		is_int(ms, cases[i].want, "is read");
	}
}

static void
test_parse_refusals(void)
{
	static const char *const cases[] = { "", "Z", "2015", "2015-08-30",
		"2015-08-30T12:36:00", "2015-08-30T12:36Z",
		"2015-08-30 12:36:00Z", "2015-08-30t12:36:00z",
		" 2015-08-30T12:36:00Z", "2015-08-30T12:36:00Z ",
		"15-08-30T12:36:00Z", "2015-8-30T12:36:00Z",
		"2015-00-30T12:36:00Z", "2015-13-30T12:36:00Z",
		"2015-08-00T12:36:00Z", "2015-08-32T12:36:00Z",
		"2015-04-31T12:36:00Z", "2015-02-29T12:36:00Z",
		"1900-02-29T12:36:00Z", "2015-08-30T24:00:00Z",
		"2015-08-30T12:60:00Z", "2015-08-30T12:36:61Z",
		"2015-08-30T12:36:00.Z", "2015-08-30T12:36:00.123",
		"2015-08-30T12:36:00,5Z", "2015-08-30T12:36:00+2:00",
		"2015-08-30T12:36:00+24:00", "2015-08-30T12:36:00+02:60",
		"2015-08-30T12:36:00+02", "2015-08-30T12:36:00+02:00Z",
		"2015-08-30T12:36:00.5-", "-015-08-30T12:36:00Z",
		"2015-08-30T12:36:00 +02:00", "1440938160" };
	int64_t ms = 42;
	char name[80];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		(void)snprintf(name, sizeof(name), "not a time: '%s'",
		    cases[i]);
		ok(clock_parse_iso(cases[i], &ms) == -1 && ms == 42, name);
	}
}

int
main(void)
{
	test_clocks();
	test_deadlines();
	test_format();
	test_parse();
	test_parse_refusals();
	return tap_done();
}
