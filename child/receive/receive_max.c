/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How many messages to ask for.  See receive_max.h.
 */
#include "child/receive/receive_max.h"

#include "common/aws/sqs.h"
#include "common/base/clock.h"

#include "common/base/banned.h"

enum {
	US = 1000,      /* in a millisecond */
	FALL_SHARE = 8, /* of the distance to a quicker handler, a message */
	VAIN_MAX = 6
};

void
receive_max_init(struct receive_max *b, int64_t receive_max)
{
	*b = (struct receive_max){
		.fixed = (int)receive_max,
		.size = 1,
		.handler_us = -1,
	};
}

/* So many take RECEIVE_MAX_MS at most. */
static int
fitting(const struct receive_max *b)
{
	int64_t n = SQS_BATCH_MAX;

	if (b->handler_us < 0)
		return 1;
	if (b->handler_us * n > RECEIVE_MAX_MS * US)
		n = RECEIVE_MAX_MS * US / b->handler_us;
	return n > 1 ? (int)n : 1;
}

int
receive_max_wanted(const struct receive_max *b, int64_t now_ms)
{
	if (b->fixed > 0)
		return b->fixed;
	return now_ms - b->handled_ms < RECEIVE_MAX_MEMORY_MS ? b->size : 1;
}

bool
receive_max_may_ask_ahead(const struct receive_max *b, size_t n_unsettled,
    int64_t running_ms)
{
	return b->fixed == 0 && b->full && b->pass == 0 && b->handler_us >= 0 &&
	    running_ms <= RECEIVE_MAX_AHEAD_MS &&
	    (int64_t)n_unsettled * b->handler_us <= RECEIVE_MAX_AHEAD_MS * US;
}

bool
receive_max_is_quick(const struct receive_max *b, size_t n_unsettled)
{
	return b->fixed == 0 && n_unsettled > 0 && b->size > 1;
}

void
receive_max_asked(struct receive_max *b, int n, bool ahead)
{
	b->asked = n;
	b->ahead = ahead;
}

/* How well did it go to ask ahead? */
static void
learn_ahead(struct receive_max *b, int n)
{
	b->full = n >= b->asked;
	if (b->ahead && n > 0)
		b->vain = 0;
	else if (b->ahead) {
		b->vain += b->vain < VAIN_MAX;
		b->pass = 1 << b->vain;
	} else if (b->full && b->pass > 0)
		b->pass--;
}

void
receive_max_received(struct receive_max *b, int n, int64_t now_ms)
{
	int size = receive_max_wanted(b, now_ms);
	int most = fitting(b);

	learn_ahead(b, n);
	if (n >= b->asked && n >= size)
		size *= 2;
	b->size = size < most ? size : most;
}

void
receive_max_handled(struct receive_max *b, int64_t took_ms, int64_t now_ms)
{
	int64_t us = took_ms * US;

	if (took_ms > RECEIVE_MAX_PATIENCE_MS)
		us = RECEIVE_MAX_PATIENCE_MS * US;
	if (us >= b->handler_us)
		b->handler_us = us;
	else
		b->handler_us -= (b->handler_us - us) / FALL_SHARE;
	b->handled_ms = now_ms;
	if (b->size > fitting(b))
		b->size = fitting(b);
}

int64_t
receive_max_patience_ms(const struct receive_max *b)
{
	return b->fixed > 0 ? CLOCK_NEVER : RECEIVE_MAX_PATIENCE_MS;
}
