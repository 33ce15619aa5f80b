/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The AWS client of one process: makes calls of the AWS JSON protocol without
 * blocking, each of them signed and retried as signed_call.h says, with the
 * credentials of the moment.  What the calls say is in sqs.h.
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
	bool query_mode; /* ask for error codes as the query protocol has them;
			    SQS alone knows that */
	bool json_1_1;   /* the protocol's version; else 1.0, as SQS has it */
	const char *region;       /* never NULL */
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
 * Exactly once for each call that is not cancelled.  answer is borrowed for
 * the callback.  e is NULL on success.
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
 * There is no further attempt: the call ends with the one that is on the wire.
 * Returns whether one is; if not, as while there is no connection yet, it is
 * best cancelled.
 */
bool aws_last_attempt(struct aws_call *c);

/* Retries that are due and credentials to refresh. */
void aws_step(struct aws *a, int64_t now_ms);
int64_t aws_deadline(const struct aws *a);

#endif
