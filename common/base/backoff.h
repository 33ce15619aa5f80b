/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The delay before the next try.  Pure: the caller brings the random number,
 * and all delays are milliseconds.
 */
#ifndef COMMON_BASE_BACKOFF_H
#define COMMON_BASE_BACKOFF_H

#include <stdint.h>

/* base * 2^(attempt - 1), at most cap; attempt counts from 1. */
int64_t backoff_limit_ms(unsigned attempt, int64_t base_ms, int64_t cap_ms);

/* "Full jitter": the limit times unit, which is in [0,1). */
int64_t backoff_full_jitter_ms(int64_t limit_ms, double unit);

/*
 * The same, but at least half of the limit, so that a loop of tries is never a
 * busy loop.
 */
int64_t backoff_half_jitter_ms(int64_t limit_ms, double unit);

/* A uniform random number in [0,1), from arc4random(3). */
double backoff_random(void);

#endif
