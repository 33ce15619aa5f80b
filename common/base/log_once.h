/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * When several processes log the same at the same time, only the first record
 * is written and those of the others are counted.  (log_repeat.h is for one
 * process that has the same to log again and again.)  A stamp in shared memory
 * holds a hash of the last record and its time.  No record is held back for
 * longer than LOG_ONCE_MS, even if a stamp holds garbage, such as a time in the
 * future.
 */
#ifndef COMMON_BASE_LOG_ONCE_H
#define COMMON_BASE_LOG_ONCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	LOG_ONCE_MS = 20000 /* less than LOG_REPEAT_MS */
};

/* Zero: nothing was logged yet. */
typedef _Atomic uint64_t log_once_stamp;

/*
 * Is a record with this hash to be logged now?  If it is, *ret_others is how
 * many with the same hash were held back since the last one.
 */
bool log_once_is_due(log_once_stamp *stamp, uint32_t hash, int64_t now_ms,
    unsigned *ret_others);

#endif
