/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The envelope in which SNS delivers to a queue, unless the subscription asks
 * for raw messages: a JSON object that holds the message and the facts of it.
 * Pure.  Its signature is not looked at: who may send to the queue is for the
 * queue's policy to say.
 * Source: SNS Developer Guide, "Parsing Amazon SNS message formats".
 */
#ifndef CHILD_MESSAGE_SNS_H
#define CHILD_MESSAGE_SNS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/aws/message_attributes.h"
#include "common/base/buf.h"

struct sns_notification {
	char *message_id; /* never NULL, nor the next two */
	char *topic_arn;
	char *message; /* may hold NULs; NUL-terminated behind message_len */
	size_t message_len;
	char *subject; /* NULL: absent, and so the next */
	char *timestamp;
	struct message_attribute *attributes;
	size_t n_attributes;
};

/*
 * Is the body such an envelope?  Only a JSON object is whose Type is
 * "Notification" and that has MessageId, TopicArn and Message; in which the
 * members above are strings, or null where they may be absent, and but for
 * the message without NULs; and whose MessageAttributes, if any, are objects
 * with a Type and a Value.  Unknown members are skipped, and of one that
 * occurs twice the last counts.  On true the caller owns *ret
 * (sns_release); on false it is empty.
 */
bool sns_parse(struct span body, struct sns_notification *ret);
/* *n is empty afterwards. */
void sns_release(struct sns_notification *n);

#endif
