/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A lane carries the calls of one kind to SQS: at most one batch is in flight,
 * and what becomes due meanwhile goes with the next one.  Which jobs go is
 * decided by their fields alone: there is no list of those that wait.  For
 * settle.c.
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
/* When lane_cancel_late or lane_send_due has something to do. */
int64_t lane_next_ms(const struct lane *l);

#endif
