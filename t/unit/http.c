/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The pure parts of http.h: splitting URLs, and which hosts are local.
 */
#include "common/http.h"

#include "common/xalloc.h"
#include "t/unit/tap.h"

static void
test_split(void)
{
	static const struct {
		const char *url;
		const char *authority; /* NULL: refused */
		const char *host;
		const char *path;
	} cases[] = { { "https://sqs.eu-west-1.amazonaws.com/1/q",
			  "sqs.eu-west-1.amazonaws.com",
			  "sqs.eu-west-1.amazonaws.com", "/1/q" },
		{ "http://127.0.0.1:4566", "127.0.0.1:4566", "127.0.0.1", "/" },
		{ "http://127.0.0.1:80/", "127.0.0.1", "127.0.0.1", "/" },
		{ "https://h:443/x", "h", "h", "/x" },
		{ "https://h:8443/x?y=z", "h:8443", "h", "/x" },
		{ "http://[::1]:9/", "[::1]:9", "::1", "/" },
		{ "ftp://h/", NULL, NULL, NULL },
		{ "https://user@h/", NULL, NULL, NULL },
		{ "https://h/#part", NULL, NULL, NULL },
		{ "https://h/with space", NULL, NULL, NULL },
		{ "https://h/\r\nX: y", NULL, NULL, NULL },
		{ "https://", NULL, NULL, NULL }, { "h", NULL, NULL, NULL },
		{ "", NULL, NULL, NULL } };
	struct http_url url;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		int result = http_split_url(cases[i].url, &url);

		is_str(result == 0 ? url.authority : NULL, cases[i].authority,
		    cases[i].url);
		if (result == -1)
			continue;
		is_str(url.host, cases[i].host, "its host");
		is_str(url.path, cases[i].path, "its path");
	}
}

static void
test_loopback(void)
{
	static const struct {
		const char *host;
		bool local;
	} cases[] = { { "127.0.0.1", true }, { "127.8.9.10", true },
		{ "localhost", true }, { "LOCALHOST", true }, { "::1", true },
		{ "128.0.0.1", false }, { "127.0.0.1.example", false },
		{ "127.0.0", false }, { "127.0.0.256", false },
		{ "localhost.example", false }, { "10.0.0.1", false },
		{ "", false } };
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(http_host_is_loopback(cases[i].host), cases[i].local,
		    cases[i].host);
}

int
main(void)
{
	test_split();
	test_loopback();
	return tap_done();
}
