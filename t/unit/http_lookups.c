/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * http_lookups.h: whose name is looked up while other lookups are left over.
 */
#include "common/http/http_lookups.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static struct http_host
host_of(const char *url)
{
	struct http_host host;

	http_host_of_url(url, &host);
	return host;
}

static bool
may_start(const struct http_lookups *l, const char *url)
{
	struct http_host host = host_of(url);

	return http_lookups_may_start(l, &host);
}

static void
leave(struct http_lookups *l, const char *url, int n)
{
	struct http_host host = host_of(url);

	while (n-- > 0)
		http_lookups_left(l, &host);
}

static void
resolve(struct http_lookups *l, const char *url)
{
	struct http_host host = host_of(url);

	http_lookups_resolved(l, &host);
}

static void
test_hosts(void)
{
	static const struct {
		const char *url, *host;
	} cases[] = { { "https://sqs.x/1/q", "sqs.x" },
		{ "http://h:81?x", "h:81" }, { "http://[::1]:9/", "[::1]:9" },
		{ "http://H:80/", "h" }, { "h/path", "" }, { "", "" } };
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_str(host_of(cases[i].url).name, cases[i].host, cases[i].url);
}

static void
test_one_host(void)
{
	struct http_lookups l = { 0 };

	ok(may_start(&l, "https://a/"), "nothing is left over: it may start");
	leave(&l, "https://a/1", HTTP_LOOKUPS_LEFT_MAX - 1);
	ok(may_start(&l, "https://a/2"), "few are left over: it may start");
	leave(&l, "https://a/3", 1);
	ok(!may_start(&l, "https://a/4"), "many are left over: it may not");
	resolve(&l, "https://a/");
	ok(!may_start(&l, "https://a/4"), "though it resolved before");
	http_lookups_count(&l, HTTP_LOOKUPS_LEFT_MAX);
	ok(!may_start(&l, "https://a/5"), "all are still there: it may not");
	http_lookups_count(&l, HTTP_LOOKUPS_LEFT_MAX - 1);
	ok(may_start(&l, "https://a/6"), "one has ended: it may");
}

static void
test_others(void)
{
	struct http_lookups l = { 0 };
	char url[32];
	int i;

	resolve(&l, "https://known/");
	leave(&l, "https://silent/", HTTP_LOOKUPS_LEFT_MAX);
	ok(!may_start(&l, "https://unknown/"), "a host that is unknown waits");
	ok(may_start(&l, "https://known/"), "one that resolved before not");
	ok(may_start(&l, "http://10.0.0.1:8080/"), "nor does an address");
	ok(may_start(&l, "http://[fd00::1]/"), "of either kind");
	ok(may_start(&l, "http://localhost:1/"), "nor this machine");
	ok(may_start(&l, "http://sqs.localhost:1/"), "by any of its names");
	leave(&l, "http://10.0.0.1:8080/", HTTP_LOOKUPS_LEFT_MAX);
	ok(!may_start(&l, "http://10.0.0.1:8080/"),
	    "an address behind a proxy that has a name is as any host");
	for (i = 0; i < HTTP_LOOKUPS_RESOLVED_MAX; i++) {
		(void)snprintf(url, sizeof(url), "https://h%d/", i);
		resolve(&l, url);
		resolve(&l, url);
	}
	ok(may_start(&l, url), "of many that resolved the last are known");
	ok(!may_start(&l, "https://known/"), "and the first is forgotten");
	leave(&l, "https://silent/", 3 * HTTP_LOOKUPS_ROOM);
	is_int((long long)l.n_left, HTTP_LOOKUPS_ROOM,
	    "more than there is room for are not kept");
	http_lookups_count(&l, 0);
	ok(may_start(&l, "https://unknown/"), "all have ended: all may");
}

static void *
wait_for_end(void *arg)
{
	char byte;

	(void)!read(*(int *)arg, &byte, 1);
	return NULL;
}

static void
test_threads(void)
{
	pthread_t thread;
	int fds[2];

	is_int((long long)http_lookups_threads(), 0,
	    "the first is not counted");
	if (pipe(fds) == -1 ||
	    pthread_create(&thread, NULL, wait_for_end, &fds[0]) != 0)
		abort();
	is_int((long long)http_lookups_threads(), 1, "another one is");
	close(fds[1]);
	(void)pthread_join(thread, NULL);
	close(fds[0]);
}

int
main(void)
{
	test_hosts();
	test_one_host();
	test_others();
	test_threads();
	return tap_done();
}
