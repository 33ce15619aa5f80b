/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How long a child owns a message: until its visibility timeout ends, if that
 * is not extended before, and for 12 hours at most.  For settle.c and lane.c.
 */
#ifndef CHILD_MESSAGE_OWNERSHIP_H
#define CHILD_MESSAGE_OWNERSHIP_H

#include "child/message/settle_state.h"

/*
 * Plans the next extension, after a receive or an extension by granted_s that
 * was sent at sent_ms.
 */
void ownership_plan_extension(const struct settle *s, struct job *j,
    int64_t sent_ms, int granted_s, int64_t now_ms);

/*
 * Marks the job as lost, and calls lost.  The next two functions log the loss
 * as well.
 */
void ownership_mark_lost(struct settle *s, struct job *j, int64_t now_ms);
/* For a job whose 12 hours at SQS are over. */
void ownership_end_at_limit(struct settle *s, struct job *j, int64_t now_ms);
/*
 * For a job whose visibility timeout has ended; code: SQS's error code, or
 * NULL.
 */
void ownership_end(struct settle *s, struct job *j, const char *code,
    int64_t now_ms);

#endif
