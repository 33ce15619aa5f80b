/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The failure of a transfer: libcurl's code and its text.  Pure.
 */
#ifndef COMMON_HTTP_HTTP_FAILURE_H
#define COMMON_HTTP_HTTP_FAILURE_H

#include <curl/curl.h>

#include "common/base/error.h"

/* The kind of the failure, for the caller that started the transfer. */
enum error_kind http_failure_kind(CURLcode code);

/*
 * Removes " after 17 ms" or " after 17 milliseconds" from a text of libcurl, so
 * that the same failure has the same text each time and can be logged once.
 */
void http_failure_drop_elapsed(char *text);

#endif
