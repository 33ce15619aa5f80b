/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See signed_request.h. */
#include "common/http/signed_request.h"

#include <assert.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	SIGNED_MAX = SIGNED_REQUEST_HEADERS_MAX + 3,
	SENT_MAX = SIGNED_REQUEST_HEADERS_MAX + SIGNED_MAX,
	LINES_MAX = 128 * 1024 /* bytes; most of them are the session token's */
};

/*
 * Host is sent as it is signed: libcurl might write the URL's in another way.
 */
static size_t
collect_signed(const struct signed_request *r, const struct signing_keys *keys,
    const char *date, struct sigv4_header *ret)
{
	size_t i, n = 0;

	assert(r->n_headers <= SIGNED_REQUEST_HEADERS_MAX);
	ret[n++] = (struct sigv4_header){ "Host", span_of(r->authority) };
	ret[n++] = (struct sigv4_header){ "X-Amz-Date", span_of(date) };
	for (i = 0; i < r->n_headers; i++)
		ret[n++] = r->headers[i];
	if (keys->session_token != NULL)
		ret[n++] = (struct sigv4_header){ "X-Amz-Security-Token",
			span_of(keys->session_token) };
	return n;
}

static int
put_authorization(const struct signed_request *r,
    const struct signing_keys *keys, const char *date,
    const struct sigv4_header *headers, size_t n, struct sigv4_cache *cache,
    struct buf *lines)
{
	const struct sigv4_request request = { .method = r->http.method,
		.path = r->path,
		.query = "",
		.headers = headers,
		.n_headers = n,
		.payload = r->http.body,
		.normalize_path = r->normalize_path };
	const struct sigv4_key key = { keys->access_key_id,
		keys->secret_access_key, r->region, r->service };

	buf_puts(lines, "Authorization: ");
	if (sigv4_authorization(&request, &key, date, cache, lines) == -1)
		return -1;
	buf_putc(lines, '\0');
	return lines->overflow ? -1 : 0;
}

static void
put_line(struct buf *lines, const struct sigv4_header *h)
{
	buf_puts(lines, h->name);
	buf_puts(lines, ": ");
	buf_append(lines, h->value.p, h->value.len);
	buf_putc(lines, '\0');
}

static struct http_transfer *
send_lines(struct http *h, const struct http_request *request,
    const struct buf *lines, http_done_fn *done, void *arg)
{
	const char *headers[SENT_MAX], *line;
	struct http_request r = *request;
	size_t i, n = 0;

	assert(r.n_headers <= SIGNED_REQUEST_HEADERS_MAX);
	for (i = 0; i < r.n_headers; i++)
		headers[n++] = r.headers[i];
	for (line = lines->data; line < lines->data + lines->len;
	     line += strlen(line) + 1)
		headers[n++] = line;
	r.headers = headers;
	r.n_headers = n;
	return http_start(h, &r, done, arg);
}

struct http_transfer *
signed_request_start(struct http *h, const struct signed_request *r,
    const struct signing_keys *keys, struct sigv4_cache *cache,
    http_done_fn *done, void *arg)
{
	struct sigv4_header headers[SIGNED_MAX];
	struct buf lines = BUF_INIT(LINES_MAX);
	struct http_transfer *t = NULL;
	char date[SIGV4_DATE_SIZE];
	size_t i, n;

	sigv4_format_date(http_real_ms(h), date);
	n = collect_signed(r, keys, date, headers);
	for (i = 0; i < n; i++)
		put_line(&lines, &headers[i]);
	if (put_authorization(r, keys, date, headers, n, cache, &lines) == 0)
		t = send_lines(h, &r->http, &lines, done, arg);
	freezero(lines.data, lines.len);
	return t;
}
