/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A call is in one of three states: waiting (for keys, a retry, or to hand
 * over its failure), sent, or over.  See signed_call.h.
 */
#include "common/http/signed_call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/http/aws_error.h"

#include "common/base/banned.h"

enum {
	/* A call whose keys were refused waits this long for other keys. */
	OTHER_KEYS_WAIT_MS = 3000
};

void
signed_calls_release(struct signed_calls *s)
{
	sigv4_cache_release(&s->cache);
}

void
signed_call_cancel(struct signed_call *c)
{
	http_cancel(c->transfer);
	c->transfer = NULL;
}

bool
signed_call_end_with_attempt(struct signed_call *c)
{
	c->last = true;
	return c->transfer != NULL && http_is_sent(c->transfer);
}

/* ---- the end of an attempt ---- */

/* A step, not this function, passes the failure on to the caller. */
static void
fail_at(struct signed_call *c, const struct error *e, int64_t due_ms)
{
	c->failed = true;
	c->error = *e;
	c->due_ms = due_ms;
}

static struct aws_retry
decide(struct signed_call *c, const struct error *e)
{
	if (c->last)
		return (struct aws_retry){ .retry = false };
	return aws_retry_decide(&c->shared->quota, e, c->attempts,
	    c->shared->max_attempts, c->is_long_poll, backoff_random());
}

static void
retry_or_fail(struct signed_call *c, const struct error *e,
    const struct aws_retry *r)
{
	int64_t due_ms = clock_ms() + r->delay_ms;

	if (!r->retry) {
		fail_at(c, e, due_ms);
		return;
	}
	c->cost = r->cost;
	c->due_ms = due_ms;
}

static void
on_failure(struct signed_call *c, const struct error *e)
{
	struct aws_retry r = decide(c, e);

	if (e->kind == ERROR_CREDENTIALS) {
		c->refused = true;
		c->shared->refused(c->shared->refused_arg, c->key_id);
		if (r.retry)
			r.delay_ms += OTHER_KEYS_WAIT_MS;
	}
	retry_or_fail(c, e, &r);
}

/*
 * The request was signed with a wrong time.  http_real_ms is right from here
 * on, so the next attempt need not wait.
 */
static void
on_clock_error(struct signed_call *c, struct error *e)
{
	struct aws_retry r;

	e->kind = ERROR_RETRY;
	r = decide(c, e);
	if (r.retry)
		r.delay_ms = 0;
	retry_or_fail(c, e, &r);
}

static void
on_refusal(struct signed_call *c, const struct http_answer *answer)
{
	struct error e;

	aws_parse_error(answer, &e);
	if (c->shared->explain != NULL)
		c->shared->explain(&e);
	if (answer->skewed && aws_blames_clock(e.code))
		on_clock_error(c, &e);
	else
		on_failure(c, &e);
}

static void
on_transfer(void *arg, const struct http_answer *answer, const struct error *e)
{
	struct signed_call *c = arg;

	c->transfer = NULL; /* http.c takes it back */
	if (answer == NULL) {
		on_failure(c, e);
	} else if (aws_is_error(answer)) {
		on_refusal(c, answer);
	} else {
		aws_quota_refund(&c->shared->quota, c->cost);
		c->done(c->arg, answer->body, NULL);
	}
}

/* ---- an attempt ---- */

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

static struct http_transfer *
transmit(struct signed_call *c, const struct signing_keys *keys)
{
	char id_line[80], attempt_line[64];
	const char *headers[] = { id_line, attempt_line };
	struct signed_request r = c->request;

	(void)snprintf(id_line, sizeof(id_line), "amz-sdk-invocation-id: %s",
	    c->invocation_id);
	(void)snprintf(attempt_line, sizeof(attempt_line),
	    "amz-sdk-request: attempt=%u; max=%u", c->attempts,
	    c->shared->max_attempts);
	r.http.headers = headers;
	r.http.n_headers = 2;
	return signed_request_start(c->shared->http, &r, keys,
	    &c->shared->cache, on_transfer, c);
}

static void
begin_attempt(struct signed_call *c, const struct signing_keys *keys,
    int64_t now_ms)
{
	struct error e;

	c->attempts++;
	c->refused = false;
	(void)strlcpy(c->key_id, keys->access_key_id, sizeof(c->key_id));
	if (c->begin != NULL && c->begin(c->arg, &e) == -1) {
		fail_at(c, &e, now_ms);
		return;
	}
	c->transfer = transmit(c, keys);
	if (c->transfer == NULL) {
		error_set(&e, ERROR_OPERATOR,
		    "cannot sign: libcrypto refuses SHA-256, or the session "
		    "token is too long");
		fail_at(c, &e, now_ms);
	}
}

static void
send_or_wait(struct signed_call *c, const struct signing_keys *keys,
    const struct error *why, int64_t now_ms)
{
	if (keys != NULL)
		begin_attempt(c, keys, now_ms);
	else if (why->kind != ERROR_NONE)
		fail_at(c, why, now_ms);
	else
		c->due_ms = CLOCK_NEVER;
}

void
signed_call_start(struct signed_call *c, const struct signing_keys *keys,
    const struct error *why, int64_t now_ms)
{
	make_invocation_id(c->invocation_id);
	send_or_wait(c, keys, why, now_ms);
}

/* ---- the wait ---- */

/*
 * Can a call that waits for keys go on?  New keys end the wait, and so
 * does a reason to fail.
 */
static bool
has_news(const struct signed_call *c, const struct signing_keys *keys,
    const struct error *why)
{
	if (c->due_ms == CLOCK_NEVER)
		return keys != NULL || why->kind != ERROR_NONE;
	return c->refused && keys != NULL &&
	    strcmp(keys->access_key_id, c->key_id) != 0;
}

bool
signed_call_is_due(const struct signed_call *c, const struct signing_keys *keys,
    const struct error *why, int64_t now_ms)
{
	if (c->transfer != NULL)
		return false;
	return c->due_ms <= now_ms || (!c->failed && has_news(c, keys, why));
}

void
signed_call_step(struct signed_call *c, const struct signing_keys *keys,
    const struct error *why, int64_t now_ms)
{
	const struct error e = c->error; /* the callback may free the call */

	if (c->failed)
		c->done(c->arg, (struct span){ "", 0 }, &e);
	else
		send_or_wait(c, keys, why, now_ms);
}

int64_t
signed_call_deadline(const struct signed_call *c)
{
	return c->transfer == NULL ? c->due_ms : CLOCK_NEVER;
}
