/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See replacement.h.
 */
#include "supervisor/slots/replacement.h"

#include "common/base/banned.h"

enum {
	REPLACED_AT_ONCE = 10 /* the default: one in so many children */
};

static bool
is_wanted_in(const struct place *p, const struct pool_queue *q)
{
	return p->queue == q && p->slot.wanted;
}

size_t
replacement_places(const struct pool *pool, const struct pool_queue *q)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n; i++)
		if (is_wanted_in(pool->places[i], q))
			n++;
	return n;
}

/*
 * The cost of stopping a place: an empty place costs least, and a child that
 * works or could work costs more than a child that is ending.
 */
static int
cost(const struct place *p)
{
	static const int costs[SLOT_STATES] = {
		[SLOT_DOWN] = 0,
		[SLOT_BACKOFF] = 0,
		[SLOT_STOPPED] = 0,
		[SLOT_KILLED] = 1,
		[SLOT_DRAINING] = 2,
		[SLOT_STARTING] = 3,
		[SLOT_READY] = 4,
	};

	return costs[p->slot.state];
}

/* Of places with equal cost, returns the place with the highest number. */
struct place *
replacement_surplus(const struct pool *pool, const struct pool_queue *q)
{
	struct place *best = NULL;
	size_t i;

	if (replacement_places(pool, q) <= q->wanted)
		return NULL;
	for (i = 0; i < pool->n; i++) {
		struct place *p = pool->places[i];

		if (is_wanted_in(p, q) &&
		    (best == NULL || cost(p) <= cost(best)))
			best = p;
	}
	return best;
}

static size_t
limit(const struct pool_queue *q)
{
	int64_t set = q->settings != NULL ? q->settings->reload_parallel : 0;

	if (set > 0)
		return (size_t)set;
	return q->wanted > REPLACED_AT_ONCE ? q->wanted / REPLACED_AT_ONCE : 1;
}

/*
 * 0 means that the child may stay.  A child that asks goes first, then an idle
 * child.
 */
static int
urgency(const struct pool *pool, const struct place *p)
{
	if (atomic_load(&p->row->ask) != SCOREBOARD_ASK_NOTHING)
		return 3;
	if (!pool_is_stale(pool, p))
		return 0;
	return atomic_load(&p->row->phase) == SCOREBOARD_BUSY ? 1 : 2;
}

struct place *
replacement_next(const struct pool *pool, const struct pool_queue *q)
{
	struct place *next = NULL;
	size_t i, absent = 0;
	int most = 0;

	for (i = 0; i < pool->n; i++) {
		struct place *p = pool->places[i];

		if (!is_wanted_in(p, q))
			continue;
		if (p->slot.state != SLOT_READY)
			absent++;
		else if (urgency(pool, p) > most) {
			most = urgency(pool, p);
			next = p;
		}
	}
	return absent < limit(q) ? next : NULL;
}

size_t
replacement_left(const struct pool *pool)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n; i++)
		if (slot_is_live(&pool->places[i]->slot) &&
		    !pool->places[i]->unkillable &&
		    pool_is_stale(pool, pool->places[i]))
			n++;
	return n;
}
