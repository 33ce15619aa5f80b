/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The row of a dead child.  See scoreboard_death.h.
 */
#include "common/ipc/scoreboard_death.h"

#include <string.h>

#include "common/base/xalloc.h"
#include "common/ipc/scoreboard_child.h"

#include "common/base/banned.h"

/*
 * The counts of this child alone, without those of releasers for earlier
 * children.  Returns whether no counter went back.
 */
static bool
own_counters(const struct scoreboard_row *row,
    const struct scoreboard_counts *at_fork, uint64_t ret[SCOREBOARD_COUNTERS])
{
	bool forward = true;
	size_t i;

	scoreboard_counters(row, ret);
	for (i = 0; i < SCOREBOARD_COUNTERS; i++) {
		forward = forward && ret[i] >= at_fork->counters[i];
		ret[i] -= at_fork->counters[i];
	}
	return forward;
}

static bool
are_hands_valid(const struct scoreboard_row *row)
{
	size_t i;

	for (i = 0; i < nitems(row->hands); i++)
		if (atomic_load_explicit(&row->hands[i].state,
			memory_order_relaxed) >= SCOREBOARD_HAND_STATES)
			return false;
	return true;
}

bool
scoreboard_is_sane(const struct scoreboard_row *row,
    const struct scoreboard_counts *at_fork, size_t n)
{
	uint64_t own[SCOREBOARD_COUNTERS];

	return own_counters(row, at_fork, own) && are_hands_valid(row) &&
	    scoreboard_balance(own) == scoreboard_full_hands(row) + (int64_t)n;
}

void
scoreboard_restore(struct scoreboard_row *row,
    const struct scoreboard_counts *at_fork)
{
	size_t i, t;

	scoreboard_free_hands(row);
	for (i = 0; i < nitems(at_fork->counters); i++)
		atomic_store_explicit(&row->counters[i], at_fork->counters[i],
		    memory_order_relaxed);
	for (t = 0; t < nitems(at_fork->times); t++) {
		for (i = 0; i < HISTOGRAM_BUCKETS; i++)
			atomic_store_explicit(&row->times[t].counts[i],
			    at_fork->times[t].counts[i], memory_order_relaxed);
		atomic_store_explicit(&row->times[t].sum_ms,
		    at_fork->times[t].sum_ms, memory_order_relaxed);
	}
	scoreboard_set_trouble(row, false, 0);
	atomic_store_explicit(&row->hidden_until_ms, 0, memory_order_relaxed);
	atomic_store_explicit(&row->error_ms, 0, memory_order_relaxed);
	memset(row->error, 0, sizeof(row->error));
	atomic_store_explicit(&row->moves, 0, memory_order_release);
}

/*
 * In both moves the hand changes before the counter.  A row that is wrong in
 * any other way is garbage, and stays garbage.
 */
void
scoreboard_finish_move(struct scoreboard_row *row,
    const struct scoreboard_counts *at_fork)
{
	uint32_t c = atomic_load_explicit(&row->moving, memory_order_relaxed);
	uint64_t own[SCOREBOARD_COUNTERS];
	int64_t missing;

	(void)own_counters(row, at_fork, own);
	missing = scoreboard_full_hands(row) - scoreboard_balance(own);
	if (atomic_load_explicit(&row->moves, memory_order_acquire) % 2 == 0)
		return;
	if (c < SCOREBOARD_COUNTERS &&
	    missing == (c == SCOREBOARD_RECEIVED ? 1 : -1))
		scoreboard_count(row, (enum scoreboard_counter)c, 1);
	atomic_store_explicit(&row->moves, 0, memory_order_release);
}

void
scoreboard_hand_over(struct scoreboard_row *row, size_t n)
{
	(void)atomic_fetch_add(&row->recovering, (uint32_t)n);
}

void
scoreboard_count_recovered(struct scoreboard_row *row,
    enum scoreboard_counter outcome)
{
	(void)atomic_fetch_add(&row->recovered[outcome], 1);
	(void)atomic_fetch_sub(&row->recovering, 1);
}

void
scoreboard_abandon(struct scoreboard_row *row)
{
	uint32_t n = atomic_exchange(&row->recovering, 0);

	(void)atomic_fetch_add(&row->recovered[SCOREBOARD_EXPIRED], n);
}
