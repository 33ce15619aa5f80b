/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * URLs taken apart: what each part is, and what is refused.
 */
#include "common/http/http_url.h"

#include <string.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#define S63  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define S255 S63 S63 S63 S63 "xxx"

static void
test_parts(void)
{
	static const struct {
		const char *url;
		const char *scheme, *host, *port, *path, *authority;
	} cases[] = {
		{ "https://sqs.eu-west-1.amazonaws.com/1/q", "https",
		    "sqs.eu-west-1.amazonaws.com", "", "/1/q",
		    "sqs.eu-west-1.amazonaws.com" },
		{ "http://127.0.0.1:4566", "http", "127.0.0.1", "4566", "/",
		    "127.0.0.1:4566" },
		{ "http://0x7f.1/", "http", "0x7f.1", "", "/", "0x7f.1" },
		/* upper case */
		{ "HTTPS://SQS.EU/Q", "https", "sqs.eu", "", "/Q", "sqs.eu" },
		/* ports */
		{ "http://h:80/", "http", "h", "", "/", "h" },
		{ "https://h:443/x", "https", "h", "", "/x", "h" },
		{ "https://h:80/", "https", "h", "80", "/", "h:80" },
		{ "http://h:00080/", "http", "h", "", "/", "h" },
		{ "http://h:1/", "http", "h", "1", "/", "h:1" },
		{ "http://h:65535/", "http", "h", "65535", "/", "h:65535" },
		/* IPv6 */
		{ "http://[::1]:9/", "http", "::1", "9", "/", "[::1]:9" },
		{ "http://[FD00:EC2::23]/x", "http", "fd00:ec2::23", "", "/x",
		    "[fd00:ec2::23]" },
		{ "http://[::ffff:127.0.0.1]", "http", "::ffff:127.0.0.1", "",
		    "/", "[::ffff:127.0.0.1]" },
		/* names */
		{ "http://h./", "http", "h.", "", "/", "h." },
		{ "http://a_b-c.d/", "http", "a_b-c.d", "", "/", "a_b-c.d" },
		{ "https://" S255 "/", "https", S255, "", "/", S255 },
		/* paths and queries */
		{ "https://h/a/../b/./c//d", "https", "h", "", "/a/../b/./c//d",
		    "h" },
		{ "https://h/%41@:", "https", "h", "", "/%41@:", "h" },
		{ "https://h/x?y=z", "https", "h", "", "/x", "h" },
		{ "https://h?y/z", "https", "h", "", "/", "h" },
		{ "https://h/?", "https", "h", "", "/", "h" },
	};
	struct http_url url;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		if (!is_int(http_url_split(cases[i].url, &url), 0,
			cases[i].url))
			continue;
		is_str(url.scheme, cases[i].scheme, "its scheme");
		is_str(url.host, cases[i].host, "its host");
		is_str(url.port, cases[i].port, "its port");
		is_str(url.path, cases[i].path, "its path");
		is_str(url.authority, cases[i].authority, "its authority");
	}
}

static void
test_refused(void)
{
	static const char *const urls[] = { /* ports */
		"http://h:0/", "http://h:65536/", "http://h:000080/",
		"http://h:/", "http://h:8x/", "http://h:-1/", "http://h:+1/",
		"http://h:1:2/",
		/* IPv6 */
		"http://[::1/", "http://[::1", "http://[::g]/",
		"http://[::1]x/", "http://[]/", "http://[fe80::1%25eth0]/",
		"http://[127.0.0.1]/", "http://[h]/", "http://::1/",
		"http://[::1/]/",
		/* names */
		"https://x" S255 "/", "https://", "https:///1/jobs",
		"https://:80/", "https://?a", "https://%6c/", "https://h%00/",
		"https://\xC3\xA9/",
		/* users */
		"https://user@h/", "https://user:secret@h/", "https://@h/",
		"https://localhost\\@h/",
		/* fragments */
		"https://h/#part", "https://h/#", "https://h#",
		"https://h/?a#b",
		/* bytes */
		"https://h/with space", " https://h/", "https://h/ ",
		"https://h/\r\nX: y", "https://h/\t", "https://h/\x7F",
		"https://h/\x01", "https://h/\xFF", "https://h/\"",
		"https://h/<>", "https://h/\\",
		/* schemes */
		"ftp://h/", "httpss://h/", "https:/h/", "https:h", "//h/", "h",
		""
	};
	struct http_url url;
	size_t i;

	memset(&url, 0, sizeof(url));
	for (i = 0; i < nitems(urls); i++)
		ok(http_url_split(urls[i], &url) == -1 && url.scheme[0] == '\0',
		    urls[i]);
}

/* A URL with a path of n bytes; borrowed. */
static const char *
url_of_path(size_t n)
{
	static char text[2048] = "http://h/";

	memset(text + 9, 'x', n - 1);
	text[9 + n - 1] = '\0';
	return text;
}

static void
test_lengths(void)
{
	struct http_url url;

	is_int(http_url_split(url_of_path(sizeof(url.path) - 1), &url), 0,
	    "the longest path");
	is_int(http_url_split(url_of_path(sizeof(url.path)), &url), -1,
	    "one that is longer is refused, not cut");
	is_int(http_url_split_endpoint(url_of_path(892), &url), 0,
	    "the longest endpoint");
	is_int(http_url_split_endpoint(url_of_path(893), &url), -1,
	    "one that is longer is refused");
	is_int(http_url_split_endpoint("http://h/?a", &url), -1,
	    "an endpoint has no query");
	is_int(http_url_split_endpoint("http://h?", &url), -1,
	    "not even an empty one");
}

static void
test_confidential(void)
{
	static const struct {
		const char *url;
		bool confidential;
	} cases[] = {
		{ "https://h/", true },
		{ "HTTPS://h/", true },
		{ "http://LOCALHOST/", true },
		{ "http://sqs.localhost:1/", true },
		{ "http://127.1/", true },
		{ "http://[::1]/", true },
		{ "http://[0:0:0:0:0:0:0:1]/", true },
		{ "http://h/", false },
		{ "http://localhost./", false }, /* name servers are asked */
		{ "http://localhost.example/", false },
		{ "http://128.1/", false },
		{ "http://[::2]/", false },
	};
	struct http_url url;
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(http_url_split(cases[i].url, &url) == 0 &&
			http_url_is_confidential(&url),
		    cases[i].confidential, cases[i].url);
}

static void
test_last_segments(void)
{
	static const struct {
		const char *url, *want;
	} cases[] = {
		{ "https://sqs.eu-west-1.amazonaws.com/1/jobs", "jobs" },
		{ "http://127.0.0.1:9324/000000000000/a.fifo", "a.fifo" },
		{ "https://h", "" },
		{ "https://h/", "" },
		{ "https://h/1/q/", "" },
		{ "jobs", "" },
		{ "", "" },
	};
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_str(http_url_last_segment(cases[i].url), cases[i].want,
		    cases[i].url);
}

int
main(void)
{
	test_parts();
	test_refused();
	test_lengths();
	test_confidential();
	test_last_segments();
	return tap_done();
}
