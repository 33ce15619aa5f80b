/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A lane carries the settles of one kind, or the extensions, to SQS: at most
 * one batch request is in flight, and what becomes due meanwhile goes with the
 * next one.  Which jobs those are is a matter of their fields alone: nothing
 * is put on a lane.  For settle.c.
 */
#ifndef CHILD_MESSAGE_LANE_H
#define CHILD_MESSAGE_LANE_H

#include "child/message/settle_state.h"

/* The lane that settles this job, which is in JOB_SETTLING. */
const struct lane *lane_of(const struct settle *s, const struct job *j);

/* Cancels a request that is not answered in time, to be sent again at once. */
void lane_cancel_late(struct lane *l, int64_t now_ms);
/* Sends what is due, unless a request is in flight. */
void lane_send_due(struct lane *l, int64_t now_ms);
/* When one of these two has something to do. */
int64_t lane_next_ms(const struct lane *l);

#endif
