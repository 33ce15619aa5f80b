/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * One request to an AWS service: signed, and sent once.
 */
#ifndef COMMON_HTTP_SIGNED_REQUEST_H
#define COMMON_HTTP_SIGNED_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "common/http/http.h"
#include "common/http/sigv4.h"

/* Keys to sign with, as a value; the strings are borrowed for the call. */
struct signing_keys {
	const char *access_key_id;
	const char *secret_access_key;
	const char *session_token; /* NULL: none */
};

/* Borrowed for the call, but for the body of http. */
struct signed_request {
	struct http_request http; /* its headers are sent without being
				     signed */
	const char *service;
	const char *region;
	const char *authority; /* the Host header */
	const char *path;      /* see sigv4.h; the query is empty */
	bool normalize_path;   /* see sigv4.h */
	/* Sent and signed.  Host, X-Amz-Date and X-Amz-Security-Token join
	   them. */
	const struct sigv4_header *headers;
	size_t n_headers;
};

enum {
	SIGNED_REQUEST_HEADERS_MAX = 4 /* of either kind */
};

/*
 * The time of the signature is http_real_ms.  cache may be NULL.  Returns NULL,
 * and will not call done, if the request cannot be signed: libcrypto refuses
 * SHA-256, or the session token is too long.
 */
struct http_transfer *signed_request_start(struct http *h,
    const struct signed_request *r, const struct signing_keys *keys,
    struct sigv4_cache *cache, http_done_fn *done, void *arg);

#endif
