/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Signs one request with common/http/sigv4.c, so that a test can compare the
 * result with other programs that sign:
 *
 *	sign REGION SERVICE METHOD PATH QUERY [NAME:VALUE]... <payload
 *
 * The headers are exactly those to sign, host and x-amz-date among them; the
 * keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.  Prints the value of
 * the Authorization header.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/http/sigv4.h"

enum {
	HEADERS_MAX = 16,
	FIRST_HEADER = 6,
	OUTPUT_MAX = 65536
};

static const char *
variable(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		errx(1, "%s is not set", name);
	return value;
}

/* Splits "name:value" in place. */
static struct sigv4_header
header_of(char *text)
{
	char *colon = strchr(text, ':');

	if (colon == NULL)
		errx(1, "no colon in \"%s\"", text);
	*colon = '\0';
	return (struct sigv4_header){ text, span_of(colon + 1) };
}

static const char *
value_of(const struct sigv4_request *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_headers; i++)
		if (strcasecmp(r->headers[i].name, name) == 0)
			return r->headers[i].value.p;
	errx(1, "no header %s", name);
}

int
main(int argc, char **argv)
{
	static char payload[1024 * 1024];
	struct sigv4_header headers[HEADERS_MAX];
	struct sigv4_request r = { .headers = headers };
	struct sigv4_key key;
	struct buf to = BUF_INIT(OUTPUT_MAX);
	int i;

	if (argc < FIRST_HEADER || argc > FIRST_HEADER + HEADERS_MAX)
		errx(1,
		    "usage: sign region service method path query "
		    "[name:value]...");
	key = (struct sigv4_key){ variable("AWS_ACCESS_KEY_ID"),
		variable("AWS_SECRET_ACCESS_KEY"), argv[1], argv[2] };
	r.method = argv[3];
	r.path = argv[4];
	r.query = argv[5];
	r.normalize_path = strcmp(key.service, "s3") != 0;
	for (i = FIRST_HEADER; i < argc; i++)
		headers[r.n_headers++] = header_of(argv[i]);
	r.payload.p = payload;
	r.payload.len = fread(payload, 1, sizeof(payload), stdin);
	if (sigv4_authorization(&r, &key, value_of(&r, "x-amz-date"), NULL,
		&to) == -1)
		errx(1, "cannot sign");
	puts(buf_str(&to));
	buf_release(&to);
	return 0;
}
