/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What a Date says of our clock, and the descriptors that are watched along.
 */
#include "common/http/http.h"

#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/http/http_failure.h"
#include "common/http/http_skew.h"
#include "t/unit/tap.h"

static void
test_skew(void)
{
	static const struct {
		const char *date;
		int64_t elapsed_ms;
		long long skew_ms; /* -1: it does not say */
		const char *name;
	} cases[] = {
		{ "Thu, 26 Nov 2026 10:00:00 GMT", 0, 0, "the same time" },
		{ "Thu, 26 Nov 2026 10:05:00 GMT", 0, 300000,
		    "a clock that is behind" },
		{ "Thu, 26 Nov 2026 09:00:00 GMT", 0, -3600000,
		    "a clock that is ahead" },
		{ "Thu, 26 Nov 2026 10:00:10 GMT", 20000, 0,
		    "a long poll, in the middle" },
		{ "Thu, 26 Nov 2026 10:00:00 GMT", 15 * 60000 + 1, -1,
		    "an answer that took too long to tell" },
		{ "", 0, -1, "no Date" },
		{ "yesterday", 0, -1, "a Date that is none" },
		{ "Thu, 01 Jan 1970 00:00:00 GMT", 0, -1, "the epoch" },
		{ "Sat, 01 Jan 10000 00:00:00 GMT", 0, -1,
		    "a year that no signature can name" },
		{ "Sun, 06 Nov 2147483647 08:49:37 GMT", 0, -1,
		    "one that no clock can show" },
	};
	int64_t sent_ms, skew_ms;
	size_t i;

	if (!ok(clock_parse_iso("2026-11-26T10:00:00Z", &sent_ms) == 0,
		"a time"))
		return;
	for (i = 0; i < nitems(cases); i++) {
		int result = http_skew(cases[i].date, sent_ms,
		    cases[i].elapsed_ms, &skew_ms);

		is_int(result == 0 ? skew_ms : -1, cases[i].skew_ms,
		    cases[i].name);
	}
}

static void
test_failures(void)
{
	static const struct {
		CURLcode code;
		enum error_kind kind;
		const char *name;
	} cases[] = {
		{ CURLE_COULDNT_CONNECT, ERROR_RETRY, "nobody listens" },
		{ CURLE_COULDNT_RESOLVE_HOST, ERROR_RETRY,
		    "a host that does not resolve" },
		{ CURLE_COULDNT_RESOLVE_PROXY, ERROR_RETRY,
		    "a proxy that does not resolve is as transient" },
		{ CURLE_PEER_FAILED_VERIFICATION, ERROR_OPERATOR,
		    "a certificate that does not verify" },
		{ CURLE_URL_MALFORMAT, ERROR_INVALID, "no URL" },
	};
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(http_failure_kind(cases[i].code), cases[i].kind,
		    cases[i].name);
}

static struct http *http;
static struct http_watch *watches[2];
static int seen;

/* Whichever is first ends both. */
static void
on_readable(void *arg)
{
	(void)arg;
	seen++;
	http_watch_stop(watches[0]);
	http_watch_stop(watches[1]);
}

static void
test_watches(void)
{
	const struct http_options o = { .user_agent = "test" };
	struct curl_waitfd extra = { .events = CURL_WAIT_POLLIN };
	int fds[2], other[2];

	if (pipe(fds) == -1 || pipe(other) == -1)
		abort();
	http = http_new(&o);
	watches[0] = http_watch_start(http, fds[0], on_readable, NULL);
	watches[1] = http_watch_start(http, fds[0], on_readable, NULL);
	extra.fd = other[0];
	if (write(other[1], "x", 1) != 1)
		abort();
	http_wait(http, &extra, 1, 10000);
	ok(seen == 0 && extra.revents != 0,
	    "the caller's descriptors are waited for beside those watched");
	close(fds[1]);
	extra.fd = fds[0];
	http_wait(http, &extra, 1, 10000);
	is_int(seen, 1, "an end of file calls, and a call may stop others");
	http_wait(http, NULL, 0, 0);
	is_int(seen, 1, "one that was stopped does not call");
	http_free(http);
}

int
main(void)
{
	test_skew();
	test_failures();
	test_watches();
	return tap_done();
}
