/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A received message, parsed from a ReceiveMessage answer.  Pure: bytes in, a
 * value out.
 * Source: SQS API Reference, Message.
 */
#ifndef COMMON_AWS_MESSAGE_H
#define COMMON_AWS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/aws/message_attributes.h"
#include "common/base/buf.h"
#include "common/base/error.h"

struct message {
	char *id; /* never NULL after a successful parse, nor the next two */
	char *receipt_handle;
	char *body;
	size_t body_len;
	char *md5_of_body;       /* NULL: absent */
	char *md5_of_attributes; /* NULL: absent */
	char *group_id;          /* NULL: absent, and so the next three */
	char *deduplication_id;
	char *sequence_number;
	char *trace_header;
	char *sender_id;
	long long receive_count;              /* at least 1 */
	long long sent_timestamp_ms;          /* epoch; 0: absent */
	long long first_receive_timestamp_ms; /* epoch; 0: absent */
	struct message_attribute *attributes;
	size_t n_attributes;
};

enum {
	MESSAGE_BATCH_MAX = 10 /* ReceiveMessage never returns more */
};

struct message_list {
	size_t n;
	size_t n_unusable;  /* further messages of the answer */
	const char *reason; /* why the first of these is unusable; static */
	struct message messages[MESSAGE_BATCH_MAX];
};

/*
 * Parses an answer of ReceiveMessage.  An answer without bytes or without
 * "Messages" holds no message; null is taken as absent, unknown keys are
 * skipped, and of a key that occurs twice the last counts.  A message is
 * unusable when it lacks id, receipt handle or body, when an attribute lacks
 * type or value, when a known key has a value of another type, when a string
 * other than the body or an attribute's value holds a NUL, when its id or
 * receipt handle is that of an earlier message, and when there are
 * MESSAGE_BATCH_MAX already; the other messages stay usable.  Returns 0, and
 * the caller owns the messages (message_release each, or take them by copying
 * the struct); or -1 with *e, and *ret_list is empty.
 */
int message_parse_list(struct span answer, struct message_list *ret_list,
    struct error *e);
/* NULL-safe; *m is empty afterwards. */
void message_release(struct message *m);

#endif
