/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Decides what becomes of a message after a verdict, a loss, or a stop: a
 * settle, or a move to the dead-letter queue.
 */
#ifndef CHILD_OUTCOME_H
#define CHILD_OUTCOME_H

#include "child/state.h"

/* A handler_done_fn; cookie is the job. */
void outcome_of_verdict(void *cookie, const struct handler_result *r);
/* A settle_lost_fn and a deadletter_failed_fn; arg is the child. */
void outcome_lost(void *arg, struct job *j, int64_t now_ms);
void outcome_not_moved(void *arg, struct job *j, const char *why);

/* Children died of this message: it is rejected without being begun. */
void outcome_poisoned(struct child *c, struct job *j, int64_t now_ms);

/*
 * These give back: a message that no handler has failed at; all messages that
 * are held; all that no handler has seen, which includes one whose object is
 * being fetched.
 */
void outcome_release(struct child *c, struct job *j, int64_t now_ms);
void outcome_release_held(struct child *c, int64_t now_ms);
void outcome_release_unbegun(struct child *c, int64_t now_ms);
/* Gives back what waits in a FIFO group behind a message that is given back. */
void outcome_release_blocked(struct child *c, int64_t now_ms);

#endif
