/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Signing anything: path, query, header lines and payload, with a NUL behind
 * each of the first three.  Beyond not crashing: a canonical request has its
 * form, a canonical query is its own canonical form, and the cache of keys
 * changes nothing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/http/sigv4_canonical.h"

#include "common/base/banned.h"

#define DATE "20260228T235959Z"

enum {
	HEADERS_MAX = 32,
	ROOM = 1 << 20
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The string at *p, which moves behind it; "" at the end. */
static char *
next_string(char **p, const char *end)
{
	char *s = *p;

	*p += strlen(s);
	if (*p < end)
		++*p;
	return s;
}

static size_t
split_headers(char *lines, struct sigv4_header *ret)
{
	char *line, *value;
	size_t n = 0;

	while (n < HEADERS_MAX && (line = strsep(&lines, "\n")) != NULL) {
		value = line;
		ret[n].name = strsep(&value, ":");
		ret[n].value = span_of(value != NULL ? value : "");
		n++;
	}
	return n;
}

/* The line of that number, from 0, to be freed. */
static char *
line_of(const struct buf *b, unsigned number)
{
	const char *p = buf_str(b);

	while (number-- > 0) {
		p = strchr(p, '\n');
		assert(p != NULL);
		p++;
	}
	return xmemdup0(p, strcspn(p, "\n"));
}

static void
check_form(const struct sigv4_request *r, const struct buf *canonical)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~%";
	struct sigv4_request again = *r;
	struct buf other = BUF_INIT(ROOM);
	char *path = line_of(canonical, 1), *query = line_of(canonical, 2);
	char *query_again;
	const char *p;

	assert(path[0] == '/');
	for (p = path; *p != '\0'; p++)
		assert(*p == '/' || strchr(plain, *p) != NULL);
	for (p = query; *p != '\0'; p++)
		assert(*p == '&' || *p == '=' || strchr(plain, *p) != NULL);
	again.query = query;
	sigv4_canonical_put_request(&again, &other);
	query_again = line_of(&other, 2);
	assert(strcmp(query, query_again) == 0);
	assert(canonical->len > SIGV4_HEX_SIZE &&
	    canonical->data[canonical->len - SIGV4_HEX_SIZE] == '\n');
	free(query_again);
	free(query);
	free(path);
	buf_release(&other);
}

static void
check_cache(const struct sigv4_request *r)
{
	static struct sigv4_cache cache;
	const struct sigv4_key k = { "AKID", "secret", "r", "s" };
	struct buf with = BUF_INIT(ROOM), without = BUF_INIT(ROOM);
	int result = sigv4_authorization(r, &k, DATE, &cache, &with);

	assert(result == 0);
	result = sigv4_authorization(r, &k, DATE, NULL, &without);
	assert(result == 0);
	assert(strcmp(buf_str(&with), buf_str(&without)) == 0);
	buf_release(&with);
	buf_release(&without);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sigv4_header headers[HEADERS_MAX];
	struct sigv4_request r = { .method = "GET", .headers = headers };
	struct buf canonical = BUF_INIT(ROOM);
	char *input, *p, *end;

	if (size > 65536)
		return 0;
	p = input = xmemdup0(data, size);
	end = input + size;
	r.path = next_string(&p, end);
	r.query = next_string(&p, end);
	r.n_headers = split_headers(next_string(&p, end), headers);
	r.payload = (struct span){ p, (size_t)(end - p) };
	r.normalize_path = size % 2 == 0;
	sigv4_canonical_put_request(&r, &canonical);
	assert(!canonical.overflow);
	check_form(&r, &canonical);
	check_cache(&r);
	buf_release(&canonical);
	free(input);
	return 0;
}
