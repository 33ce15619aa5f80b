/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See http_failure.h. */
#include "common/http/http_failure.h"

#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum error_kind
http_failure_kind(CURLcode code)
{
	switch ((int)code) {
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return ERROR_INVALID;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		return ERROR_OPERATOR;
	default:
		return ERROR_RETRY;
	}
}

void
http_failure_drop_elapsed(char *text)
{
	static const char *const units[] = { " milliseconds", " ms" };
	char *from = strstr(text, " after "), *to;
	size_t i;

	if (from == NULL)
		return;
	to = from + strlen(" after ");
	to += strspn(to, "0123456789");
	for (i = 0; i < nitems(units); i++)
		if (strncmp(to, units[i], strlen(units[i])) == 0) {
			to += strlen(units[i]);
			memmove(from, to, strlen(to) + 1);
			return;
		}
}
