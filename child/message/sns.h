/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The envelope in which SNS delivers to a queue, unless the subscription asks
 * for raw messages: a JSON object that holds the message and the facts of it.
 * Pure.  Its signature is not checked: the policy of the queue decides which
 * senders are allowed.  Source: SNS Developer Guide, "Parsing Amazon SNS
 * message formats".
 */
#ifndef CHILD_MESSAGE_SNS_H
#define CHILD_MESSAGE_SNS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/aws/message_attributes.h"
#include "common/base/buf.h"

struct sns_notification {
	char *message_id; /* never NULL; nor are the next two */
	char *topic_arn;
	char *message; /* may hold NULs; NUL-terminated behind message_len */
	size_t message_len;
	char *subject; /* NULL: absent; so may be the next */
	char *timestamp;
	struct message_attribute *attributes;
	size_t n_attributes;
};

/*
 * Is the body such an envelope?  It is if it is a JSON object whose Type is
 * "Notification" and that has MessageId, TopicArn and Message.  These members
 * and Subject and Timestamp are strings, or null where they may be absent, and
 * all but Message are without NULs; MessageAttributes, if there are any, are
 * objects with a Type and a Value.  Unknown members are skipped; of a member
 * that occurs twice the last counts.  On true the caller owns *ret
 * (sns_release); on false it is empty.
 */
bool sns_parse(struct span body, struct sns_notification *ret);
/* *n is empty afterwards. */
void sns_release(struct sns_notification *n);

#endif
