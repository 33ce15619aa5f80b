/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Delays between tries.  See backoff.h.
 */
#include "common/base/backoff.h"

#include <stdlib.h>

#include "common/base/banned.h"

int64_t
backoff_limit_ms(unsigned attempt, int64_t base_ms, int64_t cap_ms)
{
	int64_t limit = base_ms;

	/* A base of 0 stays 0, however large the attempt. */
	while (attempt-- > 1 && limit > 0 && limit < cap_ms)
		limit = limit > cap_ms / 2 ? cap_ms : limit * 2;
	return limit < cap_ms ? limit : cap_ms;
}

int64_t
backoff_full_jitter_ms(int64_t limit_ms, double unit)
{
	return (int64_t)((double)limit_ms * unit);
}

int64_t
backoff_half_jitter_ms(int64_t limit_ms, double unit)
{
	int64_t half = limit_ms / 2;

	return half + backoff_full_jitter_ms(limit_ms - half, unit);
}

double
backoff_random(void)
{
	return arc4random() / 4294967296.0;
}
