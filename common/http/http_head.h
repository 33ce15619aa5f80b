/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The head of an HTTP answer, read a line at a time: keeps the headers that are
 * used.  Pure.
 */
#ifndef COMMON_HTTP_HTTP_HEAD_H
#define COMMON_HTTP_HTTP_HEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"

/* Values that are longer are cut; "": there was no such header. */
struct http_head {
	char request_id[64];
	char query_error[128];
	char error_type[128];
	char token_ttl[16];
	char date[40];
	char age[16];
	int64_t retry_after_ms; /* -1: none */
	bool chunked;
	bool ended; /* by an empty line */
};

void http_head_reset(struct http_head *h);
/*
 * The line may end in its line break or not.  A status line begins a new head.
 */
void http_head_take_line(struct http_head *h, struct span line);

#endif
