/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Counts durations in buckets of growing width: two to each doubling, from 1 ms
 * to 18 hours, so that a value read from it is off by a quarter at most.
 * Counts and sums only grow; those of a period are the difference of two
 * histograms.  Pure.
 */
#ifndef COMMON_IPC_HISTOGRAM_H
#define COMMON_IPC_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum {
	HISTOGRAM_BUCKETS = 52
};

struct histogram {
	uint64_t counts[HISTOGRAM_BUCKETS];
	uint64_t sum_ms;
};

/* The bucket of a time; the last one takes all that are longer. */
size_t histogram_bucket(int64_t ms);
/* The longest time in a bucket, but for the last one. */
int64_t histogram_bound_ms(size_t bucket);

uint64_t histogram_count(const struct histogram *h);
void histogram_add(struct histogram *to, const struct histogram *h);
/* The counts of h less those of the earlier one; a count that fell is 0. */
struct histogram histogram_since(const struct histogram *h,
    const struct histogram *earlier);

#endif
