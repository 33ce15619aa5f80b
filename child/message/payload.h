/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The payload of a message, which its handler is given: the body, or the
 * content of an envelope in the body, or the object that the body points to
 * (fetch.h).  The message itself stays as it was received, for a move to the
 * dead-letter queue.
 */
#ifndef CHILD_MESSAGE_PAYLOAD_H
#define CHILD_MESSAGE_PAYLOAD_H

#include "child/message/sns.h"
#include "common/aws/message.h"
#include "common/settings/settings.h"

struct payload {
	const struct message *message; /* borrowed; NULL: not opened yet */
	struct span body; /* followed by a NUL; if it is not in a file */
	int file; /* the file that has the body, at its start; -1: none */
	struct sns_notification *sns; /* the envelope; NULL: there is none */
};

/* m is borrowed until the release. */
void payload_open(struct payload *p, const struct message *m,
    const struct queue_settings *q);
/* Safe for a payload that is zero; *p is zero afterwards. */
void payload_release(struct payload *p);

#endif
