/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The reporter's HTTP server: GET /metrics and GET /health, and nothing else.
 * Any client may be hostile: there are REPORTER_HTTP_CLIENTS connections at
 * most, each lasts REPORTER_HTTP_CLIENT_MS at most however slowly the client
 * reads or writes, each has one request, and few bytes of it are kept.  When
 * one client more connects, it is let in and another is cut off: the oldest
 * that has not asked yet or, if each has asked, the oldest of all.  So no
 * client keeps others out by holding on.
 */
#ifndef CHILD_REPORTER_REPORTER_HTTP_H
#define CHILD_REPORTER_REPORTER_HTTP_H

#include <stdint.h>

#include "common/base/buf.h"

enum {
	REPORTER_HTTP_CLIENTS = 32,
	REPORTER_HTTP_CLIENT_MS = 10 * 1000
};

struct reporter_http;

enum reporter_http_page {
	REPORTER_HTTP_METRICS,
	REPORTER_HTTP_HEALTH
};

/* Appends the page; returns the status of the answer. */
typedef int reporter_http_page_fn(void *arg, enum reporter_http_page page,
    struct buf *to);

/*
 * address: in the form of listen_address.h.  Returns NULL with errno if the
 * address cannot be had now; another try may succeed.
 */
struct reporter_http *reporter_http_open(const char *address,
    reporter_http_page_fn *page, void *arg);
void reporter_http_close(struct reporter_http *h); /* NULL-safe */

/* Readable when there is something to do. */
int reporter_http_fd(const struct reporter_http *h);
uint16_t reporter_http_port(const struct reporter_http *h);
/* Returns when to be called next. */
int64_t reporter_http_step(struct reporter_http *h, int64_t now_ms);

#endif
