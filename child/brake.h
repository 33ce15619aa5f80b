/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The brake of a queue.  Each receive brings a message nearer to the
 * dead-letter queue, so a handler that cannot work must not be fed: a bad
 * deployment would empty the queue into the dead-letter queue within seconds.
 * Only the queue as a whole shows whether the handler works at all, so the
 * brake is on the page that all children of the queue share (queue_board.h).
 *
 * It goes on when the handler cannot be started, or when brake_after distinct
 * messages failed with no success in between; before the first success of this
 * sqsherd, BRAKE_FIRST are enough.  The first success releases it.  While it is
 * on, one child at a time tries with one message, at pauses that grow from
 * BRAKE_PAUSE_MS to BRAKE_PAUSE_MAX_MS.  The child that tries holds a lease
 * (lease.h), so its death ends nothing.
 *
 * Any child may write garbage on that page: times are clamped when they are
 * read.
 */
#ifndef CHILD_BRAKE_H
#define CHILD_BRAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ipc/queue_board.h"
#include "common/settings/settings.h"

enum {
	BRAKE_FIRST = 5,
	BRAKE_PAUSE_MS = 1000,
	BRAKE_PAUSE_MAX_MS = 15000,
	BRAKE_LEASE_MS = 3000,
	BRAKE_RENEW_MS = 1000,
	BRAKE_LOOK_MS = 1000 /* until other children notice a release */
};

struct brake {
	struct queue_board_brake *page;
	struct queue_board_brake own; /* the page of a lone child */
	int64_t after;                /* brake_after; 0: never */
	unsigned slot;
	uint64_t lease; /* the value on the page; 0: this child does not try */
	bool has_come;  /* has a message, since the lease was taken? */
	int64_t renew_ms;
};

/* shared: the page of the queue, borrowed; NULL: this child is the only one. */
void brake_init(struct brake *b, struct queue_board *shared,
    const struct queue_settings *q, unsigned slot);

bool brake_is_on(const struct brake *b);
/* Has any message of the queue been done since sqsherd began? */
bool brake_has_succeeded(const struct brake *b);

/*
 * A message was done.  Returns whether that has released the brake, which the
 * caller logs.
 */
bool brake_message_done(struct brake *b);
/*
 * The handler failed at the message of this id, or could not be started for it;
 * why is a text for a person.  Returns whether that has put the brake on, which
 * the caller logs; brake_why says why it is on.
 */
bool brake_message_failed(struct brake *b, const char *id, bool cannot_start,
    const char *why, int64_t now_ms);
/*
 * A check without a message says that the handler cannot be started.  Returns
 * as brake_message_failed does.
 */
bool brake_check_failed(struct brake *b, const char *why, int64_t now_ms);
/*
 * A check without a message says that the handler might be started.  That
 * releases a brake that such a check has put on, if no message has failed since
 * the last success; and a brake that failures have put on, if a reload has set
 * brake_after to 0 since.  Returns whether it did, which the caller logs.
 */
bool brake_check_passed(struct brake *b);
const char *brake_why(const struct brake *b);

/* Is it this child that tries? */
bool brake_is_trying(const struct brake *b);
/*
 * Takes the lease, if that is free and the pause is over.  Returns whether this
 * child tries.
 */
bool brake_try(struct brake *b, int64_t now_ms);
/* A receive has brought a message. */
void brake_message_came(struct brake *b);
/* Is the trial of this child over, if it has no message in hand any more? */
bool brake_trial_is_over(const struct brake *b);
/*
 * The trial of this child failed: the next one, of any child, comes after a
 * pause.
 */
void brake_trial_failed(struct brake *b, double unit, int64_t now_ms);
/* This child ends its trial: another child may take the lease. */
void brake_give_up(struct brake *b);
/*
 * Renews the lease of a child that tries.  Returns when to be called next or,
 * for a child that does not try, when to call brake_try.
 */
int64_t brake_step(struct brake *b, int64_t now_ms);

#endif
