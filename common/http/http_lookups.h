/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Name lookups that were left over.  libcurl looks a name up in a thread; a
 * transfer that ends before its lookup does cannot end that thread, which waits
 * for name servers, for a minute perhaps, and then ends by itself.  struct
 * http_lookups keeps the hosts whose lookups are left over and decides whether
 * another may start, so that silent name servers cost a process only a few
 * threads.  A process has one such struct.
 */
#ifndef COMMON_HTTP_HTTP_LOOKUPS_H
#define COMMON_HTTP_HTTP_LOOKUPS_H

#include <stdbool.h>
#include <stddef.h>

enum {
	HTTP_LOOKUPS_LEFT_MAX = 4, /* so many keep a new lookup from starting */
	HTTP_LOOKUPS_ROOM = 32,    /* whose hosts are kept */
	HTTP_LOOKUPS_RESOLVED_MAX = 8
};

struct http_host {
	char name[280]; /* the authority of its URL; "": no URL */
	bool needs_server;
};

/* Zeroed to begin.  Nothing in it is to be released. */
struct http_lookups {
	struct http_host left[HTTP_LOOKUPS_ROOM]; /* the oldest first */
	size_t n_left;
	/* The next host that resolves takes the place of the oldest. */
	struct http_host resolved[HTTP_LOOKUPS_RESOLVED_MAX];
	size_t n_resolved;
};

/* Pure.  The host of a URL. */
void http_host_of_url(const char *url, struct http_host *ret);
/*
 * Pure.  There are n_threads lookup threads that no transfer waits for: if more
 * lookups were left over, the oldest have ended.
 */
void http_lookups_count(struct http_lookups *l, size_t n_threads);
/* A transfer of the host ended before its lookup did. */
void http_lookups_left(struct http_lookups *l, const struct http_host *host);
void http_lookups_resolved(struct http_lookups *l,
    const struct http_host *host);
/*
 * May a lookup of the host start?  Not while HTTP_LOOKUPS_LEFT_MAX lookups of
 * this host are left over; nor, for a host that never resolved, while as many
 * lookups of any hosts are.  The second rule does not hold for a host that
 * needs no name server: an address (whose proxy may have a name) or
 * "localhost".
 */
bool http_lookups_may_start(const struct http_lookups *l,
    const struct http_host *host);

/* The threads of this process but for the first; 0 without /proc. */
size_t http_lookups_threads(void);

#endif
