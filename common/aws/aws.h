/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The AWS client of one process: makes calls of the AWS JSON protocol without
 * blocking, each of them signed and retried as signed_call.h says, with the
 * credentials of the moment.  sqs.h has the content of the calls.
 */
#ifndef COMMON_AWS_AWS_H
#define COMMON_AWS_AWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/credentials/credentials.h"
#include "common/http/http.h"

struct aws;
struct aws_call;

struct aws_options {
	const char *service; /* "sqs": signing name */
	const char *target;  /* "AmazonSQS": prefix of X-Amz-Target */
	bool query_mode;    /* ask for the error codes of the query protocol, as
			       SQS alone can */
	bool json_1_1;      /* the version of the protocol; SQS has 1.0 */
	const char *region; /* never NULL */
	const char *endpoint_url; /* "https://host[:port]", never NULL */
	int64_t connect_timeout_ms;
	int64_t request_timeout_ms;
	unsigned max_attempts; /* see aws_retry.h */
};

/* Borrows http and credentials, copies the options. */
struct aws *aws_new(struct http *http, struct credentials *credentials,
    const struct aws_options *o);
void aws_free(struct aws *a); /* cancels calls under way */

/*
 * Called exactly once for each call that is not cancelled.  answer and e are
 * borrowed for the callback; e is NULL on success.
 */
typedef void aws_done_fn(void *arg, struct span answer, const struct error *e);

/*
 * Starts a call.  The bytes of body are taken over (the struct buf is empty
 * afterwards).  long_poll_ms is added to the time the answer may take; more
 * than 0 marks a long poll for the retry rules.
 */
struct aws_call *aws_start(struct aws *a, const char *operation,
    struct buf *body, int64_t long_poll_ms, aws_done_fn *done, void *arg);
void aws_cancel(struct aws_call *c);
/*
 * Makes no further attempt: the call ends with the one that is on the wire.
 * Returns whether there is such an attempt; if not, for instance because there
 * is no connection yet, the caller should cancel the call.
 */
bool aws_end_with_attempt(struct aws_call *c);

/* Makes the retries that are due, and refreshes the credentials. */
void aws_step(struct aws *a, int64_t now_ms);
int64_t aws_deadline(const struct aws *a);

#endif
