/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See pool_count.h.
 */
#include "supervisor/slots/pool_count.h"

#include <string.h>

#include "common/base/banned.h"

size_t
pool_count_in(const struct pool *pool, const struct pool_queue *q,
    enum slot_state state)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n; i++)
		if ((q == NULL || pool->places[i]->queue == q) &&
		    pool->places[i]->slot.state == state)
			n++;
	return n;
}

size_t
pool_count_live(const struct pool *pool)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n; i++)
		if (slot_is_live(&pool->places[i]->slot))
			n++;
	return n;
}

bool
pool_count_is_stopped(const struct pool *pool)
{
	return pool_count_in(pool, NULL, SLOT_STOPPED) == pool->n;
}

size_t
pool_count_wanted(const struct pool *pool)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n_queues; i++)
		n += pool->queues[i]->wanted;
	return n;
}

size_t
pool_count_lost(const struct pool *pool, const struct pool_queue *q)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n; i++)
		if (pool->places[i]->queue == q && pool->places[i]->lost)
			n++;
	return n;
}

void
pool_count_add(uint64_t to[SCOREBOARD_COUNTERS],
    const uint64_t more[SCOREBOARD_COUNTERS])
{
	size_t c;

	for (c = 0; c < SCOREBOARD_COUNTERS; c++)
		to[c] += more[c];
}

uint64_t
pool_count_totals(const struct pool *pool, const struct pool_queue *q,
    int64_t now_ms, uint64_t ret_totals[SCOREBOARD_COUNTERS])
{
	static struct scoreboard_snapshot row;
	uint64_t in_hand = 0;
	size_t i;

	memset(ret_totals, 0, SCOREBOARD_COUNTERS * sizeof(ret_totals[0]));
	if (q == NULL)
		pool_count_add(ret_totals, pool->past);
	for (i = 0; i < pool->n_queues; i++)
		if (q == NULL || pool->queues[i] == q)
			pool_count_add(ret_totals,
			    pool->queues[i]->past.counters);
	for (i = 0; i < pool->n; i++) {
		if (q != NULL && pool->places[i]->queue != q)
			continue;
		(void)scoreboard_snapshot(pool->places[i]->row, now_ms, &row);
		pool_count_add(ret_totals, row.counters);
		in_hand += row.n_held + row.n_recovering;
	}
	return in_hand;
}
