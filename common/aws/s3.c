/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading from S3.  See s3.h.  A get is idle, waiting (for credentials, a
 * retry, or to hand over its failure), or sent.
 */
#include "common/aws/s3.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/aws/aws.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/http/sigv4.h"

#include "common/base/banned.h"

/* SHA-256 of nothing, which is what a GET sends. */
#define EMPTY_SHA256                                                           \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum {
	URL_MAX = 8192, /* bytes; a key has 1024, each of which may be %XX */
	ERROR_BODY_MAX = 64 * 1024,
	AUTHORIZATION_MAX = 64 * 1024,
	NEW_CREDENTIALS_WAIT_MS = 3000
};

struct s3 {
	struct http *http;
	struct credentials *credentials;
	struct s3_options options;
	char *region, *endpoint_url; /* own the options' */
	struct sigv4_cache cache;
	struct aws_quota quota;

	s3_done_fn *done; /* NULL: idle */
	void *arg;
	struct s3_pointer object;
	int fd;
	int64_t max_bytes;
	int64_t bytes;                  /* in the file */
	struct http_transfer *transfer; /* NULL: waiting */
	int64_t due_ms;                 /* waiting: when to go on */
	bool wants_credentials;         /* waiting: until there are some */
	bool failed; /* waiting: to report error, not to send */
	struct error error;
	bool sink_failed; /* then error says why */
	unsigned attempts;
	int cost; /* quota taken by the last retry */
	char used_key_id[129];
};

struct s3 *
s3_new(struct http *http, struct credentials *credentials,
    const struct s3_options *o)
{
	struct s3 *s = xcalloc(1, sizeof(*s));

	s->http = http;
	s->credentials = credentials;
	s->options = *o;
	s->options.region = s->region = xstrdup(o->region);
	if (o->endpoint_url != NULL)
		s->endpoint_url = xstrdup(o->endpoint_url);
	s->options.endpoint_url = s->endpoint_url;
	s->quota.tokens = AWS_QUOTA_TOKENS;
	return s;
}

void
s3_free(struct s3 *s)
{
	if (s == NULL)
		return;
	s3_cancel(s);
	sigv4_cache_release(&s->cache);
	free(s->region);
	free(s->endpoint_url);
	free(s);
}

void
s3_cancel(struct s3 *s)
{
	http_cancel(s->transfer);
	s->transfer = NULL;
	s->done = NULL;
}

/* ---- where ---- */

/* "/" and the bucket, if the host does not name it, "/" and the key. */
static void
put_object(struct buf *to, const char *prefix, const char *bucket,
    const char *key)
{
	size_t len = strlen(prefix);

	while (len > 0 && prefix[len - 1] == '/')
		len--;
	buf_append(to, prefix, len);
	if (bucket != NULL)
		buf_printf(to, "/%s", bucket);
	buf_printf(to, "/%s", key);
}

static bool
is_in_path(const char *endpoint_url, const struct s3_pointer *object)
{
	return endpoint_url != NULL || strchr(object->bucket, '.') != NULL;
}

/*
 * Some servers take a backslash for a slash, and some cut what is behind a
 * semicolon.
 */
static bool
has_dot_segment(const char *path)
{
	size_t len, name;

	for (;;) {
		len = strcspn(path, "/\\");
		name = strcspn(path, "/\\;");
		if ((name == 1 || name == 2) && strspn(path, ".") == name)
			return true;
		if (path[len] == '\0')
			return false;
		path += len + 1;
	}
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes each "%XX" in place, a NUL as a slash; returns whether one was. */
static bool
decode(char *text)
{
	const char *from = text;
	bool any = false;
	int c;

	for (; *from != '\0'; text++) {
		if (from[0] == '%' && hex_value(from[1]) >= 0 &&
		    hex_value(from[2]) >= 0) {
			c = hex_value(from[1]) * 16 + hex_value(from[2]);
			*text = c != 0 ? (char)c : '/';
			from += 3;
			any = true;
		} else {
			*text = *from++;
		}
	}
	*text = '\0';
	return any;
}

bool
s3_key_has_dots(const char *key)
{
	char text[sizeof(((struct s3_pointer *)NULL)->key)];
	bool found;

	(void)strlcpy(text, key, sizeof(text));
	do {
		found = has_dot_segment(text);
	} while (!found && decode(text));
	return found;
}

const char *
s3_refuses(const struct s3 *s, const struct s3_pointer *object)
{
	return is_in_path(s->endpoint_url, object) &&
		s3_key_has_dots(object->key)
	    ? "its key has dot segments, which may lead out of the bucket"
	    : NULL;
}

int
s3_address_of(const char *endpoint_url, const char *region,
    struct aws_endpoint_variant variant, const struct s3_pointer *object,
    struct s3_address *ret)
{
	bool in_path = is_in_path(endpoint_url, object);
	char made[256];
	struct http_url parts;

	buf_init(&ret->url, URL_MAX);
	buf_init(&ret->path, URL_MAX);
	if (endpoint_url == NULL) {
		if (aws_endpoint_of_bucket(in_path ? NULL : object->bucket,
			region, variant, made, sizeof(made)) == -1)
			return -1;
		endpoint_url = made;
	}
	if (http_split_url(endpoint_url, &parts) == -1)
		return -1;
	memcpy(ret->host, parts.authority, sizeof(ret->host));
	put_object(&ret->path, parts.path, in_path ? object->bucket : NULL,
	    object->key);
	buf_printf(&ret->url, "%s://%s", parts.scheme, parts.authority);
	sigv4_encode_path(buf_str(&ret->path), &ret->url);
	return ret->url.overflow || ret->path.overflow ? -1 : 0;
}

void
s3_address_release(struct s3_address *a)
{
	buf_release(&a->url);
	buf_release(&a->path);
}

/* ---- the end of an attempt ---- */

static void
report(struct s3 *s, const struct error *e)
{
	s3_done_fn *done = s->done;

	s->done = NULL; /* its callback may begin another */
	done(s->arg, s->bytes, e);
}

static void
fail_later(struct s3 *s, const struct error *e, int64_t due_ms)
{
	s->failed = true;
	s->error = *e;
	s->due_ms = due_ms;
}

static void
on_failure(struct s3 *s, const struct error *e)
{
	int64_t now_ms = clock_ms();
	struct aws_retry r = aws_retry_decide(&s->quota, e, s->attempts,
	    s->options.max_attempts, false, backoff_random());

	if (e->kind == ERROR_CREDENTIALS && s->used_key_id[0] != '\0') {
		credentials_invalidate(s->credentials, s->used_key_id, now_ms);
		r.delay_ms += NEW_CREDENTIALS_WAIT_MS;
	}
	if (!r.retry) {
		fail_later(s, e, now_ms);
		return;
	}
	s->cost = r.cost;
	s->error = *e;
	s->due_ms = now_ms + r.delay_ms;
}

static void
on_transfer(void *arg, const struct http_answer *answer,
    const struct error *transfer_error)
{
	struct s3 *s = arg;
	struct error e;

	s->transfer = NULL; /* http.c takes it back */
	if (s->sink_failed) {
		e = s->error;
		on_failure(s, &e);
	} else if (answer == NULL) {
		on_failure(s, transfer_error);
	} else if (answer->status == 200) {
		aws_quota_refund(&s->quota, s->cost);
		report(s, NULL);
	} else {
		aws_parse_error(answer, &e);
		/* From here on our time is right: http_real_ms. */
		if (answer->skewed && aws_blames_clock(e.code))
			e.kind = ERROR_RETRY;
		on_failure(s, &e);
	}
}

/* ---- the bytes ---- */

static int
end_with(struct s3 *s)
{
	s->sink_failed = true;
	return -1;
}

/* Of a file; a disk that is full is for a person. */
static int
on_piece(void *arg, struct span piece, int64_t announced)
{
	struct s3 *s = arg;
	ssize_t n;

	if (announced > s->max_bytes ||
	    (int64_t)piece.len > s->max_bytes - s->bytes) {
		error_set(&s->error, ERROR_OPERATOR,
		    "larger than s3_max_bytes");
		return end_with(s);
	}
	while (piece.len > 0) {
		n = pwrite(s->fd, piece.p, piece.len, (off_t)s->bytes);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1) {
			error_set_errno(&s->error, ERROR_OPERATOR,
			    "cannot be kept");
			return end_with(s);
		}
		piece.p += n;
		piece.len -= (size_t)n;
		s->bytes += n;
	}
	return 0;
}

/* ---- the request ---- */

static int
sign(struct s3 *s, const struct s3_address *a, const struct credentials_keys *k,
    const char *date, struct buf *to)
{
	struct sigv4_header headers[] = { { "host", span_of(a->host) },
		{ "x-amz-content-sha256", span_of(EMPTY_SHA256) },
		{ "x-amz-date", span_of(date) },
		{ "x-amz-security-token",
		    span_of(
			k->session_token != NULL ? k->session_token : "") } };
	const struct sigv4_request r = { .method = "GET",
		.path = buf_str(&a->path),
		.query = "",
		.headers = headers,
		.n_headers = k->session_token != NULL ? 4 : 3,
		.payload = { "", 0 } };
	const struct sigv4_key key = { k->access_key_id, k->secret_access_key,
		s->region, "s3" };

	buf_puts(to, "Authorization: ");
	return sigv4_authorization(&r, &key, date, &s->cache, to);
}

static void
transmit(struct s3 *s, const struct s3_address *a,
    const struct credentials_keys *k, const char *date,
    const char *authorization)
{
	char date_line[64];
	char *token_line = NULL;
	const char *headers[4] = { "X-Amz-Content-Sha256: " EMPTY_SHA256,
		date_line, authorization };
	struct http_request r = { .method = "GET",
		.url = buf_str(&a->url),
		.headers = headers,
		.n_headers = 3,
		.connect_timeout_ms = s->options.connect_timeout_ms,
		.timeout_ms = S3_GET_MS,
		.stall_timeout_ms = s->options.stall_timeout_ms,
		.answer_max = ERROR_BODY_MAX,
		.sink = on_piece,
		.sink_arg = s };

	(void)snprintf(date_line, sizeof(date_line), "X-Amz-Date: %s", date);
	if (k->session_token != NULL)
		headers[r.n_headers++] = token_line =
		    xasprintf("X-Amz-Security-Token: %s", k->session_token);
	s->transfer = http_start(s->http, &r, on_transfer, s);
	free(token_line);
}

static void
send_with(struct s3 *s, const struct credentials_keys *k)
{
	char date[SIGV4_DATE_SIZE];
	struct buf authorization = BUF_INIT(AUTHORIZATION_MAX);
	struct s3_address a;
	struct error e;

	s->attempts++;
	s->bytes = 0;
	s->sink_failed = false;
	(void)snprintf(s->used_key_id, sizeof(s->used_key_id), "%s",
	    k->access_key_id);
	sigv4_format_date(http_real_ms(s->http), date);
	if (s3_address_of(s->endpoint_url, s->region, s->options.variant,
		&s->object, &a) == -1) {
		error_set(&e, ERROR_OPERATOR, "there is no such endpoint");
		fail_later(s, &e, clock_ms());
	} else if (ftruncate(s->fd, 0) == -1) {
		error_set_errno(&e, ERROR_OPERATOR, "cannot be kept");
		fail_later(s, &e, clock_ms());
	} else if (sign(s, &a, k, date, &authorization) == -1) {
		error_set(&e, ERROR_OPERATOR, "cannot be signed for");
		fail_later(s, &e, clock_ms());
	} else {
		transmit(s, &a, k, date, buf_str(&authorization));
	}
	buf_release(&authorization);
	s3_address_release(&a);
}

/* Sends the get if it can be signed, else leaves it waiting. */
static void
try_send(struct s3 *s, int64_t now_ms)
{
	const struct credentials_keys *k;
	struct error e;

	k = credentials_current(s->credentials, &e);
	s->wants_credentials = k == NULL && e.kind == ERROR_NONE;
	if (k != NULL)
		send_with(s, k);
	else if (s->wants_credentials)
		s->due_ms = CLOCK_NEVER; /* their fetch turns the loop */
	else
		fail_later(s, &e, now_ms);
}

void
s3_get(struct s3 *s, const struct s3_pointer *object, int fd, int64_t max_bytes,
    s3_done_fn *done, void *arg)
{
	assert(s->done == NULL);
	s->object = *object;
	s->fd = fd;
	s->max_bytes = max_bytes;
	s->done = done;
	s->arg = arg;
	s->attempts = 0;
	s->cost = 0;
	s->failed = false;
	try_send(s, clock_ms());
}

void
s3_step(struct s3 *s, int64_t now_ms)
{
	if (s->done == NULL || s->transfer != NULL ||
	    (s->due_ms > now_ms && !s->wants_credentials))
		return;
	if (s->failed)
		report(s, &s->error);
	else
		try_send(s, now_ms);
}

int64_t
s3_deadline(const struct s3 *s)
{
	return s->done != NULL && s->transfer == NULL ? s->due_ms : CLOCK_NEVER;
}
