/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS Signature Version 4: from a request, keys and a time to the value of the
 * Authorization header.  Pure but for libcrypto (sha256.h).
 * Source: AWS General Reference, "Create a signed AWS API request".
 */
#ifndef COMMON_HTTP_SIGV4_H
#define COMMON_HTTP_SIGV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

struct sigv4_header {
	const char *name; /* any case */
	struct span value;
};

/* All pointers are borrowed for the call. */
struct sigv4_request {
	const char *method;
	const char *path;                   /* as on the wire, but of S3 before
					       its encoding; "" means "/" */
	const char *query;                  /* without '?', or "" */
	const struct sigv4_header *headers; /* exactly those to sign, host and
					       x-amz-date among them; in any
					       order */
	size_t n_headers;
	struct span payload;
	bool normalize_path; /* true for every service but S3 */
};

struct sigv4_key {
	const char *access_key_id;
	const char *secret_access_key;
	const char *region;
	const char *service;
};

enum {
	SIGV4_DATE_SIZE = 17, /* "YYYYMMDDTHHMMSSZ" and its NUL */
	SIGV4_HEX_SIZE = 65
};

/*
 * The signing key for one day, region, service and secret, kept between calls:
 * it saves each call four HMACs.  Zeroed to begin; sigv4_cache_release clears
 * the key.
 */
struct sigv4_cache {
	bool valid;
	char date[9];
	char scope[160]; /* access key id, region, service */
	unsigned char secret_digest[32];
	unsigned char key[32];
};

void sigv4_format_date(int64_t real_ms, char ret_date[SIGV4_DATE_SIZE]);

/*
 * Appends the string to sign; to->overflow is also set when libcrypto refuses
 * SHA-256.
 */
void sigv4_string_to_sign(const struct sigv4_key *k, const char *amz_date,
    struct span canonical_request, struct buf *to);

/*
 * Appends the whole value of the Authorization header.  cache may be NULL.
 * Returns 0, or -1 when libcrypto refuses (then the process cannot sign at
 * all) or to overflowed.
 */
int sigv4_authorization(const struct sigv4_request *r,
    const struct sigv4_key *k, const char *amz_date, struct sigv4_cache *cache,
    struct buf *to);
void sigv4_cache_release(struct sigv4_cache *cache);

#endif
