/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading from S3.  See s3.h.
 */
#include "common/aws/s3.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/http/http_url.h"
#include "common/http/signed_call.h"
#include "common/http/sigv4_canonical.h"

#include "common/base/banned.h"

/* SHA-256 of nothing, which is what a GET sends. */
#define EMPTY_SHA256                                                           \
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

enum {
	URL_MAX = 8192, /* bytes; a key has 1024, each of which may be %XX */
	ERROR_BODY_MAX = 64 * 1024
};

struct s3 {
	struct credentials *credentials;
	struct s3_options options;
	char *region, *endpoint_url; /* own the options' */
	struct signed_calls shared;

	s3_done_fn *done; /* NULL: idle */
	void *arg;
	struct signed_call call;
	struct s3_address address;
	bool has_address; /* else there is no such endpoint */
	int fd;
	int64_t max_bytes;
	int64_t bytes; /* in the file */
};

static void
on_refused(void *arg, const char *access_key_id)
{
	struct s3 *s = arg;

	credentials_invalidate(s->credentials, access_key_id, clock_ms());
}

struct s3 *
s3_new(struct http *http, struct credentials *credentials,
    const struct s3_options *o)
{
	struct s3 *s = xcalloc(1, sizeof(*s));

	s->credentials = credentials;
	s->options = *o;
	s->options.region = s->region = xstrdup(o->region);
	if (o->endpoint_url != NULL)
		s->endpoint_url = xstrdup(o->endpoint_url);
	s->options.endpoint_url = s->endpoint_url;
	s->shared = (struct signed_calls){ .http = http,
		.max_attempts = o->max_attempts,
		.refused = on_refused,
		.refused_arg = s,
		.quota = { AWS_QUOTA_TOKENS } };
	return s;
}

void
s3_free(struct s3 *s)
{
	if (s == NULL)
		return;
	s3_cancel(s);
	signed_calls_release(&s->shared);
	free(s->region);
	free(s->endpoint_url);
	free(s);
}

void
s3_cancel(struct s3 *s)
{
	if (s->done == NULL)
		return;
	signed_call_cancel(&s->call);
	s3_address_release(&s->address);
	s->done = NULL;
}

/* ---- the address of an object ---- */

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
 * Some servers take a backslash for a slash, and some drop the text behind a
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

/*
 * Decodes each "%XX" in place, a NUL as a slash; returns whether there was any.
 */
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
			*text = (char)(c != 0 ? c : '/');
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
	if (http_url_split_endpoint(endpoint_url, &parts) == -1)
		return -1;
	memcpy(ret->host, parts.authority, sizeof(ret->host));
	put_object(&ret->path, parts.path, in_path ? object->bucket : NULL,
	    object->key);
	buf_printf(&ret->url, "%s://%s", parts.scheme, parts.authority);
	sigv4_canonical_put_path(buf_str(&ret->path), &ret->url);
	return ret->url.overflow || ret->path.overflow ? -1 : 0;
}

void
s3_address_release(struct s3_address *a)
{
	buf_release(&a->url);
	buf_release(&a->path);
}

/* ---- the bytes ---- */

/*
 * Writes a piece of the object into the file.  A full disk is ERROR_OPERATOR,
 * since a person must act.
 */
static int
on_piece(void *arg, struct span piece, int64_t announced, struct error *e)
{
	struct s3 *s = arg;
	ssize_t n;

	if (announced > s->max_bytes ||
	    (int64_t)piece.len > s->max_bytes - s->bytes)
		return error_set(e, ERROR_OPERATOR, "larger than s3_max_bytes");
	while (piece.len > 0) {
		n = pwrite(s->fd, piece.p, piece.len, (off_t)s->bytes);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return error_set_errno(e, ERROR_OPERATOR,
			    "cannot write it to a temporary file");
		piece.p += n;
		piece.len -= (size_t)n;
		s->bytes += n;
	}
	return 0;
}

/* Empties the file, which may hold a part from an earlier attempt. */
static int
begin_attempt(void *arg, struct error *e)
{
	struct s3 *s = arg;

	s->bytes = 0;
	if (!s->has_address)
		return error_set(e, ERROR_OPERATOR,
		    "there is no such endpoint");
	if (ftruncate(s->fd, 0) == -1)
		return error_set_errno(e, ERROR_OPERATOR,
		    "cannot write it to a temporary file");
	return 0;
}

/* ---- the call ---- */

static void
on_done(void *arg, struct span answer, const struct error *e)
{
	struct s3 *s = arg;
	s3_done_fn *done = s->done;

	(void)answer;   /* on_piece has written the body */
	s->done = NULL; /* the callback may begin another read */
	s3_address_release(&s->address);
	done(s->arg, s->bytes, e);
}

static void
make_request(struct s3 *s)
{
	static const struct sigv4_header headers[] = { { "X-Amz-Content-Sha256",
	    { EMPTY_SHA256, sizeof(EMPTY_SHA256) - 1 } } };

	s->call = (struct signed_call){ .shared = &s->shared,
		.request = { .http = { .method = "GET",
				 .url = buf_str(&s->address.url),
				 .body = { "", 0 },
				 .connect_timeout_ms =
				     s->options.connect_timeout_ms,
				 .timeout_ms = S3_GET_MS,
				 .stall_timeout_ms =
				     s->options.stall_timeout_ms,
				 .answer_max = ERROR_BODY_MAX,
				 .sink = on_piece,
				 .sink_arg = s },
		    .service = "s3",
		    .region = s->region,
		    .authority = s->address.host,
		    .path = buf_str(&s->address.path),
		    .headers = headers,
		    .n_headers = nitems(headers) },
		.begin = begin_attempt,
		.done = on_done,
		.arg = s };
}

void
s3_get(struct s3 *s, const struct s3_pointer *object, int fd, int64_t max_bytes,
    s3_done_fn *done, void *arg)
{
	struct signing_keys keys;
	struct error why;

	assert(s->done == NULL);
	s->fd = fd;
	s->max_bytes = max_bytes;
	s->done = done;
	s->arg = arg;
	s->has_address = s3_address_of(s->endpoint_url, s->region,
			     s->options.variant, object, &s->address) == 0;
	make_request(s);
	signed_call_start(&s->call,
	    credentials_to_sign(s->credentials, &keys, &why), &why, clock_ms());
}

void
s3_step(struct s3 *s, int64_t now_ms)
{
	struct signing_keys current;
	const struct signing_keys *keys;
	struct error why;

	if (s->done == NULL)
		return;
	keys = credentials_to_sign(s->credentials, &current, &why);
	if (signed_call_is_due(&s->call, keys, &why, now_ms))
		signed_call_step(&s->call, keys, &why, now_ms);
}

int64_t
s3_deadline(const struct s3 *s)
{
	return s->done != NULL ? signed_call_deadline(&s->call) : CLOCK_NEVER;
}
