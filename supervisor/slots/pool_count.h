/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Counts what is in the pool: slots in a state, children, and the sums of their
 * counters.
 */
#ifndef SUPERVISOR_SLOTS_POOL_COUNT_H
#define SUPERVISOR_SLOTS_POOL_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "supervisor/slots/pool.h"

/* Slots of this queue in this state; q NULL: of all. */
size_t pool_count_in(const struct pool *pool, const struct pool_queue *q,
    enum slot_state state);
/* Children that exist. */
size_t pool_count_live(const struct pool *pool);
/* Is each slot empty for good? */
bool pool_count_is_stopped(const struct pool *pool);
/* Children that are wanted, in all queues. */
size_t pool_count_wanted(const struct pool *pool);
/* Slots of this queue whose child cannot be killed. */
size_t pool_count_lost(const struct pool *pool, const struct pool_queue *q);

void pool_count_add(uint64_t to[SCOREBOARD_COUNTERS],
    const uint64_t more[SCOREBOARD_COUNTERS]);
/*
 * The counters of all places of the queue, those that are gone included; q
 * NULL: of all queues.  Returns how many messages children and releasers have
 * in hand.
 */
uint64_t pool_count_totals(const struct pool *pool, const struct pool_queue *q,
    int64_t now_ms, uint64_t ret_totals[SCOREBOARD_COUNTERS]);

#endif
