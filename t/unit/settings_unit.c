/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Durations and sizes: what is understood, what is refused, and what is put.
 */
#include "common/settings/settings_unit.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static void
test_sizes(void)
{
	static const struct {
		const char *text;
		int64_t want; /* -1: refused */
	} cases[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "1K", 1024 },
		{ "256M", 268435456 },
		{ "2G", INT64_C(2147483648) },
		{ "1T", INT64_C(1099511627776) },
		{ "999999999T", -1 },
		{ "999999999999999999", INT64_C(999999999999999999) },
		{ "1000000000000000000", -1 },
		{ "", -1 },
		{ "M", -1 },
		{ "1k", -1 },
		{ "1KB", -1 },
		{ "1.5G", -1 },
		{ "-1", -1 },
	};
	int64_t bytes;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		bytes = -1;
		if (settings_unit_parse_size(cases[i].text, &bytes) == -1)
			bytes = -1;
		is_int(bytes, cases[i].want, cases[i].text);
	}
}

static void
test_durations(void)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} cases[] = {
		{ "25", 25000 },
		{ "25s", 25000 },
		{ "1.5s", 1500 },
		{ "1.5", 1500 },
		{ "500ms", 500 },
		{ "2m", 120000 },
		{ "0.5m", 30000 },
		{ "12h", 43200000 },
		{ "1d", 86400000 },
		{ "0", 0 },
		{ "007", 7000 },
		{ "1.250000000s", 1250 },
		{ "999999999d", INT64_C(86399999913600000) },
		{ "1.0001s", -1 },
		{ "0.5ms", -1 },
		{ "9999999999", -1 },
		{ "1.0000000000", -1 },
		{ "", -1 },
		{ "s", -1 },
		{ ".5s", -1 },
		{ "1.s", -1 },
		{ "1.2.3", -1 },
		{ "-1", -1 },
		{ "+1", -1 },
		{ " 1", -1 },
		{ "1 s", -1 },
		{ "1S", -1 },
		{ "1w", -1 },
		{ "1h30m", -1 },
		{ "0x10", -1 },
		{ "1e3", -1 },
	};
	int64_t ms;
	char *name;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		ms = -7;
		name = xasprintf("the duration \"%s\" is %s", cases[i].text,
		    cases[i].ms == -1 ? "refused" : "understood");
		if (settings_unit_parse_duration(cases[i].text, &ms) == -1)
			is_int(ms == -7 ? -1 : ms, cases[i].ms, name);
		else
			is_int(ms, cases[i].ms, name);
		free(name);
	}
}

static void
test_putting(void)
{
	static const struct {
		void (*put)(struct buf *to, int64_t n);
		int64_t n;
		const char *want;
	} cases[] = {
		{ settings_unit_put_duration, 0, "0s" },
		{ settings_unit_put_duration, 1500, "1500ms" },
		{ settings_unit_put_duration, 90000, "90s" },
		{ settings_unit_put_duration, 120000, "2m" },
		{ settings_unit_put_duration, 172800000, "2d" },
		{ settings_unit_put_size, 0, "0" },
		{ settings_unit_put_size, 1000, "1000" },
		{ settings_unit_put_size, 1536, "1536" },
		{ settings_unit_put_size, 2048, "2K" },
		{ settings_unit_put_size, INT64_C(1) << 40, "1T" },
	};
	struct buf got = BUF_INIT(64);
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		buf_reset(&got);
		cases[i].put(&got, cases[i].n);
		is_str(buf_str(&got), cases[i].want,
		    "the largest unit without a fraction");
	}
	buf_release(&got);
}

int
main(void)
{
	test_sizes();
	test_durations();
	test_putting();
	return tap_done();
}
