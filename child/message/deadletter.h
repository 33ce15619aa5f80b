/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Moves rejected messages to the queue's own dead-letter queue: a message is
 * sent there with all that it had and the reason as attributes, then deleted by
 * settle.c.  One message is sent at a time, so their order is kept.
 *
 * The dead-letter queue is looked up when it is first needed, and again after
 * five minutes.  If there is none, or it may not be used, it is not looked up
 * again for a minute.  A call whose failure may heal is repeated for
 * settle_times_patience_ms; the message stays in hand, and extended, meanwhile.
 * Once the message is lost, its next holder moves it.  If the child dies
 * between the send and the delete, the message is in both queues, or comes to
 * the dead-letter queue twice: delivery is at least once.
 */
#ifndef CHILD_MESSAGE_DEADLETTER_H
#define CHILD_MESSAGE_DEADLETTER_H

#include <stdint.h>

#include "child/message/job.h"
#include "child/message/settle.h"
#include "common/aws/aws.h"
#include "common/settings/settings.h"

struct deadletter;

/* The move of this job failed for good; the job is to be settled otherwise. */
typedef void deadletter_failed_fn(void *arg, struct job *j, const char *why);

/* Everything is borrowed for the life of the result. */
struct deadletter *deadletter_new(struct aws *aws,
    const struct queue_settings *q, struct jobs *jobs, struct settle *settle,
    deadletter_failed_fn *failed, void *arg);
void deadletter_free(struct deadletter *d);

/* The move begins with the next step. */
void deadletter_move(struct deadletter *d, struct job *j, int64_t now_ms);
/* Ends every move, and calls failed for each. */
void deadletter_give_up(struct deadletter *d, const char *why);

/* Returns when to be called next; now_ms if it has called failed. */
int64_t deadletter_step(struct deadletter *d, int64_t now_ms);

enum {
	DEADLETTER_OWN_MAX = 4,
	DEADLETTER_ATTRIBUTES_MAX = 10 /* SQS's limit */
};
struct deadletter_own { /* what is added to a message */
	struct message_attribute list[DEADLETTER_OWN_MAX];
	char receive_count[24];
	char reason[160];
};
/*
 * Pure.  The attributes of the moved message: those that it came with, and as
 * many of sqsherd's as there is room for, the reason first.  Attributes that an
 * earlier move left are replaced.  Borrows from the message, j and *own;
 * returns how many.
 */
size_t deadletter_attributes(const struct queue_settings *q,
    const struct job *j, struct deadletter_own *own,
    struct message_attribute ret[MESSAGE_ATTRIBUTES_MAX]);

#endif
