/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Error answers of any bytes: the result is always a classified error with
 * terminated, printable strings.  The first byte chooses the status, the rest
 * up to a newline is the query-error header, the rest is the body.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/http/aws_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_line(const char *s, size_t size)
{
	assert(memchr(s, '\0', size) != NULL);
	for (; *s != '\0'; s++)
		assert((unsigned char)*s >= ' ' && *s != 0x7F);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int statuses[] = { 400, 403, 404, 413, 429, 500, 503,
		307 };
	const uint8_t *newline;
	struct http_answer a = { .request_id = "r",
		.error_type = "",
		.token_ttl = "",
		.date = "",
		.retry_after_ms = -1 };
	struct error e;
	char *header;

	if (size == 0)
		return 0;
	a.status = statuses[data[0] % nitems(statuses)];
	data++;
	size--;
	newline = memchr(data, '\n', size);
	if (newline == NULL)
		newline = data + size;
	header = xmemdup0(data, (size_t)(newline - data));
	a.query_error = header;
	a.body = (struct span){ (const char *)newline,
		size - (size_t)(newline - data) };
	aws_parse_error(&a, &e);
	assert(e.kind != ERROR_NONE);
	check_line(e.code, sizeof(e.code));
	check_line(e.text, sizeof(e.text));
	check_line(e.request_id, sizeof(e.request_id));
	free(header);
	return 0;
}
