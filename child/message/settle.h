/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Settles messages: tells SQS what a verdict, a release or a long job means.
 * Three lanes (delete, give back, extend) have at most one batch in flight
 * each; what becomes due meanwhile goes with the next one.  So a delete starts
 * at once when its lane is idle, and batches fill up under load, without a
 * timer.  When the caller knows that others will follow in a moment, deletes
 * wait for these.
 *
 * A call about a job is never sent while another about it is in flight, so an
 * extension cannot follow or overtake a settle; an extension that is in the way
 * of a settle for a second is cancelled.  Any call that is not answered in a
 * part of the visibility timeout is cancelled and sent again: one dead
 * connection must not cost a message.
 *
 * Until its settle is confirmed a job stays in hand, and a job that is to be
 * deleted is extended as well.  A give-back is tried until the visibility
 * timeout ends, which then has the same effect; a delete for the 12 hours of
 * its receive, since its receipt handle may work so long; and either for
 * settle_times_patience_ms at most when the child is to end.
 */
#ifndef CHILD_MESSAGE_SETTLE_H
#define CHILD_MESSAGE_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "child/message/job.h"
#include "common/aws/aws.h"
#include "common/settings/settings.h"

struct settle;

/*
 * Another child may have the message of this job, or will in a moment
 * (j->lost); it need not be given back.  Either SQS has said so, or the
 * visibility timeout is over and SQS could not be reached.  But a handler that
 * is to finish in any case (on_ownership_lost) has its message extended again
 * as soon as SQS can be reached, since no other child may have received it.
 */
typedef void settle_lost_fn(void *arg, struct job *j, int64_t now_ms);

/*
 * Everything is borrowed for the life of the result.  lost may be NULL.  If an
 * earlier child has left the row of these jobs in trouble, that lasts until SQS
 * takes a settle.
 */
struct settle *settle_new(struct aws *aws, const struct queue_settings *q,
    struct jobs *jobs, settle_lost_fn *lost, void *arg);
void settle_free(struct settle *s);

/* A new job: plans its first extension. */
void settle_watch(struct settle *s, struct job *j, int64_t now_ms);

/*
 * outcome: JOB_DELETED or JOB_REJECTED; or, after delay_s, JOB_RETRIED or
 * JOB_RELEASED.
 */
void settle_delete(struct settle *s, struct job *j, enum job_outcome outcome,
    int64_t now_ms);
void settle_give_back(struct settle *s, struct job *j, enum job_outcome outcome,
    int delay_s, int64_t now_ms);

/*
 * Sends what is due.  gather: more verdicts are about to come, so deletes wait
 * until there is a full batch of them or SETTLE_GATHER_MS are over.  leaving:
 * nothing but these settles keeps the child from going.  Returns when to be
 * called next; now_ms if it has called lost.
 */
enum {
	SETTLE_GATHER_MS = 500
};
int64_t settle_step(struct settle *s, bool gather, bool leaving,
    int64_t now_ms);

/* Are there jobs whose settle SQS did not take when it was last tried? */
bool settle_is_stuck(const struct settle *s);
/*
 * Is the settle stuck, or was it so at the last try, although the visibility
 * timeouts of these messages have ended since?  The trouble ends when a settle
 * is taken, or when a receive finds the queue empty after those timeouts: then
 * there is no work to miss.
 */
bool settle_in_trouble(const struct settle *s);
void settle_on_empty_queue(struct settle *s, int64_t now_ms);

#endif
