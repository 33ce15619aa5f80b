/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See pool_metrics.h.
 */
#include "supervisor/report/pool_metrics.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

/* The row of the place that was added last; too large for the stack. */
static struct scoreboard_snapshot row;

static void
add_oldest(struct metrics_queue *m, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < row.n_held; i++)
		if (now_ms - row.held[i].since_ms > (int64_t)m->oldest_ms)
			m->oldest_ms =
			    (uint64_t)(now_ms - row.held[i].since_ms);
}

static void
add_place(struct metrics_queue *m, const struct place *p, int64_t now_ms)
{
	(void)scoreboard_snapshot(p->row, now_ms, &row);
	scoreboard_add(&m->sums, &row);
	m->in_hand += row.n_held + row.n_recovering;
	m->ready += p->slot.state == SLOT_READY;
	add_oldest(m, now_ms);
	/* A phase is counted when it ends; a job may last for hours. */
	if (row.phase == SCOREBOARD_BUSY && slot_is_live(&p->slot))
		m->sums.counters[SCOREBOARD_BUSY_MS] +=
		    (uint64_t)(now_ms - row.phase_since_ms);
}

void
pool_metrics_of_queue(const struct pool *pool, const struct pool_queue *q,
    int64_t now_ms, struct metrics_queue *ret)
{
	struct metrics_queue m = { .name = q->name, .sums = q->past };
	size_t i;

	m.children = q->wanted;
	m.paused = q->shared->paused != 0;
	m.braked = queue_board_brake_is_on(&q->shared->brake);
	for (i = 0; i < QUEUE_BOARD_EVENTS; i++)
		m.sums.events[i] = atomic_load_explicit(&q->shared->events[i],
		    memory_order_relaxed);
	for (i = 0; i < pool->n; i++)
		if (pool->places[i]->queue == q)
			add_place(&m, pool->places[i], now_ms);
	*ret = m;
}

void
pool_metrics_put_open(struct buf *to, const struct pool *pool,
    const struct metrics_run *run, int64_t now_ms)
{
	struct metrics_queue *queues =
	    xcalloc(pool->n_queues + 1, sizeof(*queues));
	size_t i;

	for (i = 0; i < pool->n_queues; i++)
		pool_metrics_of_queue(pool, pool->queues[i], now_ms,
		    &queues[i]);
	metrics_put_open(to, run, queues, pool->n_queues);
	free(queues);
}
