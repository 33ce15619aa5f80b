/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Calls of the AWS JSON protocol.  See aws.h.
 */
#include "common/aws/aws.h"

#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/sqs.h"
#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/http/aws_error.h"
#include "common/http/http_url.h"
#include "common/http/signed_call.h"

#include "common/base/banned.h"

struct aws_call {
	LIST_ENTRY(aws_call) entry;
	struct aws *aws;
	struct signed_call call;
	struct sigv4_header headers[3];
	char target[128];
	struct buf body;
	aws_done_fn *done;
	void *arg;
};

LIST_HEAD(call_list, aws_call);

struct aws {
	struct http *http;
	struct credentials *credentials;
	struct aws_options options;
	char *service, *target, *region, *endpoint_url; /* own the options' */
	struct http_url endpoint;
	struct signed_calls shared;
	struct call_list calls;
};

static void
on_refused(void *arg, const char *access_key_id)
{
	struct aws *a = arg;

	credentials_invalidate(a->credentials, access_key_id, clock_ms());
}

struct aws *
aws_new(struct http *http, struct credentials *credentials,
    const struct aws_options *o)
{
	struct aws *a = xcalloc(1, sizeof(*a));

	a->http = http;
	a->credentials = credentials;
	a->options = *o;
	a->options.service = a->service = xstrdup(o->service);
	a->options.target = a->target = xstrdup(o->target);
	a->options.region = a->region = xstrdup(o->region);
	a->options.endpoint_url = a->endpoint_url = xstrdup(o->endpoint_url);
	a->shared = (struct signed_calls){ .http = http,
		.max_attempts = o->max_attempts,
		.refused = on_refused,
		.refused_arg = a,
		.explain = aws_explain_protocol,
		.quota = { AWS_QUOTA_TOKENS } };
	LIST_INIT(&a->calls);
	if (http_url_split_endpoint(a->endpoint_url, &a->endpoint) == -1)
		memset(&a->endpoint, 0, sizeof(a->endpoint));
	return a;
}

static void
call_release(struct aws_call *c)
{
	signed_call_cancel(&c->call);
	buf_release(&c->body);
	free(c);
}

static void
call_free(struct aws_call *c)
{
	LIST_REMOVE(c, entry);
	call_release(c);
}

void
aws_free(struct aws *a)
{
	struct aws_call *c;

	if (a == NULL)
		return;
	/* The analyzer does not see that freeing a call unlinks it. */
	while ((c = LIST_FIRST(&a->calls)) != NULL)
		call_free(c); /* NOLINT(clang-analyzer-unix.Malloc) */
	signed_calls_release(&a->shared);
	free(a->service);
	free(a->target);
	free(a->region);
	free(a->endpoint_url);
	free(a);
}

void
aws_cancel(struct aws_call *c)
{
	if (c != NULL)
		call_free(c);
}

bool
aws_end_with_attempt(struct aws_call *c)
{
	return signed_call_end_with_attempt(&c->call);
}

static void
on_done(void *arg, struct span answer, const struct error *e)
{
	struct aws_call *c = arg;

	/*
	 * The call leaves the list before its callback, which may start other
	 * calls.
	 */
	LIST_REMOVE(c, entry);
	c->done(c->arg, answer, e);
	call_release(c);
}

/* ---- the request ---- */

static size_t
put_headers(struct aws_call *c)
{
	const struct aws_options *o = &c->aws->options;
	size_t n = 0;

	c->headers[n++] = (struct sigv4_header){ "Content-Type",
		span_of(o->json_1_1 ? "application/x-amz-json-1.1"
				    : "application/x-amz-json-1.0") };
	c->headers[n++] =
	    (struct sigv4_header){ "X-Amz-Target", span_of(c->target) };
	if (o->query_mode)
		c->headers[n++] = (struct sigv4_header){ "x-amzn-query-mode",
			span_of("true") };
	return n;
}

static void
make_request(struct aws_call *c, const char *operation, int64_t long_poll_ms)
{
	const struct aws *a = c->aws;

	(void)snprintf(c->target, sizeof(c->target), "%s.%s", a->target,
	    operation);
	c->call = (struct signed_call){ .shared = &c->aws->shared,
		.request = { .http = { .method = "POST",
				 .url = a->endpoint_url,
				 .body = buf_span(&c->body),
				 .connect_timeout_ms =
				     a->options.connect_timeout_ms,
				 .timeout_ms = a->options.request_timeout_ms +
				     long_poll_ms,
				 .answer_max = SQS_ANSWER_MAX },
		    .service = a->service,
		    .region = a->region,
		    .authority = a->endpoint.authority,
		    .path = a->endpoint.path,
		    .normalize_path = true,
		    .headers = c->headers,
		    .n_headers = put_headers(c) },
		.is_long_poll = long_poll_ms > 0,
		.done = on_done,
		.arg = c };
}

struct aws_call *
aws_start(struct aws *a, const char *operation, struct buf *body,
    int64_t long_poll_ms, aws_done_fn *done, void *arg)
{
	struct aws_call *c = xcalloc(1, sizeof(*c));
	struct signing_keys keys;
	struct error why;

	c->aws = a;
	c->body = *body;
	buf_init(body, body->max); /* transferred */
	c->done = done;
	c->arg = arg;
	make_request(c, operation, long_poll_ms);
	LIST_INSERT_HEAD(&a->calls, c, entry);
	signed_call_start(&c->call,
	    credentials_to_sign(a->credentials, &keys, &why), &why, clock_ms());
	return c;
}

/* ---- the loop ---- */

/* Returns whether any call was due. */
static bool
step_one(struct aws *a, int64_t now_ms)
{
	struct signing_keys current;
	struct error why;
	const struct signing_keys *keys =
	    credentials_to_sign(a->credentials, &current, &why);
	struct aws_call *c;

	LIST_FOREACH(c, &a->calls, entry)
		/* An ended call is unlinked: NOLINTNEXTLINE(*-unix.Malloc) */
		if (signed_call_is_due(&c->call, keys, &why, now_ms)) {
			signed_call_step(&c->call, keys, &why, now_ms);
			return true;
		}
	return false;
}

void
aws_step(struct aws *a, int64_t now_ms)
{
	credentials_step(a->credentials, now_ms, http_real_ms(a->http));
	/*
	 * Each step starts at the head of the list, since a callback may start
	 * or cancel calls.  Each step sends, ends or postpones its call.
	 */
	while (step_one(a, now_ms))
		continue;
}

int64_t
aws_deadline(const struct aws *a)
{
	int64_t deadline = credentials_deadline(a->credentials);
	struct aws_call *c;

	LIST_FOREACH(c, &a->calls, entry)
		deadline =
		    clock_earlier(deadline, signed_call_deadline(&c->call));
	return deadline;
}
