/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See sigv4_canonical.h. */
#include "common/http/sigv4_canonical.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/xalloc.h"
#include "common/http/sha256.h"

#include "common/base/banned.h"

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

/* Percent-encoding; c is kept as it is if it equals also_plain. */
static void
put_encoded(struct buf *to, unsigned char c, unsigned char also_plain)
{
	static const char digits[] = "0123456789ABCDEF";

	if (is_unreserved(c) || (also_plain != '\0' && c == also_plain)) {
		buf_putc(to, (char)c);
		return;
	}
	buf_putc(to, '%');
	buf_putc(to, digits[c >> 4]);
	buf_putc(to, digits[c & 15]);
}

/* Drops the last segment of the path p[0..len). */
static size_t
without_last_segment(const char *p, size_t len)
{
	while (len > 0 && p[--len] != '/')
		;
	return len;
}

/*
 * Resolves "." and ".." and joins runs of slashes.  A slash at the end stays.
 * The result has at most strlen(path) + 1 bytes.
 */
static size_t
normalize(const char *path, char *ret)
{
	const char *segment = path;
	size_t len = 0, n;

	for (;; segment += n) {
		segment += strspn(segment, "/");
		n = strcspn(segment, "/");
		if (n == 0)
			break;
		if (n == 1 && segment[0] == '.')
			continue;
		if (n == 2 && segment[0] == '.' && segment[1] == '.') {
			len = without_last_segment(ret, len);
			continue;
		}
		ret[len++] = '/';
		memcpy(ret + len, segment, n);
		len += n;
	}
	if (len == 0 || segment[-1] == '/')
		ret[len++] = '/';
	return len;
}

static void
put_path(struct buf *to, const char *path, bool with_dots_resolved)
{
	char *normal = NULL;
	size_t len = strlen(path), i;

	/* SQS has no other path. */
	if (len == 0 || strcmp(path, "/") == 0) {
		buf_putc(to, '/');
		return;
	}
	if (with_dots_resolved) {
		normal = xmalloc(len + 1);
		len = normalize(path, normal);
		path = normal;
	} else if (path[0] != '/') {
		buf_putc(to, '/');
	}
	for (i = 0; i < len; i++)
		put_encoded(to, (unsigned char)path[i], '/');
	free(normal);
}

void
sigv4_canonical_put_path(const char *path, struct buf *to)
{
	put_path(to, path, false);
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	at = c != '\0' ? strchr(digits, c) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

/* Decodes p[0..n), then encodes it as AWS does. */
static void
put_reencoded(struct buf *to, const char *p, size_t n)
{
	size_t i;
	int high, low;

	for (i = 0; i < n; i++) {
		if (p[i] == '%' && n - i > 2 &&
		    (high = hex_digit(p[i + 1])) != -1 &&
		    (low = hex_digit(p[i + 2])) != -1) {
			put_encoded(to, (unsigned char)(high * 16 + low), '\0');
			i += 2;
		} else {
			put_encoded(to, (unsigned char)p[i], '\0');
		}
	}
}

/* One parameter of the query, encoded; name and value are in one buffer. */
struct parameter {
	struct span name, value;
};

static int
compare_spans(const struct span *a, const struct span *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int order = n > 0 ? memcmp(a->p, b->p, n) : 0;

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/*
 * Orders by name, then by value: "a-=1" comes behind "a=1", though '-' < '='.
 */
static int
compare_parameters(const void *one, const void *other)
{
	const struct parameter *a = one, *b = other;
	int order = compare_spans(&a->name, &b->name);

	return order != 0 ? order : compare_spans(&a->value, &b->value);
}

static struct span
encode_part(struct buf *encoded, const char *p, size_t n)
{
	size_t begin = encoded->len;

	put_reencoded(encoded, p, n);
	return (struct span){ encoded->data + begin, encoded->len - begin };
}

/* Encodes the parameters of query into encoded; returns how many. */
static size_t
split_query(const char *query, struct buf *encoded, struct parameter *ret)
{
	size_t n = 0, len, name_len, value_at;

	for (;; query += len) {
		query += strspn(query, "&");
		len = strcspn(query, "&");
		if (len == 0)
			return n;
		name_len = strcspn(query, "=&");
		value_at = name_len < len ? name_len + 1 : len;
		ret[n].name = encode_part(encoded, query, name_len);
		ret[n].value =
		    encode_part(encoded, query + value_at, len - value_at);
		n++;
	}
}

static void
put_query(struct buf *to, const char *query)
{
	size_t len = strlen(query), n, i;
	struct buf encoded = BUF_INIT(3 * len);
	struct parameter *parameters;

	if (len == 0)
		return;
	/* All room is reserved at once, because spans will point into it. */
	buf_reserve(&encoded, 3 * len);
	parameters = xreallocarray(NULL, len / 2 + 1, sizeof(*parameters));
	n = split_query(query, &encoded, parameters);
	qsort(parameters, n, sizeof(*parameters), compare_parameters);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(to, '&');
		buf_append(to, parameters[i].name.p, parameters[i].name.len);
		buf_putc(to, '=');
		buf_append(to, parameters[i].value.p, parameters[i].value.len);
	}
	free(parameters);
	buf_release(&encoded);
}

/*
 * A copy of the headers in the order of their names, to be freed; fields of
 * one name keep their order.
 */
static struct sigv4_header *
sort_headers(const struct sigv4_header *headers, size_t n)
{
	struct sigv4_header *sorted =
	    xreallocarray(NULL, n + 1, sizeof(*sorted));
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = i; j > 0 &&
		     strcasecmp(sorted[j - 1].name, headers[i].name) > 0;
		     j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = headers[i];
	}
	return sorted;
}

static void
put_lower(struct buf *to, const char *s)
{
	for (; *s != '\0'; s++)
		buf_putc(to, (char)(*s >= 'A' && *s <= 'Z' ? *s | 0x20 : *s));
}

/* Is c a blank, or the line break of a header that goes on in the next line? */
static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Drops the blanks at both ends; a run of blanks becomes one space. */
static void
put_trimmed(struct buf *to, struct span value)
{
	size_t i = 0, begin;
	bool first = true;

	for (;;) {
		while (i < value.len && is_blank(value.p[i]))
			i++;
		if (i == value.len)
			return;
		if (!first)
			buf_putc(to, ' ');
		first = false;
		for (begin = i; i < value.len && !is_blank(value.p[i]); i++)
			;
		buf_append(to, value.p + begin, i - begin);
	}
}

static bool
repeats_name(const struct sigv4_header *sorted, size_t i)
{
	return i > 0 && strcasecmp(sorted[i - 1].name, sorted[i].name) == 0;
}

static void
put_headers(struct buf *to, const struct sigv4_header *sorted, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (repeats_name(sorted, i)) {
			buf_putc(to, ',');
		} else {
			if (i > 0)
				buf_putc(to, '\n');
			put_lower(to, sorted[i].name);
			buf_putc(to, ':');
		}
		put_trimmed(to, sorted[i].value);
	}
	buf_puts(to, "\n\n");
}

static void
put_signed_headers(struct buf *to, const struct sigv4_header *sorted, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (repeats_name(sorted, i))
			continue;
		if (i > 0)
			buf_putc(to, ';');
		put_lower(to, sorted[i].name);
	}
}

void
sigv4_canonical_put_request(const struct sigv4_request *r, struct buf *to)
{
	struct sigv4_header *sorted = sort_headers(r->headers, r->n_headers);

	buf_puts(to, r->method);
	buf_putc(to, '\n');
	put_path(to, r->path, r->normalize_path);
	buf_putc(to, '\n');
	put_query(to, r->query);
	buf_putc(to, '\n');
	put_headers(to, sorted, r->n_headers);
	put_signed_headers(to, sorted, r->n_headers);
	buf_putc(to, '\n');
	sha256_put(to, r->payload.p, r->payload.len);
	free(sorted);
}
