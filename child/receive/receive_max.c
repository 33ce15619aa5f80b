/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See receive_max.h. */
#include "child/receive/receive_max.h"

#include "common/aws/sqs.h"
#include "common/base/clock.h"

#include "common/base/banned.h"

#define US INT64_C(1000) /* in a millisecond */

enum {
	FALL_SHARE = 8, /* each quick message takes 1/8 of the way down */
	VAIN_MAX = 6
};

void
receive_max_init(struct receive_max *m, int64_t receive_max)
{
	*m = (struct receive_max){
		.fixed = (int)receive_max,
		.size = 1,
		.handler_us = -1,
	};
}

/* How many messages the handler works within RECEIVE_MAX_MS. */
static int
fitting(const struct receive_max *m)
{
	int64_t n = SQS_BATCH_MAX;

	if (m->handler_us < 0)
		return 1;
	if (m->handler_us * n > RECEIVE_MAX_MS * US)
		n = RECEIVE_MAX_MS * US / m->handler_us;
	return n > 1 ? (int)n : 1;
}

int
receive_max_wanted(const struct receive_max *m, int64_t now_ms)
{
	if (m->fixed > 0)
		return m->fixed;
	return now_ms - m->handled_ms < RECEIVE_MAX_MEMORY_MS ? m->size : 1;
}

bool
receive_max_may_ask_ahead(const struct receive_max *m, size_t n_unsettled,
    int64_t running_ms)
{
	return m->fixed == 0 && m->full && m->pass == 0 && m->handler_us >= 0 &&
	    running_ms <= RECEIVE_MAX_AHEAD_MS &&
	    (int64_t)n_unsettled * m->handler_us <= RECEIVE_MAX_AHEAD_MS * US;
}

bool
receive_max_is_quick(const struct receive_max *m, size_t n_unsettled)
{
	return m->fixed == 0 && n_unsettled > 0 && m->size > 1;
}

void
receive_max_asked(struct receive_max *m, int n, bool ahead)
{
	m->asked = n;
	m->ahead = ahead;
}

/* A receive ahead is worth its call only if it brings messages. */
static void
learn_ahead(struct receive_max *m, int n)
{
	m->full = n >= m->asked;
	if (m->ahead && n > 0)
		m->vain = 0;
	else if (m->ahead) {
		m->vain += m->vain < VAIN_MAX;
		m->pass = 1 << m->vain;
	} else if (m->full && m->pass > 0)
		m->pass--;
}

void
receive_max_received(struct receive_max *m, int n, int64_t now_ms)
{
	int size = receive_max_wanted(m, now_ms);
	int most = fitting(m);

	learn_ahead(m, n);
	if (n >= m->asked && n >= size)
		size *= 2;
	m->size = size < most ? size : most;
}

void
receive_max_handled(struct receive_max *m, int64_t took_ms, int64_t now_ms)
{
	int64_t us = took_ms * US;

	if (took_ms > RECEIVE_MAX_PATIENCE_MS)
		us = RECEIVE_MAX_PATIENCE_MS * US;
	if (us >= m->handler_us)
		m->handler_us = us;
	else
		m->handler_us -= (m->handler_us - us) / FALL_SHARE;
	m->handled_ms = now_ms;
	if (m->size > fitting(m))
		m->size = fitting(m);
}

int64_t
receive_max_patience_ms(const struct receive_max *m)
{
	return m->fixed > 0 ? CLOCK_NEVER : RECEIVE_MAX_PATIENCE_MS;
}
