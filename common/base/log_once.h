/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What several processes have to say at the same time is said by the first of
 * them; the others are counted.  A stamp in shared memory holds what was said
 * last and when.  Nothing is silent for longer than LOG_ONCE_MS, whatever a
 * stamp holds: a time that has not come yet is garbage.
 */
#ifndef COMMON_BASE_LOG_ONCE_H
#define COMMON_BASE_LOG_ONCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	LOG_ONCE_MS = 20000 /* less than LOG_REPEAT_MS */
};

/* Zero: nothing was said yet. */
typedef _Atomic uint64_t log_once_stamp;

/*
 * Something is to be said, which has this hash: is it, now?  If it is,
 * *ret_others is how often the same was not said since it was the last time.
 */
bool log_once_is_due(log_once_stamp *stamp, uint32_t hash, int64_t now_ms,
    unsigned *ret_others);

#endif
