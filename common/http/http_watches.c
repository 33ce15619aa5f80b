/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See http_watches.h. */
#include "common/http/http_watches.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

struct http_watch {
	LIST_ENTRY(http_watch) entry;
	struct http_watches *of;
	int fd;
	bool ready;
	http_watch_fn *fn;
	void *arg;
};

void
http_watches_release(struct http_watches *ws)
{
	free(ws->fds);
}

struct http_watch *
http_watches_add(struct http_watches *ws, int fd, http_watch_fn *fn, void *arg)
{
	struct http_watch *w = xcalloc(1, sizeof(*w));

	w->of = ws;
	w->fd = fd;
	w->fn = fn;
	w->arg = arg;
	LIST_INSERT_HEAD(&ws->list, w, entry);
	ws->n++;
	return w;
}

void
http_watches_remove(struct http_watch *w)
{
	if (w == NULL)
		return;
	LIST_REMOVE(w, entry);
	w->of->n--;
	free(w);
}

/* The watched descriptors stand behind the extra ones. */
static void
poll_all(struct http_watches *ws, CURLM *multi, struct curl_waitfd *extra,
    unsigned n_extra, int timeout_ms)
{
	struct http_watch *w;
	unsigned n = n_extra;

	ws->fds = xreallocarray(ws->fds, n_extra + ws->n, sizeof(*ws->fds));
	if (n_extra > 0)
		memcpy(ws->fds, extra, n_extra * sizeof(*extra));
	LIST_FOREACH(w, &ws->list, entry) {
		ws->fds[n++] = (struct curl_waitfd){ .fd = w->fd,
			.events = CURL_WAIT_POLLIN };
	}
	curl_multi_poll(multi, ws->fds, n, timeout_ms, NULL);
	if (n_extra > 0)
		memcpy(extra, ws->fds, n_extra * sizeof(*extra));
	n = n_extra;
	LIST_FOREACH(w, &ws->list, entry) {
		w->ready = ws->fds[n++].revents != 0;
	}
}

/* Starts again after each callback, which may add and remove watches. */
static void
run_ready(struct http_watches *ws)
{
	struct http_watch *w;

	do {
		LIST_FOREACH(w, &ws->list, entry) {
			/* cppcheck-suppress uninitvar ; LIST_FOREACH sets w */
			if (w->ready)
				break;
		}
		if (w != NULL) {
			w->ready = false;
			w->fn(w->arg);
		}
	} while (w != NULL);
}

void
http_watches_poll(struct http_watches *ws, CURLM *multi,
    struct curl_waitfd *extra, unsigned n_extra, int timeout_ms)
{
	if (ws->n == 0) {
		curl_multi_poll(multi, extra, n_extra, timeout_ms, NULL);
		return;
	}
	poll_all(ws, multi, extra, n_extra, timeout_ms);
	run_ready(ws);
}
