/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The kernel says how many threads there are, but not which of them have ended.
 * All lookups ask the same name servers and give up after the same time, so the
 * oldest are the first to end.  See http_lookups.h.
 */
#include "common/http/http_lookups.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "common/base/loopback.h"
#include "common/http/http_url.h"

#include "common/base/banned.h"

static bool
needs_server(const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	return !loopback_is_host(host) &&
	    inet_pton(AF_INET, host, address) != 1 &&
	    inet_pton(AF_INET6, host, address) != 1;
}

void
http_host_of_url(const char *url, struct http_host *ret)
{
	struct http_url parts;

	memset(ret, 0, sizeof(*ret));
	if (http_url_split(url, &parts) == -1)
		return;
	(void)strlcpy(ret->name, parts.authority, sizeof(ret->name));
	ret->needs_server = needs_server(parts.host);
}

static size_t
count_of(const struct http_host *hosts, size_t n, const struct http_host *host)
{
	size_t i, found = 0;

	for (i = 0; i < n; i++)
		if (strcmp(hosts[i].name, host->name) == 0)
			found++;
	return found;
}

static size_t
n_known(const struct http_lookups *l)
{
	return l->n_resolved < HTTP_LOOKUPS_RESOLVED_MAX
	    ? l->n_resolved
	    : HTTP_LOOKUPS_RESOLVED_MAX;
}

void
http_lookups_count(struct http_lookups *l, size_t n_threads)
{
	size_t n_ended;

	if (n_threads >= l->n_left)
		return;
	n_ended = l->n_left - n_threads;
	memmove(l->left, l->left + n_ended, n_threads * sizeof(l->left[0]));
	l->n_left = n_threads;
}

void
http_lookups_left(struct http_lookups *l, const struct http_host *host)
{
	/* The oldest lookup is the first to end. */
	if (l->n_left == HTTP_LOOKUPS_ROOM)
		http_lookups_count(l, HTTP_LOOKUPS_ROOM - 1);
	l->left[l->n_left++] = *host;
}

void
http_lookups_resolved(struct http_lookups *l, const struct http_host *host)
{
	if (count_of(l->resolved, n_known(l), host) == 0)
		l->resolved[l->n_resolved++ % HTTP_LOOKUPS_RESOLVED_MAX] =
		    *host;
}

bool
http_lookups_may_start(const struct http_lookups *l,
    const struct http_host *host)
{
	if (count_of(l->left, l->n_left, host) >= HTTP_LOOKUPS_LEFT_MAX)
		return false;
	return l->n_left < HTTP_LOOKUPS_LEFT_MAX || !host->needs_server ||
	    count_of(l->resolved, n_known(l), host) > 0;
}

/*
 * The links to /proc/self/task are its own two and the ".." of the directory of
 * each thread.
 */
size_t
http_lookups_threads(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) == 0 && st.st_nlink > 3
	    ? (size_t)st.st_nlink - 3
	    : 0;
}
