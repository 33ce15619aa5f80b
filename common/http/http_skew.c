/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See http_skew.h. */
#include "common/http/http_skew.h"

#include <time.h>

#include <curl/curl.h>

#include "common/base/banned.h"

enum {
	ELAPSED_MAX_MS = 15 * 60 * 1000 /* the SDKs' rule */
};

/* The end of the year 9999, as late as a signature can be. */
#define DATE_MAX_S INT64_C(253402300799)

bool
http_skew_is_large(int64_t skew_ms)
{
	return skew_ms > HTTP_SKEW_MS || skew_ms < -HTTP_SKEW_MS;
}

int
http_skew(const char *date, int64_t sent_real_ms, int64_t elapsed_ms,
    int64_t *ret_skew_ms)
{
	time_t server_s;

	if (date[0] == '\0' || elapsed_ms > ELAPSED_MAX_MS)
		return -1;
	server_s = curl_getdate(date, NULL);
	if (server_s <= 0 || server_s > DATE_MAX_S)
		return -1;
	*ret_skew_ms =
	    (int64_t)server_s * 1000 - (sent_real_ms + elapsed_ms / 2);
	return 0;
}
