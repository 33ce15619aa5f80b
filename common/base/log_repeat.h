/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A failure that repeats is logged at once when it is the first of its kind,
 * then once in a while, with a count of the times between.  (log_once.h is for
 * several processes that fail at the same time.)  Pure: the caller brings the
 * time and writes the record.
 */
#ifndef COMMON_BASE_LOG_REPEAT_H
#define COMMON_BASE_LOG_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LOG_REPEAT_KIND_MAX = 63, /* bytes that are compared */
	LOG_REPEAT_MS = 30000     /* what most callers wait */
};

/* Zero: nothing has gone wrong yet. */
struct log_repeat {
	char kind[LOG_REPEAT_KIND_MAX + 1]; /* of the last time; "": all is
					       well */
	int64_t logged_ms;
	unsigned silent;   /* failures since logged_ms */
	unsigned unlogged; /* the count for the record that is due */
};

/* A failure of this kind happened: is it to be logged? */
bool log_repeat_is_due(struct log_repeat *r, const char *kind, int64_t every_ms,
    int64_t now_ms);
/* A success: the next failure is the first of its kind. */
void log_repeat_end(struct log_repeat *r);

#endif
