/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings_problem.h. */
#include "common/settings/settings_problem.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	PROBLEM_MAX_BYTES = 1000,               /* as much as a person reads */
	PLAIN_MAX_BYTES = 6 * PROBLEM_MAX_BYTES /* a byte becomes six, \u009b */
};

/* The name of the setting comes first, the place last: both stay. */
static void
cut_middle(char *message)
{
	static const char gap[] = " ... ";
	size_t len = strlen(message);
	char *end = message + PROBLEM_MAX_BYTES / 2;

	if (len <= PROBLEM_MAX_BYTES)
		return;
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): text follows */
	memcpy(end - strlen(gap), gap, strlen(gap));
	memmove(end, message + len - PROBLEM_MAX_BYTES / 2,
	    PROBLEM_MAX_BYTES / 2 + 1);
}

void
settings_problem_report(struct settings_problems *p, const char *fmt, ...)
{
	struct buf plain = BUF_INIT(PLAIN_MAX_BYTES);
	char *message;
	va_list ap;

	p->n++;
	va_start(ap, fmt);
	message = xvasprintf(fmt, ap);
	va_end(ap);
	cut_middle(message);
	plain_puts(&plain, message);
	p->report(p->arg, buf_str(&plain));
	buf_release(&plain);
	free(message);
}
