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
 * second is cancelled for it.  Until its settle is confirmed a job stays
 * extended and in hand, but not after the 12 hours of its receive.
 */
#ifndef CHILD_SETTLE_H
#define CHILD_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "child/job.h"
#include "common/aws.h"
#include "common/settings.h"

struct settle;

/*
 * A job that no settle is due for is not ours any more, or will not be in a
 * moment: j->lost.  It need not be given back.
 */
typedef void settle_lost_fn(void *arg, struct job *j, int64_t now_ms);

/* Everything is borrowed for its life.  lost may be NULL. */
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
 * until there is a full batch of them or SETTLE_GATHER_MS are over.
 */
enum {
	SETTLE_GATHER_MS = 500
};
void settle_step(struct settle *s, bool gather, int64_t now_ms);
int64_t settle_deadline(const struct settle *s);

/* The failure of the last call in any lane, until one succeeds; or NULL. */
const struct error *settle_trouble(const struct settle *s);

/* Pure.  The next extension in seconds: 0 when the 12 h are over. */
int settle_extension_s(int64_t received_ms, int64_t now_ms, int timeout_s);
/* Pure.  The delay after a failure: full jitter by receive count. */
int settle_retry_delay_s(const struct queue_settings *q,
    long long receive_count, double unit);

#endif
