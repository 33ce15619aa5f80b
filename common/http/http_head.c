/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See http_head.h. */
#include "common/http/http_head.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

void
http_head_reset(struct http_head *h)
{
	h->request_id[0] = '\0';
	h->query_error[0] = '\0';
	h->error_type[0] = '\0';
	h->token_ttl[0] = '\0';
	h->date[0] = '\0';
	h->age[0] = '\0';
	h->ended = false;
	h->chunked = false;
	h->retry_after_ms = -1;
}

static void
keep_value(char *to, size_t size, const char *value, size_t len)
{
	if (len >= size)
		len = size - 1;
	memcpy(to, value, len);
	to[len] = '\0';
}

static void
keep_retry_after(struct http_head *h, const char *value, size_t len)
{
	char digits[16];
	const char *problem;
	long long ms;

	keep_value(digits, sizeof(digits), value, len);
	ms = strtonum(digits, 0, 3600000, &problem);
	h->retry_after_ms = problem == NULL ? ms : -1;
}

static bool
is_named(struct span name, const char *wanted)
{
	return strlen(wanted) == name.len &&
	    strncasecmp(wanted, name.p, name.len) == 0;
}

static void
keep_header(struct http_head *h, struct span name, struct span value)
{
	const struct {
		const char *name;
		char *to;
		size_t size;
	} kept[] = {
		{ "x-amzn-requestid", h->request_id, sizeof(h->request_id) },
		{ "x-amzn-query-error", h->query_error,
		    sizeof(h->query_error) },
		{ "x-amzn-errortype", h->error_type, sizeof(h->error_type) },
		{ "x-aws-ec2-metadata-token-ttl-seconds", h->token_ttl,
		    sizeof(h->token_ttl) },
		{ "date", h->date, sizeof(h->date) },
		{ "age", h->age, sizeof(h->age) },
	};
	size_t i;

	for (i = 0; i < nitems(kept); i++)
		if (is_named(name, kept[i].name))
			keep_value(kept[i].to, kept[i].size, value.p,
			    value.len);
	if (is_named(name, "x-amz-retry-after"))
		keep_retry_after(h, value.p, value.len);
	if (is_named(name, "transfer-encoding"))
		h->chunked = is_named(value, "chunked");
}

static struct span
trim(struct span s)
{
	while (s.len > 0 && (*s.p == ' ' || *s.p == '\t')) {
		s.p++;
		s.len--;
	}
	while (s.len > 0 && (unsigned char)s.p[s.len - 1] <= ' ')
		s.len--;
	return s;
}

void
http_head_take_line(struct http_head *h, struct span line)
{
	const char *colon;
	size_t name_len;

	if (line.len >= 5 && memcmp(line.p, "HTTP/", 5) == 0) {
		/* This is a new head, behind a "100 Continue" for instance. */
		http_head_reset(h);
		return;
	}
	if (line.len > 0 && (line.p[0] == '\r' || line.p[0] == '\n'))
		h->ended = true;
	if ((colon = memchr(line.p, ':', line.len)) == NULL)
		return;
	name_len = (size_t)(colon - line.p);
	keep_header(h, (struct span){ line.p, name_len },
	    trim((struct span){ colon + 1, line.len - name_len - 1 }));
}
