/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The fields of a hand are written before its state, and its state is cleared
 * before a field is written again; so a reader that finds a state also finds
 * the fields that belong to it, at whichever store the writer died.
 */
#include "common/ipc/scoreboard_child.h"

#include <stdio.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

static void
set_state(struct scoreboard_hand *h, enum scoreboard_hand_state state)
{
	atomic_store_explicit(&h->state, (uint32_t)state, memory_order_release);
}

void
scoreboard_free_hands(struct scoreboard_row *row)
{
	size_t i;

	for (i = 0; i < nitems(row->hands); i++)
		set_state(&row->hands[i], SCOREBOARD_HAND_FREE);
}

void
scoreboard_row_prepare(struct scoreboard_row *row, int64_t now_ms)
{
	scoreboard_free_hands(row);
	atomic_store_explicit(&row->moves, 0, memory_order_release);
	scoreboard_set_ask(row, SCOREBOARD_ASK_NOTHING);
	scoreboard_set_phase(row, SCOREBOARD_EMPTY, now_ms);
	scoreboard_set_progress(row, now_ms);
}

static void
count_busy(struct scoreboard_row *row, int64_t now_ms)
{
	int64_t since =
	    atomic_load_explicit(&row->phase_since_ms, memory_order_relaxed);

	if (atomic_load_explicit(&row->phase, memory_order_relaxed) ==
		SCOREBOARD_BUSY &&
	    since > 0 && since < now_ms)
		scoreboard_count(row, SCOREBOARD_BUSY_MS,
		    (uint64_t)(now_ms - since));
}

void
scoreboard_set_phase(struct scoreboard_row *row, enum scoreboard_phase phase,
    int64_t now_ms)
{
	count_busy(row, now_ms);
	atomic_store_explicit(&row->phase_since_ms, now_ms,
	    memory_order_relaxed);
	atomic_store_explicit(&row->phase, (uint32_t)phase,
	    memory_order_release);
}

void
scoreboard_set_ask(struct scoreboard_row *row, enum scoreboard_ask ask)
{
	atomic_store_explicit(&row->ask, (uint32_t)ask, memory_order_relaxed);
}

/* A row has one writer, so this need not be an atomic addition. */
static void
add(_Atomic uint64_t *to, uint64_t n)
{
	uint64_t old = atomic_load_explicit(to, memory_order_relaxed);

	atomic_store_explicit(to, old + n, memory_order_relaxed);
}

void
scoreboard_count(struct scoreboard_row *row, enum scoreboard_counter c,
    uint64_t n)
{
	add(&row->counters[c], n);
}

void
scoreboard_count_time(struct scoreboard_row *row, enum scoreboard_time t,
    int64_t ms)
{
	if (ms < 0)
		ms = 0; /* clocks differ */
	add(&row->times[t].counts[histogram_bucket(ms)], 1);
	add(&row->times[t].sum_ms, (uint64_t)ms);
}

void
scoreboard_set_failure(struct scoreboard_row *row, const struct error *e,
    int64_t now_ms)
{
	char text[sizeof(e->code) + sizeof(e->text) + 2];
	const char *dot = strrchr(e->code, '.');
	const char *code = dot != NULL ? dot + 1 : e->code;

	(void)snprintf(text, sizeof(text), "%s%s%s", code,
	    code[0] != '\0' ? ": " : "", e->text);
	scoreboard_set_error(row, text, now_ms);
}

void
scoreboard_set_progress(struct scoreboard_row *row, int64_t now_ms)
{
	atomic_store_explicit(&row->progress_ms, now_ms, memory_order_release);
}

/*
 * A message that moves between its hand and a counter is for a moment in both
 * or in none; meanwhile moves is odd, and a reader waits.  For any other change
 * that a reader is to see as a whole, c is SCOREBOARD_COUNTERS.
 */
static void
begin_move(struct scoreboard_row *row, enum scoreboard_counter c)
{
	uint32_t n = atomic_load_explicit(&row->moves, memory_order_relaxed);

	atomic_store_explicit(&row->moving, (uint32_t)c, memory_order_relaxed);
	atomic_store_explicit(&row->moves, n | 1, memory_order_release);
	atomic_thread_fence(memory_order_release);
}

static void
end_move(struct scoreboard_row *row)
{
	uint32_t n = atomic_load_explicit(&row->moves, memory_order_relaxed);

	atomic_store_explicit(&row->moves, (n | 1) + 1, memory_order_release);
}

bool
scoreboard_is_in_trouble(const struct scoreboard_row *row)
{
	return atomic_load_explicit(&row->trouble_since_ms,
		   memory_order_relaxed) != 0;
}

void
scoreboard_set_trouble(struct scoreboard_row *row, bool in_trouble,
    int64_t now_ms)
{
	if (scoreboard_is_in_trouble(row) != in_trouble)
		atomic_store_explicit(&row->trouble_since_ms,
		    in_trouble ? now_ms : 0, memory_order_relaxed);
}

void
scoreboard_extend_hidden(struct scoreboard_row *row, int64_t until_ms)
{
	if (until_ms > scoreboard_hidden_until(row))
		atomic_store_explicit(&row->hidden_until_ms, until_ms,
		    memory_order_relaxed);
}

int64_t
scoreboard_hidden_until(const struct scoreboard_row *row)
{
	return atomic_load_explicit(&row->hidden_until_ms,
	    memory_order_relaxed);
}

void
scoreboard_set_error(struct scoreboard_row *row, const char *text,
    int64_t now_ms)
{
	begin_move(row, SCOREBOARD_COUNTERS);
	(void)strlcpy(row->error, text, sizeof(row->error));
	atomic_store_explicit(&row->error_ms, now_ms, memory_order_relaxed);
	end_move(row);
}

static int
free_hand(const struct scoreboard_row *row)
{
	size_t i;

	for (i = 0; i < nitems(row->hands); i++)
		if (atomic_load_explicit(&row->hands[i].state,
			memory_order_relaxed) == SCOREBOARD_HAND_FREE)
			return (int)i;
	return -1;
}

int
scoreboard_take(struct scoreboard_row *row, const char *id,
    const char *receipt_handle, uint32_t receive_count, int64_t now_ms,
    int64_t visible_at_ms)
{
	struct scoreboard_hand *h;
	size_t handle_size;
	int hand = free_hand(row);

	if (hand == -1)
		return -1;
	begin_move(row, SCOREBOARD_RECEIVED);
	h = &row->hands[hand];
	/* Nothing below may show before the state that freed this hand. */
	atomic_thread_fence(memory_order_release);
	h->receive_count = receive_count;
	h->since_ms = now_ms;
	h->visible_at_ms = visible_at_ms;
	(void)strlcpy(h->id, id, sizeof(h->id));
	/* Part of a receipt handle is of no use. */
	handle_size = strlen(receipt_handle) + 1;
	if (handle_size <= sizeof(h->receipt_handle))
		memcpy(h->receipt_handle, receipt_handle, handle_size);
	else
		h->receipt_handle[0] = '\0';
	set_state(h, SCOREBOARD_HAND_HELD);
	scoreboard_count(row, SCOREBOARD_RECEIVED, 1);
	end_move(row);
	return hand;
}

void
scoreboard_set_hand(struct scoreboard_row *row, int hand,
    enum scoreboard_hand_state state, int64_t now_ms)
{
	struct scoreboard_hand *h = &row->hands[hand];

	if (state == SCOREBOARD_HAND_WORKING)
		h->since_ms = now_ms;
	set_state(h, state);
}

void
scoreboard_set_visible_at(struct scoreboard_row *row, int hand,
    int64_t visible_at_ms)
{
	row->hands[hand].visible_at_ms = visible_at_ms;
}

void
scoreboard_drop(struct scoreboard_row *row, int hand,
    enum scoreboard_counter outcome)
{
	begin_move(row, outcome);
	set_state(&row->hands[hand], SCOREBOARD_HAND_FREE);
	scoreboard_count(row, outcome, 1);
	end_move(row);
}

/*
 * A child that is killed in this function has counted fewer messages than it
 * left to their timeout.
 */
void
scoreboard_count_expired(struct scoreboard_row *row, uint64_t n)
{
	while (n-- > 0) {
		begin_move(row, SCOREBOARD_RECEIVED);
		scoreboard_count(row, SCOREBOARD_EXPIRED, 1);
		scoreboard_count(row, SCOREBOARD_RECEIVED, 1);
		end_move(row);
	}
}
