/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading a row that its child may be writing.  See scoreboard_snapshot.h.
 */
#include "common/ipc/scoreboard_snapshot.h"

#include <sched.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	RECEIVE_COUNT_MAX = 1000000, /* beyond it, the row is garbage */
	SNAPSHOT_TRIES = 16
};

static int64_t
clamp(int64_t n, int64_t min, int64_t max)
{
	return n < min ? min : n > max ? max : n;
}

/*
 * False: the hand is free, or changed while it was being read.  Each field is
 * copied before it is checked, so a writer cannot change it in between.
 */
static bool
copy_hand(const struct scoreboard_hand *h, int64_t now_ms,
    struct scoreboard_held *to)
{
	uint32_t state = atomic_load_explicit(&h->state, memory_order_acquire);

	if (state == SCOREBOARD_HAND_FREE || state >= SCOREBOARD_HAND_STATES)
		return false;
	to->state = (enum scoreboard_hand_state)state;
	to->receive_count =
	    (uint32_t)clamp(h->receive_count, 1, RECEIVE_COUNT_MAX);
	to->since_ms = clamp(h->since_ms, 0, now_ms);
	(void)scoreboard_copy_text(to->id, h->id, sizeof(to->id));
	/* A receipt handle with one wrong byte is useless. */
	if (!scoreboard_copy_text(to->receipt_handle, h->receipt_handle,
		sizeof(to->receipt_handle)))
		to->receipt_handle[0] = '\0';
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&h->state, memory_order_relaxed) == state;
}

static void
copy_times(const struct scoreboard_histogram *from, struct histogram *to)
{
	size_t i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->counts[i] = atomic_load_explicit(&from->counts[i],
		    memory_order_relaxed);
	to->sum_ms = atomic_load_explicit(&from->sum_ms, memory_order_relaxed);
}

void
scoreboard_counters(const struct scoreboard_row *row,
    uint64_t ret[SCOREBOARD_COUNTERS])
{
	size_t i;

	for (i = 0; i < SCOREBOARD_COUNTERS; i++)
		ret[i] = atomic_load_explicit(&row->counters[i],
		    memory_order_relaxed);
}

void
scoreboard_copy_counts(const struct scoreboard_row *row,
    struct scoreboard_counts *ret)
{
	size_t t;

	scoreboard_counters(row, ret->counters);
	for (t = 0; t < nitems(ret->times); t++)
		copy_times(&row->times[t], &ret->times[t]);
}

static void
copy_row(const struct scoreboard_row *row, int64_t now_ms,
    struct scoreboard_snapshot *ret)
{
	uint32_t phase;
	size_t i;

	scoreboard_counters(row, ret->counters);
	phase = atomic_load_explicit(&row->phase, memory_order_acquire);
	ret->phase = phase < SCOREBOARD_PHASES ? (enum scoreboard_phase)phase
					       : SCOREBOARD_EMPTY;
	ret->progress_ms =
	    clamp(atomic_load_explicit(&row->progress_ms, memory_order_acquire),
		0, now_ms);
	ret->phase_since_ms = clamp(atomic_load_explicit(&row->phase_since_ms,
					memory_order_relaxed),
	    0, now_ms);
	ret->trouble_since_ms =
	    clamp(atomic_load_explicit(&row->trouble_since_ms,
		      memory_order_relaxed),
		0, now_ms);
	ret->error_ms =
	    clamp(atomic_load_explicit(&row->error_ms, memory_order_relaxed), 0,
		now_ms);
	(void)scoreboard_copy_text(ret->error, row->error, sizeof(ret->error));
	for (i = 0; i < nitems(ret->counters); i++) {
		ret->recovered[i] = atomic_load_explicit(&row->recovered[i],
		    memory_order_relaxed);
		ret->counters[i] += ret->recovered[i];
	}
	ret->n_recovering =
	    atomic_load_explicit(&row->recovering, memory_order_relaxed);
	for (i = 0; i < nitems(ret->times); i++)
		copy_times(&row->times[i], &ret->times[i]);
	ret->n_held = 0;
	for (i = 0; i < nitems(row->hands); i++)
		if (copy_hand(&row->hands[i], now_ms, &ret->held[ret->n_held]))
			ret->n_held++;
}

/* A writer that died or went mad in a move must not stop a reader. */
bool
scoreboard_snapshot(const struct scoreboard_row *row, int64_t now_ms,
    struct scoreboard_snapshot *ret)
{
	uint32_t moves;
	int try;

	for (try = 0; try < SNAPSHOT_TRIES; try++) {
		moves = atomic_load_explicit(&row->moves, memory_order_acquire);
		copy_row(row, now_ms, ret);
		atomic_thread_fence(memory_order_acquire);
		if (moves % 2 == 0 &&
		    atomic_load_explicit(&row->moves, memory_order_relaxed) ==
			moves)
			return true;
		(void)sched_yield();
	}
	return false;
}

int64_t
scoreboard_balance(const uint64_t counters[SCOREBOARD_COUNTERS])
{
	return (int64_t)(counters[SCOREBOARD_RECEIVED] -
	    counters[SCOREBOARD_DELETED] - counters[SCOREBOARD_RETRIED] -
	    counters[SCOREBOARD_RELEASED] - counters[SCOREBOARD_REJECTED] -
	    counters[SCOREBOARD_EXPIRED]);
}

void
scoreboard_add(struct scoreboard_sums *to,
    const struct scoreboard_snapshot *row)
{
	size_t i;

	for (i = 0; i < nitems(to->counters); i++)
		to->counters[i] += row->counters[i];
	for (i = 0; i < nitems(to->times); i++)
		histogram_add(&to->times[i], &row->times[i]);
}

int64_t
scoreboard_full_hands(const struct scoreboard_row *row)
{
	int64_t n = 0;
	size_t i;

	for (i = 0; i < nitems(row->hands); i++)
		if (atomic_load_explicit(&row->hands[i].state,
			memory_order_relaxed) != SCOREBOARD_HAND_FREE)
			n++;
	return n;
}

uint64_t
scoreboard_in_hand(const struct scoreboard_row *row)
{
	return (uint64_t)scoreboard_full_hands(row) +
	    atomic_load_explicit(&row->recovering, memory_order_relaxed);
}
