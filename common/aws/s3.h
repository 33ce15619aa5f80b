/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reads objects of S3 into a file, one at a time, without blocking and without
 * holding them in memory.  Each is a signed call (signed_call.h).  Nothing is
 * ever written to S3.
 */
#ifndef COMMON_AWS_S3_H
#define COMMON_AWS_S3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/aws/s3_pointer.h"
#include "common/base/error.h"
#include "common/credentials/credentials.h"
#include "common/http/aws_endpoint.h"
#include "common/http/http.h"

enum {
	S3_GET_MS = 3600 * 1000 /* the longest that one attempt may take */
};

struct s3;

struct s3_options {
	const char *region;       /* of the buckets; never NULL */
	const char *endpoint_url; /* NULL: AWS's own */
	struct aws_endpoint_variant variant;
	int64_t connect_timeout_ms;
	int64_t stall_timeout_ms; /* of an answer that does not go on */
	unsigned max_attempts;
};

/* Borrows http and credentials, copies the options. */
struct s3 *s3_new(struct http *http, struct credentials *credentials,
    const struct s3_options *o);
void s3_free(struct s3 *s); /* NULL-safe; cancels */

/*
 * Called exactly once unless cancelled, from http_wait or s3_step.  e is NULL
 * when all bytes are in the file.  e->code is S3's, such as "NoSuchKey", or "".
 */
typedef void s3_done_fn(void *arg, int64_t bytes, const struct error *e);

/*
 * Begins to read an object into the file fd, which is empty and is borrowed
 * until done.  An object of more than max_bytes is ERROR_OPERATOR.  No other
 * read may be under way.
 */
void s3_get(struct s3 *s, const struct s3_pointer *object, int fd,
    int64_t max_bytes, s3_done_fn *done, void *arg);
void s3_cancel(struct s3 *s);

/* Sends the attempt that is due, if any. */
void s3_step(struct s3 *s, int64_t now_ms);
int64_t s3_deadline(const struct s3 *s);

/*
 * The reason that an object must not be requested, or NULL.  If the bucket is
 * in the path, a key with dot segments, however often encoded, may lead to
 * another bucket.
 */
const char *s3_refuses(const struct s3 *s, const struct s3_pointer *object);

/* Does a key have a segment "." or ".."?  Pure. */
bool s3_key_has_dots(const char *key);

/*
 * The address of an object.  Pure.  path is the path on the wire before its
 * encoding, which is the form that is signed.  The bucket is in the path at a
 * configured endpoint, and if its name has a dot, because AWS's certificates do
 * not cover such a host.
 */
struct s3_address {
	struct buf url;
	struct buf path;
	char host[280]; /* the Host header */
};
/* Returns 0, or -1 if there is no such endpoint.  Release in either case. */
int s3_address_of(const char *endpoint_url, const char *region,
    struct aws_endpoint_variant variant, const struct s3_pointer *object,
    struct s3_address *ret);
void s3_address_release(struct s3_address *a);

#endif
