/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The error of our clock, by the Date of an answer.  Pure.
 */
#ifndef COMMON_HTTP_HTTP_SKEW_H
#define COMMON_HTTP_HTTP_SKEW_H

#include <stdbool.h>
#include <stdint.h>

enum {
	HTTP_SKEW_MS = 240 * 1000 /* a signature is refused from 5 minutes on */
};

/*
 * Finds by how much our clock must be corrected, given the Date of an answer
 * that came elapsed_ms after the request was sent.  Returns 0, or -1 if the
 * Date does not show it.
 */
int http_skew(const char *date, int64_t sent_real_ms, int64_t elapsed_ms,
    int64_t *ret_skew_ms);

/* Is it more than HTTP_SKEW_MS, ahead or behind? */
bool http_skew_is_large(int64_t skew_ms);

#endif
