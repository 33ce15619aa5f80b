/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The events of a log group in CloudWatch Logs, for sqs-e2e: builds the JSON of
 * the request and reads that of the answer.  Pure; aws.h carries the bytes.
 * Source: CloudWatch Logs API Reference, FilterLogEvents.
 */
#ifndef TOOLS_CLOUDWATCH_LOGS_H
#define TOOLS_CLOUDWATCH_LOGS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/error.h"

enum {
	CLOUDWATCH_LOGS_TOKEN_MAX = 8192 /* bytes */
};

struct cloudwatch_logs_query {
	const char *group;
	const char *term;       /* that an event holds; NULL: any event */
	int64_t since_ms;       /* since the epoch */
	const char *next_token; /* "": the first page */
};

/* The term must not hold quotes. */
void cloudwatch_logs_filter_events(struct buf *to,
    const struct cloudwatch_logs_query *q);

struct cloudwatch_logs_event { /* all borrowed for the callback */
	int64_t time_ms;
	const char *id;
	const char *stream;
	struct span message;
};
typedef void cloudwatch_logs_event_fn(void *arg,
    const struct cloudwatch_logs_event *event);

/*
 * Calls fn for each event of a page.  ret_next_token becomes "" after the last
 * page; an empty page need not be the last.  Returns 0, or -1 with *e when the
 * answer is not such a document.
 */
int cloudwatch_logs_parse_events(struct span answer,
    cloudwatch_logs_event_fn *fn, void *arg, struct buf *ret_next_token,
    struct error *e);

#endif
