/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Errors as values.
 */
#include "common/base/error.h"

#include <errno.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static void
test_set(void)
{
	struct error e;

	memset(&e, 'x', sizeof(e));
	is_int(error_set(&e, ERROR_THROTTLED, "no %s", "tokens"), -1,
	    "setting an error is -1, to be returned");
	is_int(e.kind, ERROR_THROTTLED, "it has a kind");
	is_str(e.text, "no tokens", "and a text");
	ok(e.errnum == 0 && e.http_status == 0 && e.code[0] == '\0' &&
		e.request_id[0] == '\0',
	    "and nothing of what it was before");
	is_int(e.retry_after_ms, -1, "no time to retry after is -1");
	is_int(error_set(NULL, ERROR_RETRY, "x"), -1,
	    "nobody need want an error");
	(void)error_set(&e, ERROR_RETRY, "\"%s\"", "a\r\nb\x1b[2J\x7f\xc3\xa9");
	is_str(e.text, "\"a  b [2J \xc3\xa9\"",
	    "it is one line, whatever others have said");
	(void)error_set(&e, ERROR_THROTTLED, "no tokens");
	(void)error_set(&e, ERROR_RETRY, "deeper: %s", e.text);
	is_str(e.text, "deeper: no tokens",
	    "an error may be wrapped into itself");
	error_clear(&e);
	ok(e.kind == ERROR_NONE && e.text[0] == '\0' && e.retry_after_ms == -1,
	    "a cleared error is none");
}

static void
test_set_errno(void)
{
	struct error e;

	errno = ENOENT;
	is_int(error_set_errno(&e, ERROR_OPERATOR, "cannot open '%s'", "f"), -1,
	    "setting an error with errno is -1");
	is_str(e.text, "cannot open 'f': No such file or directory",
	    "errno's text comes last");
	is_int(e.errnum, ENOENT, "its number is kept");
	is_int(errno, ENOENT, "and errno is as it was");
	is_int(error_set_errno(NULL, ERROR_RETRY, "x"), -1,
	    "nobody need want it");
}

static void
test_long_text(void)
{
	struct error e;
	char text[1000];

	memset(text, 't', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	(void)error_set(&e, ERROR_RETRY, "%s", text);
	is_int(strlen(e.text), sizeof(e.text) - 1, "a long text is cut");
	errno = EINVAL;
	(void)error_set_errno(&e, ERROR_RETRY, "%s", text);
	is_int(strlen(e.text), sizeof(e.text) - 1, "with errno's as well");
}

static void
test_names(void)
{
	is_str(error_kind_name(ERROR_NONE), "none", "no error has a name");
	is_str(error_kind_name(ERROR_RETRY), "retry", "so have transient ones");
	is_str(error_kind_name(ERROR_THROTTLED), "throttled", "throttling");
	is_str(error_kind_name(ERROR_CREDENTIALS), "credentials",
	    "refused credentials");
	is_str(error_kind_name(ERROR_OPERATOR), "operator",
	    "what a person must cure");
	is_str(error_kind_name(ERROR_NOT_OURS), "not_ours", "lost messages");
	is_str(error_kind_name(ERROR_INVALID), "invalid", "bad requests");
	is_str(error_kind_name((enum error_kind)99), "unknown",
	    "and what is not a kind");
}

int
main(void)
{
	test_set();
	test_set_errno();
	test_long_text();
	test_names();
	return tap_done();
}
