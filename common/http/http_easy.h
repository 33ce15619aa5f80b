/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * One libcurl easy handle: sets its options from a request, and reads its
 * state.
 */
#ifndef COMMON_HTTP_HTTP_EASY_H
#define COMMON_HTTP_HTTP_EASY_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include "common/http/http.h"
#include "common/http/http_trust.h"

/* Sets the options that are the same for each transfer of a process. */
void http_easy_set_fixed(CURL *easy, const char *user_agent,
    const struct http_trust *trust);

/*
 * Sets the options of one request.  no_proxy is a list from http_proxy.h.
 * Returns the headers, to be freed with curl_slist_free_all after the transfer.
 */
struct curl_slist *http_easy_set_request(CURL *easy,
    const struct http_request *r, const char *no_proxy);

/* HTTP's status; 0: none yet. */
int http_easy_status(CURL *easy);
/* The bytes of the whole body; -1: the answer does not say. */
int64_t http_easy_announced(CURL *easy);
/* Has the name been looked up?  False if libcurl had it in its caches. */
bool http_easy_has_address(CURL *easy);
/* May the server have seen any part of the request? */
bool http_easy_is_sent(CURL *easy);

#endif
