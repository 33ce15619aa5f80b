/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The two clocks.  Every deadline and duration inside the program is
 * monotonic milliseconds in an int64_t; wall-clock time is for signatures,
 * for expiry times that come from outside, and for log records.
 */
#ifndef COMMON_BASE_CLOCK_H
#define COMMON_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Later than any deadline that is ever computed. */
#define CLOCK_NEVER INT64_MAX

int64_t clock_ms(void);      /* CLOCK_MONOTONIC */
int64_t clock_us(void);      /* CLOCK_MONOTONIC, for measuring only */
int64_t clock_real_ms(void); /* CLOCK_REALTIME, since the epoch */

/* The earlier of two deadlines. */
int64_t clock_earlier(int64_t a, int64_t b);

/*
 * Milliseconds from now to deadline for poll(2): 0 if it has passed, max_ms
 * if it is further away than that.
 */
int clock_timeout_ms(int64_t now_ms, int64_t deadline, int max_ms);

/*
 * "2015-08-30T12:36:00.123Z"; size is that of to, 25 at least.  "" outside of
 * the years 0 to 9999.
 */
void clock_format_iso(int64_t real_ms, char *to, size_t size);

/*
 * Parses "YYYY-MM-DDTHH:MM:SS[.fff]Z" or an offset in place of Z into
 * milliseconds since the epoch.  Returns 0, or -1 if s is anything else.
 */
int clock_parse_iso(const char *s, int64_t *ret_real_ms);

#endif
