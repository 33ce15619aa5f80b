/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The descriptors that http_wait watches along with its own.
 */
#ifndef COMMON_HTTP_HTTP_WATCHES_H
#define COMMON_HTTP_HTTP_WATCHES_H

#include <sys/queue.h>

#include <curl/curl.h>

#include "common/http/http.h"

/* Zeroed to begin. */
struct http_watches {
	LIST_HEAD(http_watch_list, http_watch) list;
	unsigned n;
	struct curl_waitfd *fds; /* room for them and the extra ones */
};

void http_watches_release(struct http_watches *ws);

struct http_watch *http_watches_add(struct http_watches *ws, int fd,
    http_watch_fn *fn, void *arg);
void http_watches_remove(struct http_watch *w); /* NULL-safe */

/*
 * Waits as curl_multi_poll(3) does, for the watched descriptors too, and then
 * calls the functions of the ready ones, which may add and remove watches.
 */
void http_watches_poll(struct http_watches *ws, CURLM *multi,
    struct curl_waitfd *extra, unsigned n_extra, int timeout_ms);

#endif
