/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Numbers with a unit, as users write them.  Pure.
 *
 *	durations   "25", "25s", "1.5s", "500ms", "2m", "12h", "1d"; a bare
 *	            number is seconds
 *	sizes       "4096", "512K", "256M", "2G", "1T", each unit 1024 times
 *	            the one before
 */
#ifndef COMMON_SETTINGS_SETTINGS_UNIT_H
#define COMMON_SETTINGS_SETTINGS_UNIT_H

#include <stdint.h>

#include "common/base/buf.h"

/* Return 0, or -1 if the text is no such number or the number is too large. */
int settings_unit_parse_duration(const char *text, int64_t *ret_ms);
int settings_unit_parse_size(const char *text, int64_t *ret_bytes);

/* Appends the duration in the largest unit that needs no fraction. */
void settings_unit_put_duration(struct buf *to, int64_t ms);
void settings_unit_put_size(struct buf *to, int64_t bytes);

#endif
