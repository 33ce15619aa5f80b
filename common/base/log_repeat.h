/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What goes wrong again and again is logged at once when it is the first of
 * its kind, then once in a while, with a count of the times between.  Pure:
 * the caller brings the time and writes the record.
 */
#ifndef COMMON_BASE_LOG_REPEAT_H
#define COMMON_BASE_LOG_REPEAT_H

#include <stdbool.h>
#include <stdint.h>

enum {
	LOG_REPEAT_KIND_MAX = 63, /* a longer one is taken by its beginning */
	LOG_REPEAT_MS = 30000     /* for who has no reason to wait longer */
};

/* Zero: nothing has gone wrong yet. */
struct log_repeat {
	char kind[LOG_REPEAT_KIND_MAX + 1]; /* of the last time; "": all is
					       well */
	int64_t logged_ms;
	unsigned silent;   /* times since then */
	unsigned unlogged; /* times before the record that is due, for it */
};

/* It went wrong: is that to be logged? */
bool log_repeat_is_due(struct log_repeat *r, const char *kind, int64_t every_ms,
    int64_t now_ms);
/* It went well: whatever comes next is the first of its kind. */
void log_repeat_end(struct log_repeat *r);

#endif
