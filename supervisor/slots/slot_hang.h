/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Finds out whether a child hangs: the supervisor looks at the row of each live
 * child when the deadline of its slot has passed.  Pure.
 */
#ifndef SUPERVISOR_SLOTS_SLOT_HANG_H
#define SUPERVISOR_SLOTS_SLOT_HANG_H

#include "common/ipc/scoreboard_snapshot.h"
#include "supervisor/slots/slot.h"

enum {
	SLOT_HANG_AGAIN_MS = 1000 /* from the first look to the second */
};

enum slot_hang {
	SLOT_HANG_NONE,
	SLOT_HANG_START,     /* not in its loop in time */
	SLOT_HANG_HEARTBEAT, /* the loop stopped turning */
	SLOT_HANG_JOB        /* a handler outlived every limit */
};

/*
 * Either the child is well, and deadline_ms becomes the time of the next look,
 * or the result says why it counts as hung and EXPIRED is due.  A child counts
 * as hung only after two looks, a second apart: if the whole machine stood
 * still, the child has time to go on.  If the limit of its job has passed
 * meanwhile, the child has job_end_ms from the first look to end the handler.
 */
enum slot_hang slot_hang_check(struct slot *s, const struct slot_policy *p,
    const struct scoreboard_snapshot *row, int64_t now_ms);

/*
 * The supervisor did not run for a while, so what looked like the child's
 * silence may have been its own: the child has one more full period.
 */
void slot_hang_start_over(struct slot *s, const struct slot_policy *p,
    int64_t now_ms);

const char *slot_hang_name(enum slot_hang hang);

#endif
