/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A call of an AWS service: a signed request that is sent, and sent again,
 * until it succeeds or there is a failure for the caller.
 *
 * Within max_attempts and the quota (aws_retry.h):
 * - The client is told of keys that the service refuses.  The call goes on as
 *   soon as there are others; after 3 s and a backoff with the refused keys.
 * - When the service refuses the time of a signature, http_real_ms is corrected
 *   already, and the request is signed anew and sent at once.
 * - After a failure that may heal by itself the request is sent again after a
 *   backoff.
 * - Any other failure ends the call.
 *
 * The caller gives each step the keys that it has at the moment.
 */
#ifndef COMMON_HTTP_SIGNED_CALL_H
#define COMMON_HTTP_SIGNED_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/http/aws_retry.h"
#include "common/http/http.h"
#include "common/http/signed_request.h"
#include "common/http/sigv4.h"

/* Called when the service refuses the keys with this id. */
typedef void signed_call_refused_fn(void *arg, const char *access_key_id);
/* Makes the text of an error plainer for people. */
typedef void signed_call_explain_fn(struct error *e);

/* The state that the calls of one client share. */
struct signed_calls {
	struct http *http; /* borrowed */
	unsigned max_attempts;
	signed_call_refused_fn *refused;
	void *refused_arg;
	signed_call_explain_fn *explain; /* for errors that the service
					    answered; NULL: none */
	struct aws_quota quota;          /* begins with AWS_QUOTA_TOKENS */
	struct sigv4_cache cache;        /* begins zeroed */
};

void signed_calls_release(struct signed_calls *s);

/* Called before each attempt.  Returns 0, or -1 to fail the call with *e. */
typedef int signed_call_begin_fn(void *arg, struct error *e);
/*
 * Called exactly once for each call that is not cancelled, from http_wait or
 * signed_call_step, never from signed_call_start.  answer and e are borrowed
 * for the callback, which may free the call; e is NULL on success.
 */
typedef void signed_call_done_fn(void *arg, struct span answer,
    const struct error *e);

/*
 * The caller zeroes it, fills in the first part, and calls signed_call_start.
 */
struct signed_call {
	struct signed_calls *shared;
	struct signed_request request; /* borrowed until the end */
	bool is_long_poll;
	signed_call_begin_fn *begin; /* NULL: nothing to do */
	signed_call_done_fn *done;
	void *arg; /* of both */

	/* The fields from here on are signed_call.c's own. */
	struct http_transfer *transfer; /* NULL: waiting */
	int64_t due_ms;                 /* waiting: when to go on; CLOCK_NEVER:
					   when there are keys */
	bool failed; /* waiting: to hand over error, not to send */
	bool last;   /* no further attempt */
	struct error error;
	unsigned attempts;
	int cost;         /* quota taken by the last retry */
	char key_id[129]; /* signed with in the last attempt */
	bool refused;     /* that key */
	char invocation_id[37];
};

/*
 * If keys is NULL, *why is the reason; with ERROR_NONE there are no keys yet,
 * so the call waits.
 */
void signed_call_start(struct signed_call *c, const struct signing_keys *keys,
    const struct error *why, int64_t now_ms);
/* The callback will not come.  The call may be zeroed, or over. */
void signed_call_cancel(struct signed_call *c);

/*
 * Allows no further attempt: the call ends with the attempt that is on the
 * wire.  Returns whether there is one.
 */
bool signed_call_end_with_attempt(struct signed_call *c);

/* Has the call something to do now, with these keys? */
bool signed_call_is_due(const struct signed_call *c,
    const struct signing_keys *keys, const struct error *why, int64_t now_ms);
/* Does what is due.  The call may be over, and freed, afterwards. */
void signed_call_step(struct signed_call *c, const struct signing_keys *keys,
    const struct error *why, int64_t now_ms);
/* The time to ask signed_call_is_due again, if the keys stay the same. */
int64_t signed_call_deadline(const struct signed_call *c);

#endif
