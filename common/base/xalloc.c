/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Allocation that cannot fail.  See xalloc.h.
 */
#include "common/base/xalloc.h"

#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/exitcode.h"
#include "common/base/log_output.h"

#include "common/base/banned.h"

/* Writes no record and uses no stdio, since either could need memory. */
static _Noreturn void
out_of_memory(void)
{
	static const char text[] = "sqsherd: out of memory\n";
	struct pollfd pfd = { .fd = STDERR_FILENO, .events = POLLOUT };
	char line[8 + sizeof(text)];
	size_t len;

	len = strlcpy(line, log_output_priority(LOG_LEVEL_ERROR), sizeof(line));
	len += strlcpy(line + len, text, sizeof(line) - len);
	/* A write that waits would put off the end of the process. */
	if (poll(&pfd, 1, 0) == 1)
		(void)!write(STDERR_FILENO, line, len);
	_exit(EXITCODE_INTERNAL);
}

void *
xmalloc(size_t size)
{
	void *p = malloc(size > 0 ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xrealloc(void *p, size_t size)
{
	p = realloc(p, size > 0 ? size : 1);
	if (p == NULL)
		out_of_memory();
	return p;
}

void *
xreallocarray(void *p, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		out_of_memory();
	return xrealloc(p, n * size);
}

char *
xstrdup(const char *s)
{
	return xmemdup0(s, strlen(s));
}

char *
xmemdup0(const void *p, size_t n)
{
	char *copy;

	if (n == SIZE_MAX)
		out_of_memory();
	copy = xmalloc(n + 1);
	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *
xvasprintf(const char *fmt, va_list ap)
{
	char *s;

	if (vasprintf(&s, fmt, ap) < 0)
		out_of_memory();
	return s;
}

char *
xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	s = xvasprintf(fmt, ap);
	va_end(ap);
	return s;
}
