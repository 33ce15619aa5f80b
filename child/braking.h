/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A child's side of the brake of its queue (brake.h): puts the brake on,
 * releases it, and gives back messages while it is on.
 */
#ifndef CHILD_BRAKING_H
#define CHILD_BRAKING_H

#include "child/state.h"

/*
 * Checks, without a message, that the handler can be started: if not, the brake
 * goes on; if so, a brake that such a check has put on is released.  Returns
 * whether the handler can be started.
 */
bool braking_check_handler(struct child *c, int64_t now_ms);

/* A handler has said "done". */
void braking_on_success(struct child *c);
/*
 * A handler ended without saying "done" of this job, which is not settled yet.
 */
void braking_on_failure(struct child *c, const struct job *j,
    const struct handler_result *r, int64_t now_ms);

/* How long a message is hidden for which the handler could not be started. */
int braking_delay_s(const struct child *c);

/* Gives back the held messages, if the brake forbids to begin them. */
void braking_give_back_held(struct child *c, int64_t now_ms);

#endif
