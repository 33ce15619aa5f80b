/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Fetches the object in S3 that a message points to, which is then the
 * message's body: the read side of AWS's extended client libraries.  A job is
 * held while its object is on the way, and extended like all others; one object
 * at a time, so messages are begun in their order.  This never changes or
 * deletes an object.
 */
#ifndef CHILD_MESSAGE_FETCH_H
#define CHILD_MESSAGE_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "child/message/job.h"
#include "child/message/verdict.h"
#include "common/aws/s3.h"
#include "common/settings/settings.h"

struct fetch;

/*
 * failed NULL: the payload is in its file.  Otherwise the verdict and its
 * reason: retry for what may heal, be it by a change of settings or
 * permissions; reject for an object that is gone, and for a body that is marked
 * as a pointer but is none.
 */
typedef void fetch_done_fn(void *arg, struct job *j,
    const struct handler_result *failed);

/* s3 NULL: no fetch is ever wanted. */
struct fetch *fetch_new(struct s3 *s3, const struct queue_settings *q,
    fetch_done_fn *done, void *arg);
void fetch_free(struct fetch *f); /* NULL-safe; cancels */

/* Does the payload, which is open, point to an object? */
bool fetch_is_wanted(const struct fetch *f, const struct payload *p);
/* The job is held, and no fetch is under way.  May call done at once. */
void fetch_start(struct fetch *f, struct job *j, int64_t now_ms);
bool fetch_is_busy(const struct fetch *f);
/*
 * Cancels the fetch that is under way, and returns its job, for which done will
 * not be called; NULL: there is none.
 */
struct job *fetch_cancel(struct fetch *f);

/* Returns when to be called next; now_ms if it has called done. */
int64_t fetch_step(struct fetch *f, int64_t now_ms);

#endif
