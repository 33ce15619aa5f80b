/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What libcurl says of a transfer that failed.  Pure.
 */
#ifndef COMMON_HTTP_HTTP_FAILURE_H
#define COMMON_HTTP_HTTP_FAILURE_H

#include <curl/curl.h>

#include "common/base/error.h"

/* What the failure means for the starter of the transfer. */
enum error_kind http_failure_kind(CURLcode code);

/*
 * libcurl says " after 17 ms" or " after 17 milliseconds".  Without it the same
 * failure is the same text each time, so that it can be logged once.
 */
void http_failure_drop_elapsed(char *text);

#endif
