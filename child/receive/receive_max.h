/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How many messages a child asks for: receive_max, or, if that is "auto", as
 * many as fast handlers finish within RECEIVE_MAX_MS.  The number begins with
 * one and grows with each receive that brings all that was asked for, as long
 * as the whole batch would take RECEIVE_MAX_MS at most by the moving average of
 * the handlers' times.  The average rises at once and falls slowly, so a single
 * slow handler makes the batches small again.
 *
 * The average is a guess, and the next handler may take an hour.  So no message
 * waits for longer than RECEIVE_MAX_PATIENCE_MS behind it: child.c gives it
 * back.
 *
 * When the queue has more than is asked for, the next receive may go ahead of
 * the end of the last batch, so that handlers never wait for SQS.  Such a
 * receive does not wait at SQS for messages to come, or it could bring them
 * when a handler has become slow.  If it brings nothing it was in vain, and
 * twice as many batches as the last time pass before the next receive goes
 * ahead.
 *
 * Pure.
 */
#ifndef CHILD_RECEIVE_RECEIVE_MAX_H
#define CHILD_RECEIVE_RECEIVE_MAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	RECEIVE_MAX_MS =
	    500, /* half of the patience, for a guess can be wrong */
	RECEIVE_MAX_PATIENCE_MS = 1000,
	RECEIVE_MAX_MEMORY_MS = 60000, /* an older average means nothing */
	RECEIVE_MAX_AHEAD_MS = 100     /* a receive takes some of it */
};

struct receive_max {
	int fixed;          /* receive_max; 0: auto */
	int size;           /* of auto */
	int asked;          /* by the last receive */
	bool ahead;         /* it was sent ahead */
	bool full;          /* the last answer had all that was asked for */
	int vain;           /* receives ahead, in a row */
	int pass;           /* so many batches before the next */
	int64_t handler_us; /* the average, not over a patience; -1: none yet */
	int64_t handled_ms; /* when it last changed */
};

void receive_max_init(struct receive_max *m, int64_t receive_max);

/* How many to ask for. */
int receive_max_wanted(const struct receive_max *m, int64_t now_ms);
/*
 * May the next receive go ahead while so many messages are held or worked?
 * running_ms: how long the handler that runs has done so.
 */
bool receive_max_may_ask_ahead(const struct receive_max *m, size_t n_unsettled,
    int64_t running_ms);
/*
 * Will the verdicts of the messages that are held or worked come in a moment?
 */
bool receive_max_is_quick(const struct receive_max *m, size_t n_unsettled);
/* A receive asked for n messages. */
void receive_max_asked(struct receive_max *m, int n, bool ahead);
/* That receive brought n messages. */
void receive_max_received(struct receive_max *m, int n, int64_t now_ms);
/* A handler ended, or ran for so long and still does. */
void receive_max_handled(struct receive_max *m, int64_t took_ms,
    int64_t now_ms);

/*
 * How long a message may wait in hand for the handlers of those before it,
 * and how long the one before it may run meanwhile; CLOCK_NEVER: for ever.
 */
int64_t receive_max_patience_ms(const struct receive_max *m);

#endif
