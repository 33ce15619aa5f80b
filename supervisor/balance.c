/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See balance.h.
 */
#include "supervisor/balance.h"

#include <errno.h>
#include <string.h>

#include "common/base/log.h"
#include "supervisor/slot_actions.h"
#include "supervisor/slots/replacement.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"

#include "common/base/banned.h"

enum {
	CRASH_LIMIT_MIN = 5,
	/* A child can die again while SQS keeps the releasers of its earlier
	   deaths waiting. */
	RELEASERS_PER_PLACE = 8
};

void
balance_fit(struct supervisor *s)
{
	size_t limit = (size_t)pool_settings(&s->pool)->crash_limit;

	if (limit == 0)
		limit =
		    s->pool.n > CRASH_LIMIT_MIN ? s->pool.n : CRASH_LIMIT_MIN;
	budget_change(&s->budget, limit,
	    pool_settings(&s->pool)->crash_window_ms);
	releasers_grow(&s->releasers, RELEASERS_PER_PLACE * s->pool.n);
}

static void
grow(struct supervisor *s, struct pool_queue *q, int64_t now_ms)
{
	while (replacement_places(&s->pool, q) < q->wanted)
		if (pool_add(&s->pool, q, now_ms) == NULL) {
			log_error("cannot_grow", log_str("queue", q->name),
			    log_str("error", strerror(errno)));
			q->wanted = replacement_places(&s->pool, q);
		}
}

static void
balance_queue(struct supervisor *s, struct pool_queue *q, int64_t now_ms)
{
	struct place *p;

	grow(s, q, now_ms);
	while ((p = replacement_surplus(&s->pool, q)) != NULL)
		(void)slot_actions_apply_event(s, p, SLOT_EVENT_STOP, now_ms);
	while ((p = replacement_next(&s->pool, q)) != NULL) {
		slot_record_replacement(p, now_ms);
		(void)slot_actions_apply_event(s, p, SLOT_EVENT_DRAIN, now_ms);
	}
}

void
balance_pool(struct supervisor *s, int64_t now_ms)
{
	size_t i;

	if (stop_is_begun(&s->stop))
		return;
	for (i = 0; i < s->pool.n_queues; i++)
		balance_queue(s, s->pool.queues[i], now_ms);
	pool_sweep(&s->pool, now_ms);
	balance_fit(s);
	if (s->rolling && replacement_left(&s->pool) == 0) {
		s->rolling = false;
		log_info("reload_done",
		    log_int("children", (long long)s->pool.n));
	}
}
