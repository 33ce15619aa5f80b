/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A stamp is one word, so that no reader sees half of a change: from above 20
 * bits of the hash, 8 bits of the count, and the time in tenths of a second,
 * for which 36 bits last for two centuries.
 */
#include "common/base/log_once.h"

#include "common/base/banned.h"

enum {
	TIME_BITS = 36,
	COUNT_BITS = 8,
	COUNT_MAX = (1 << COUNT_BITS) - 1,
	HASH_BITS = 20,
	TICK_MS = 100
};

static uint64_t
make(uint32_t hash, unsigned count, uint64_t ticks)
{
	return (uint64_t)(hash & ((1U << HASH_BITS) - 1))
	    << (COUNT_BITS + TIME_BITS) |
	    (uint64_t)count << TIME_BITS |
	    (ticks & ((UINT64_C(1) << TIME_BITS) - 1));
}

static unsigned
count_of(uint64_t stamp)
{
	return (unsigned)(stamp >> TIME_BITS) & COUNT_MAX;
}

static bool
is_same(uint64_t stamp, uint32_t hash)
{
	return stamp != 0 &&
	    stamp >> (COUNT_BITS + TIME_BITS) ==
	    make(hash, 0, 0) >> (COUNT_BITS + TIME_BITS);
}

bool
log_once_is_due(log_once_stamp *stamp, uint32_t hash, int64_t now_ms,
    unsigned *ret_others)
{
	uint64_t ticks = (uint64_t)now_ms / TICK_MS, was = atomic_load(stamp);
	uint64_t then, next;
	bool is_due;

	do {
		then = was & ((UINT64_C(1) << TIME_BITS) - 1);
		is_due = !is_same(was, hash) || then > ticks ||
		    ticks - then >= LOG_ONCE_MS / TICK_MS;
		if (is_due)
			next = make(hash, 0, ticks);
		else if (count_of(was) == COUNT_MAX)
			return false;
		else
			next = make(hash, count_of(was) + 1, then);
	} while (!atomic_compare_exchange_weak(stamp, &was, next));
	if (is_due)
		*ret_others = is_same(was, hash) ? count_of(was) : 0;
	return is_due;
}
