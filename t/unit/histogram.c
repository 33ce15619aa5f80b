/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Buckets of times.
 */
#include "common/ipc/histogram.h"

#include "t/unit/tap.h"

#include "common/base/banned.h"

static void
test_bounds(void)
{
	static const int64_t bounds[] = { 1, 2, 3, 4, 6, 8, 12, 16, 24, 32 };
	bool grows = true, fits = true, narrow = true;
	size_t i;

	for (i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		is_int(histogram_bound_ms(i), bounds[i], "a bound");
	for (i = 1; i < HISTOGRAM_BUCKETS; i++) {
		int64_t low = histogram_bound_ms(i - 1);
		int64_t high = histogram_bound_ms(i);

		grows = grows && high > low;
		narrow = narrow && high <= 2 * low;
		fits = fits && histogram_bucket(high) == i &&
		    histogram_bucket(low + 1) == i;
	}
	ok(grows, "bounds grow");
	ok(narrow, "none is more than twice the one before");
	ok(fits,
	    "a bucket begins behind the bound before it, and ends at its "
	    "own");
	ok(histogram_bound_ms(HISTOGRAM_BUCKETS - 1) > INT64_C(43200000),
	    "SQS's 12 hours have a bucket");
}

static void
test_ends(void)
{
	is_int(histogram_bucket(0), 0, "no time at all is in the first");
	is_int(histogram_bucket(-5), 0, "and so is less than that");
	is_int(histogram_bucket(INT64_MAX), HISTOGRAM_BUCKETS - 1,
	    "eternity is in the last");
}

static void
test_sums(void)
{
	struct histogram a = { .counts = { 1, 2 }, .sum_ms = 5 };
	struct histogram b = { .counts = { 3, 2, 1 }, .sum_ms = 9 };
	struct histogram d = histogram_since(&b, &a);

	is_int(histogram_count(&b), 6, "all that it holds");
	is_int(d.counts[0], 2, "the difference of a bucket");
	is_int(d.counts[1], 0, "which may be nothing");
	is_int(d.sum_ms, 4, "and that of the sums");
	d = histogram_since(&a, &b);
	is_int(d.counts[0] + d.counts[2], 0, "never less than nothing");
	is_int(d.sum_ms, 0, "of the sums as well");
	histogram_add(&a, &b);
	is_int(a.counts[0], 4, "two together");
	is_int(a.sum_ms, 14, "with their sums");
}

int
main(void)
{
	test_bounds();
	test_ends();
	test_sums();
	return tap_done();
}
