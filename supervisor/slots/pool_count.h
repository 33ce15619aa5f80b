/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How many there are in the pool: slots in a state, children, and what they
 * have counted.
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
/* Children that there are. */
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
 * What was counted so far, by places that are gone as well; q NULL: of all.
 * Returns the messages in hand, of children and releasers.
 */
uint64_t pool_count_totals(const struct pool *pool, const struct pool_queue *q,
    int64_t now_ms, uint64_t ret_totals[SCOREBOARD_COUNTERS]);

#endif
