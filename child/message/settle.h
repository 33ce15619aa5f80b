/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Settling: what a verdict, a release or a long job means for SQS.  Three
 * lanes (delete, give back, extend), each with at most one batch request in
 * flight; what becomes due meanwhile goes with the next one.  So a delete
 * starts at once when the lane is idle, and batches fill up under load,
 * without a timer.  When the caller knows that others will follow in a moment,
 * deletes wait for these.
 *
 * A call about a job is never sent while another about it is in flight, so an
 * extension cannot follow or overtake a settle; one that is not answered in a
 * second is cancelled for it.  Any call that is not answered in a part of the
 * visibility timeout is cancelled and sent again: one dead connection must not
 * cost a message.
 *
 * Until its settle is confirmed a job stays in hand, and one to be deleted
 * extended as well.  That ends: a give-back that SQS does not take, when the
 * visibility timeout has done its work; a delete, with the 12 hours of the
 * receive, since its receipt handle may work so long; and both after
 * settle_times_patience_ms when the child is to go.
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
 * A job that no settle is due for is not ours any more, or will not be in a
 * moment: j->lost.  It need not be given back.  As SQS said, or because its
 * visibility timeout is over and SQS could not be told; but a handler that is
 * to finish in any case (on_ownership_lost) has its message extended again as
 * soon as SQS can be reached, since nobody may have received it.
 */
typedef void settle_lost_fn(void *arg, struct job *j, int64_t now_ms);

/*
 * Everything is borrowed for its life.  lost may be NULL.  What trouble the row
 * of these jobs is in already, left by an earlier child, lasts until a settle
 * is taken.
 */
struct settle *settle_new(struct aws *aws, const struct queue_settings *q,
    struct jobs *jobs, settle_lost_fn *lost, void *arg);
void settle_free(struct settle *s);

/* A new job: plans its first extension. */
void settle_watch(struct settle *s, struct job *j, int64_t now_ms);

/* The job is JOB_DELETED or JOB_REJECTED, or to be given back after delay_s. */
void settle_delete(struct settle *s, struct job *j, enum job_outcome outcome,
    int64_t now_ms);
void settle_give_back(struct settle *s, struct job *j, enum job_outcome outcome,
    int delay_s, int64_t now_ms);

/*
 * Sends what is due.  gather: more verdicts are about to come, so deletes wait
 * until there is a full batch of them or SETTLE_GATHER_MS are over.  leaving:
 * the child is to go, and waits for nothing but this.  Returns when to be
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
 * Is it so, or was it at the last try, though SQS has taken back these
 * messages by itself?  An empty queue ends it: then there is no work to miss,
 * once it has taken them back.
 */
bool settle_in_trouble(const struct settle *s);
void settle_on_empty_queue(struct settle *s, int64_t now_ms);

#endif
