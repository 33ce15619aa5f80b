/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Calls: signing, sending, retrying.  A call is always in one of three
 * states: waiting (for credentials, a retry, or to hand over its failure),
 * sent, or over.  See aws.h.
 */
#include "common/aws/aws.h"

#include <sys/queue.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/sqs.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/http/sigv4.h"

#include "common/base/banned.h"

enum {
	/* How long a call refused for its credentials waits for others. */
	NEW_CREDENTIALS_WAIT_MS = 3000,
	HEADERS_MAX = 10,
	SIGNED_MAX = 6,
	AUTHORIZATION_MAX = 64 * 1024 /* bytes */
};

struct aws_call {
	LIST_ENTRY(aws_call) entry;
	struct aws *aws;
	const char *operation;
	struct buf body;
	int64_t long_poll_ms;
	aws_done_fn *done;
	void *arg;

	struct http_transfer *transfer; /* NULL: waiting */
	int64_t due_ms;                 /* waiting: when to go on */
	bool failed; /* waiting: to report error, not to send */
	bool last;   /* no further attempt */
	struct error error;
	unsigned attempts;
	int cost; /* quota taken by the last retry */
	char invocation_id[37];
	char used_key_id[129];    /* signed with, to name it when refused */
	char refused_key_id[129]; /* "": none; not to be used again */
};

LIST_HEAD(call_list, aws_call);

struct aws {
	struct http *http;
	struct credentials *credentials;
	struct aws_options options;
	char *service, *target, *region, *endpoint_url; /* own the options' */
	struct http_url endpoint;
	struct sigv4_cache cache;
	struct aws_quota quota;
	struct call_list calls;
	bool in_trouble;
	struct error trouble;
	struct buf authorization;
};

static void on_credentials(void *arg);

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
	a->quota.tokens = AWS_QUOTA_TOKENS;
	LIST_INIT(&a->calls);
	buf_init(&a->authorization, AUTHORIZATION_MAX);
	if (http_split_url(a->endpoint_url, &a->endpoint) == -1)
		memset(&a->endpoint, 0, sizeof(a->endpoint));
	credentials_on_change(credentials, on_credentials, a);
	return a;
}

static void
call_release(struct aws_call *c)
{
	http_cancel(c->transfer);
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
	credentials_on_change(a->credentials, NULL, NULL);
	sigv4_cache_release(&a->cache);
	buf_release(&a->authorization);
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
aws_last_attempt(struct aws_call *c)
{
	c->last = true;
	return c->transfer != NULL && http_is_sent(c->transfer);
}

const struct error *
aws_trouble(const struct aws *a)
{
	return a->in_trouble ? &a->trouble : NULL;
}

static void
wait_until(struct aws_call *c, int64_t due_ms)
{
	c->due_ms = due_ms;
}

/* The failure reaches the caller from the next step, never from aws_start. */
static void
fail_later(struct aws_call *c, const struct error *e, int64_t due_ms)
{
	c->failed = true;
	c->error = *e;
	wait_until(c, due_ms);
}

static void
report(struct aws_call *c, struct span answer, const struct error *e)
{
	struct aws *a = c->aws;

	if (e == NULL) {
		a->in_trouble = false;
	} else if (e->kind == ERROR_OPERATOR || e->kind == ERROR_CREDENTIALS) {
		a->in_trouble = true;
		a->trouble = *e;
	}
	/* Over before its callback starts another, but e may be within it. */
	LIST_REMOVE(c, entry);
	c->done(c->arg, answer, e);
	call_release(c);
}

static void
go_on(struct aws_call *c, const struct error *e, const struct aws_retry *r)
{
	int64_t due_ms = clock_ms() + r->delay_ms;

	if (!r->retry) {
		fail_later(c, e, due_ms);
		return;
	}
	c->cost = r->cost;
	c->error = *e;
	wait_until(c, due_ms);
}

static struct aws_retry
decide(struct aws_call *c, const struct error *e)
{
	if (c->last)
		return (struct aws_retry){ .retry = false };
	return aws_retry_decide(&c->aws->quota, e, c->attempts,
	    c->aws->options.max_attempts, c->long_poll_ms > 0,
	    backoff_random());
}

static void
on_failure(struct aws_call *c, const struct error *e)
{
	struct aws *a = c->aws;
	int64_t now_ms = clock_ms();
	struct aws_retry r = decide(c, e);

	if (e->kind == ERROR_CREDENTIALS && c->used_key_id[0] != '\0') {
		memcpy(c->refused_key_id, c->used_key_id,
		    sizeof(c->refused_key_id));
		credentials_invalidate(a->credentials, c->refused_key_id,
		    now_ms);
		if (r.retry)
			r.delay_ms += NEW_CREDENTIALS_WAIT_MS;
	}
	go_on(c, e, &r);
}

/*
 * Refused for a signature whose time was wrong, which from here on is right
 * (http_real_ms): so again at once, as one of the call's attempts.
 */
static void
on_clock_error(struct aws_call *c, struct error *e)
{
	struct aws_retry r;

	e->kind = ERROR_RETRY;
	r = decide(c, e);
	if (r.retry)
		r.delay_ms = 0;
	go_on(c, e, &r);
}

static void
on_transfer(void *arg, const struct http_answer *answer,
    const struct error *transfer_error)
{
	struct aws_call *c = arg;
	struct error e;

	c->transfer = NULL; /* http.c takes it back */
	if (answer == NULL) {
		on_failure(c, transfer_error);
	} else if (!aws_is_error(answer)) {
		aws_quota_refund(&c->aws->quota, c->cost);
		report(c, answer->body, NULL);
	} else {
		aws_parse_error(answer, &e);
		aws_explain_protocol(&e);
		if (answer->skewed && aws_blames_clock(e.code))
			on_clock_error(c, &e);
		else
			on_failure(c, &e);
	}
}

/* A version 4 UUID, to recognise the attempts of one call (RFC 9562). */
static void
make_invocation_id(char ret[37])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char r[16];
	size_t i;

	arc4random_buf(r, sizeof(r));
	r[6] = (unsigned char)((r[6] & 0x0F) | 0x40);
	r[8] = (unsigned char)((r[8] & 0x3F) | 0x80);
	for (i = 0; i < sizeof(r); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*ret++ = '-';
		*ret++ = digits[r[i] >> 4];
		*ret++ = digits[r[i] & 15];
	}
	*ret = '\0';
}

static const char *
content_type(const struct aws *a)
{
	return a->options.json_1_1 ? "application/x-amz-json-1.1"
				   : "application/x-amz-json-1.0";
}

static int
sign(struct aws_call *c, const struct credentials_keys *k, const char *date,
    const char *target)
{
	struct aws *a = c->aws;
	struct sigv4_header headers[SIGNED_MAX] = {
		{ "content-type", span_of(content_type(a)) },
		{ "host", span_of(a->endpoint.authority) },
		{ "x-amz-date", span_of(date) },
		{ "x-amz-target", span_of(target) },
	};
	struct sigv4_request r = { .method = "POST",
		.path = a->endpoint.path,
		.query = "",
		.headers = headers,
		.payload = buf_span(&c->body),
		.normalize_path = true };
	struct sigv4_key key = { k->access_key_id, k->secret_access_key,
		a->region, a->service };
	size_t n = 4;

	if (a->options.query_mode)
		headers[n++] = (struct sigv4_header){ "x-amzn-query-mode",
			span_of("true") };
	if (k->session_token != NULL)
		headers[n++] = (struct sigv4_header){ "x-amz-security-token",
			span_of(k->session_token) };
	r.n_headers = n;
	buf_reset(&a->authorization);
	buf_puts(&a->authorization, "Authorization: ");
	return sigv4_authorization(&r, &key, date, &a->cache,
	    &a->authorization);
}

static void
transmit(struct aws_call *c, const struct credentials_keys *k, const char *date,
    const char *target)
{
	struct aws *a = c->aws;
	const char *headers[HEADERS_MAX];
	char date_line[64], target_line[160], id_line[80], attempt_line[64];
	char type_line[64];
	char *token_line = NULL;
	struct http_request r = { .method = "POST",
		.url = a->endpoint_url,
		.headers = headers,
		.body = buf_span(&c->body),
		.connect_timeout_ms = a->options.connect_timeout_ms,
		.timeout_ms = a->options.request_timeout_ms + c->long_poll_ms,
		.answer_max = SQS_ANSWER_MAX };
	size_t n = 0;

	(void)snprintf(date_line, sizeof(date_line), "X-Amz-Date: %s", date);
	(void)snprintf(target_line, sizeof(target_line), "X-Amz-Target: %s",
	    target);
	(void)snprintf(id_line, sizeof(id_line), "amz-sdk-invocation-id: %s",
	    c->invocation_id);
	(void)snprintf(attempt_line, sizeof(attempt_line),
	    "amz-sdk-request: attempt=%u; max=%u", c->attempts,
	    a->options.max_attempts);
	(void)snprintf(type_line, sizeof(type_line), "Content-Type: %s",
	    content_type(a));
	headers[n++] = type_line;
	if (a->options.query_mode)
		headers[n++] = "x-amzn-query-mode: true";
	headers[n++] = date_line;
	headers[n++] = target_line;
	headers[n++] = id_line;
	headers[n++] = attempt_line;
	if (k->session_token != NULL)
		headers[n++] = token_line =
		    xasprintf("X-Amz-Security-Token: %s", k->session_token);
	headers[n++] = buf_str(&a->authorization);
	r.n_headers = n;
	c->transfer = http_start(a->http, &r, on_transfer, c);
	free(token_line);
}

static void
send_with(struct aws_call *c, const struct credentials_keys *k)
{
	char date[SIGV4_DATE_SIZE], target[128];
	struct error e;

	c->attempts++;
	(void)snprintf(c->used_key_id, sizeof(c->used_key_id), "%s",
	    k->access_key_id);
	(void)snprintf(target, sizeof(target), "%s.%s", c->aws->target,
	    c->operation);
	sigv4_format_date(http_real_ms(c->aws->http), date);
	if (sign(c, k, date, target) == -1) {
		error_set(&e, ERROR_OPERATOR,
		    "cannot sign: libcrypto refuses "
		    "SHA-256, or the session token is too long");
		fail_later(c, &e, clock_ms());
		return;
	}
	transmit(c, k, date, target);
}

/* Sends the call if it can be signed, else leaves it waiting. */
static void
try_send(struct aws_call *c, int64_t now_ms)
{
	const struct credentials_keys *k;
	struct error e;

	k = credentials_current(c->aws->credentials, &e);
	if (k != NULL)
		send_with(c, k);
	else if (e.kind != ERROR_NONE)
		fail_later(c, &e, now_ms);
	else
		wait_until(c, CLOCK_NEVER); /* on_credentials goes on */
}

struct aws_call *
aws_start(struct aws *a, const char *operation, struct buf *body,
    int64_t long_poll_ms, aws_done_fn *done, void *arg)
{
	struct aws_call *c = xcalloc(1, sizeof(*c));

	c->aws = a;
	c->operation = operation;
	c->body = *body;
	buf_init(body, body->max); /* transferred */
	c->long_poll_ms = long_poll_ms;
	c->done = done;
	c->arg = arg;
	make_invocation_id(c->invocation_id);
	LIST_INSERT_HEAD(&a->calls, c, entry);
	try_send(c, clock_ms());
	return c;
}

/* Other keys than those refused mean that a waiting call can go at once. */
static bool
has_other_keys(const struct aws_call *c)
{
	const struct credentials_keys *k;
	struct error e;

	k = credentials_current(c->aws->credentials, &e);
	return k != NULL && strcmp(k->access_key_id, c->refused_key_id) != 0;
}

/* A fetch ended: calls that wait for one are due now. */
static void
on_credentials(void *arg)
{
	struct aws *a = arg;
	struct aws_call *c;
	int64_t now_ms = clock_ms();

	LIST_FOREACH(c, &a->calls, entry) {
		/* cppcheck-suppress uninitvar ; LIST_FOREACH sets c */
		if (c->transfer != NULL || c->failed)
			continue;
		if (c->due_ms == CLOCK_NEVER ||
		    (c->refused_key_id[0] != '\0' && has_other_keys(c)))
			c->due_ms = now_ms;
	}
}

static struct aws_call *
next_due(struct aws *a, int64_t now_ms)
{
	struct aws_call *c;

	LIST_FOREACH(c, &a->calls, entry)
		/* An ended call is unlinked: NOLINTNEXTLINE(*-unix.Malloc) */
		if (c->transfer == NULL && c->due_ms <= now_ms)
			return c;
	return NULL;
}

void
aws_step(struct aws *a, int64_t now_ms)
{
	struct aws_call *c;

	credentials_step(a->credentials, now_ms, http_real_ms(a->http));
	/* From the start each time: a callback may start or cancel others.
	   Each turn either sends, ends or postpones its call. */
	while ((c = next_due(a, now_ms)) != NULL) {
		if (c->failed)
			report(c, (struct span){ "", 0 }, &c->error);
		else
			try_send(c, now_ms);
	}
}

int64_t
aws_deadline(const struct aws *a)
{
	int64_t deadline = credentials_deadline(a->credentials);
	struct aws_call *c;

	LIST_FOREACH(c, &a->calls, entry)
		if (c->transfer == NULL)
			deadline = clock_earlier(deadline, c->due_ms);
	return deadline;
}
