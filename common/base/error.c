/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Errors as values.  See error.h.
 */
#include "common/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

void
error_clear(struct error *e)
{
	memset(e, 0, sizeof(*e));
	e->retry_after_ms = -1;
}

void
error_make_line(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7F)
			*s = ' ';
}

static void __attribute__((format(printf, 3, 0)))
error_vset(struct error *e, enum error_kind kind, const char *fmt, va_list ap)
{
	struct error fresh; /* the arguments may be parts of *e */

	error_clear(&fresh);
	fresh.kind = kind;
	/* A text that is too long is cut: it is for people only. */
	(void)vsnprintf(fresh.text, sizeof(fresh.text), fmt, ap);
	error_make_line(fresh.text);
	*e = fresh;
}

int
error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	error_vset(e, kind, fmt, ap);
	va_end(ap);
	return -1;
}

int
error_set_errno(struct error *e, enum error_kind kind, const char *fmt, ...)
{
	va_list ap;
	size_t len;
	int saved = errno;

	if (e == NULL)
		return -1;
	va_start(ap, fmt);
	error_vset(e, kind, fmt, ap);
	va_end(ap);
	e->errnum = saved;
	len = strlen(e->text);
	(void)snprintf(e->text + len, sizeof(e->text) - len, ": %s",
	    strerror(saved));
	errno = saved;
	return -1;
}

const char *
error_kind_name(enum error_kind kind)
{
	switch (kind) {
	case ERROR_NONE:
		return "none";
	case ERROR_RETRY:
		return "retry";
	case ERROR_THROTTLED:
		return "throttled";
	case ERROR_CREDENTIALS:
		return "credentials";
	case ERROR_OPERATOR:
		return "operator";
	case ERROR_NOT_OURS:
		return "not_ours";
	case ERROR_INVALID:
		return "invalid";
	}
	return "unknown";
}
