/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See http_easy.h. */
#include "common/http/http_easy.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

enum {
	CONNECTION_LIFETIME_S = 3600
};

void
http_easy_set_fixed(CURL *e, const char *user_agent,
    const struct http_trust *trust)
{
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	/*
	 * Without this, libcurl would wait for its resolver's thread when a
	 * transfer ends that has no address yet, and the process with it.
	 */
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	/* The path of an object may have dots, and is signed as it is. */
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	/*
	 * Addresses of AWS's endpoints change; a connection that is never
	 * closed would keep an old one.
	 */
	curl_easy_setopt(e, CURLOPT_MAXLIFETIME_CONN,
	    (long)CONNECTION_LIFETIME_S);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (user_agent != NULL)
		curl_easy_setopt(e, CURLOPT_USERAGENT, user_agent);
	curl_easy_setopt(e, CURLOPT_CAINFO, trust->file);
	curl_easy_setopt(e, CURLOPT_CAPATH, trust->directory);
}

static struct curl_slist *
add_header(struct curl_slist *headers, const char *line)
{
	struct curl_slist *longer = curl_slist_append(headers, line);

	if (longer == NULL)
		abort(); /* out of memory */
	return longer;
}

static bool
has_body(const struct http_request *r)
{
	return strcmp(r->method, "GET") != 0;
}

static void
set_body(CURL *e, const struct http_request *r)
{
	if (!has_body(r)) {
		curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, NULL);
		curl_easy_setopt(e, CURLOPT_HTTPGET, 1L);
		return;
	}
	curl_easy_setopt(e, CURLOPT_POST, 1L);
	curl_easy_setopt(e, CURLOPT_POSTFIELDS,
	    r->body.len > 0 ? r->body.p : "");
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE,
	    (curl_off_t)r->body.len);
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST,
	    strcmp(r->method, "POST") == 0 ? NULL : r->method);
}

static void
set_timeouts(CURL *e, const struct http_request *r)
{
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)r->connect_timeout_ms);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT,
	    r->stall_timeout_ms > 0 ? (long)HTTP_STALL_BYTES : 0L);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME,
	    (long)((r->stall_timeout_ms + 999) / 1000));
}

struct curl_slist *
http_easy_set_request(CURL *e, const struct http_request *r,
    const char *no_proxy)
{
	struct curl_slist *headers = NULL;
	size_t i;

	/*
	 * Without this, libcurl would wait a second for "100 Continue" before
	 * large bodies.
	 */
	if (has_body(r))
		headers = add_header(headers, "Expect:");
	for (i = 0; i < r->n_headers; i++)
		headers = add_header(headers, r->headers[i]);
	curl_easy_setopt(e, CURLOPT_URL, r->url);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, headers);
	set_body(e, r);
	set_timeouts(e, r);
	curl_easy_setopt(e, CURLOPT_NOPROXY, r->is_metadata ? "*" : no_proxy);
	return headers;
}

int
http_easy_status(CURL *e)
{
	long status = 0;

	curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

int64_t
http_easy_announced(CURL *e)
{
	curl_off_t bytes = -1;

	curl_easy_getinfo(e, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &bytes);
	return bytes;
}

bool
http_easy_has_address(CURL *e)
{
	curl_off_t took_us = 0;

	/*
	 * The time stays 0 only if libcurl took the address or the connection
	 * from a cache.
	 */
	curl_easy_getinfo(e, CURLINFO_NAMELOOKUP_TIME_T, &took_us);
	return took_us > 0;
}

bool
http_easy_is_sent(CURL *e)
{
	curl_off_t before_us = 0;

	curl_easy_getinfo(e, CURLINFO_PRETRANSFER_TIME_T, &before_us);
	return before_us > 0;
}
