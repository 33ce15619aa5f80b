/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The reporter's HTTP server: GET /metrics and GET /health, and nothing else.
 * Whoever can reach it may be hostile: there are ENDPOINT_CLIENTS connections
 * at most, of ENDPOINT_CLIENT_MS each however slowly it is read or written,
 * one request each, and few bytes of it are kept.  One more is let in all the
 * same: the oldest that has not asked yet gives way to it, and only if there
 * is none such the oldest, so nobody keeps others out by holding on.
 */
#ifndef CHILD_REPORTER_REPORTER_HTTP_H
#define CHILD_REPORTER_REPORTER_HTTP_H

#include <stdint.h>

#include "common/base/buf.h"

enum {
	ENDPOINT_CLIENTS = 32,
	ENDPOINT_CLIENT_MS = 10 * 1000
};

struct endpoint;

enum endpoint_page {
	ENDPOINT_METRICS,
	ENDPOINT_HEALTH
};

/* Appends the page; returns the status of the answer. */
typedef int endpoint_page_fn(void *arg, enum endpoint_page page,
    struct buf *to);

/*
 * address as listen.h has it.  NULL with errno when it cannot be had; that may
 * change.
 */
struct endpoint *endpoint_open(const char *address, endpoint_page_fn *page,
    void *arg);
void endpoint_close(struct endpoint *e); /* NULL-safe */

/* Readable when there is something to do. */
int endpoint_fd(const struct endpoint *e);
uint16_t endpoint_port(const struct endpoint *e);
void endpoint_step(struct endpoint *e, int64_t now_ms);
int64_t endpoint_deadline(const struct endpoint *e, int64_t now_ms);

#endif
