/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Buckets.  See histogram.h.
 * Their bounds are 1, 2, 3, 4, 6, 8, 12, 16, 24 ... ms: 2^k and 1.5 * 2^k.
 */
#include "common/ipc/histogram.h"

#include "common/base/banned.h"

int64_t
histogram_bound_ms(size_t bucket)
{
	if (bucket == 0)
		return 1;
	return bucket % 2 == 0 ? INT64_C(3) << (bucket / 2 - 1)
			       : INT64_C(2) << (bucket / 2);
}

size_t
histogram_bucket(int64_t ms)
{
	size_t i = 0;

	while (i + 1 < HISTOGRAM_BUCKETS && histogram_bound_ms(i) < ms)
		i++;
	return i;
}

uint64_t
histogram_count(const struct histogram *h)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		n += h->counts[i];
	return n;
}

void
histogram_add(struct histogram *to, const struct histogram *h)
{
	size_t i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->counts[i] += h->counts[i];
	to->sum_ms += h->sum_ms;
}

static uint64_t
since(uint64_t later, uint64_t earlier)
{
	return later > earlier ? later - earlier : 0;
}

struct histogram
histogram_since(const struct histogram *h, const struct histogram *earlier)
{
	struct histogram d;
	size_t i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		d.counts[i] = since(h->counts[i], earlier->counts[i]);
	d.sum_ms = since(h->sum_ms, earlier->sum_ms);
	return d;
}
