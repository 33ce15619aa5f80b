/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading the scoreboard.  A child that has gone mad can write garbage into its
 * row, so readers take a validated copy of it.
 */
#ifndef COMMON_IPC_SCOREBOARD_SNAPSHOT_H
#define COMMON_IPC_SCOREBOARD_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ipc/histogram.h"
#include "common/ipc/queue_board.h"
#include "common/ipc/scoreboard.h"

struct scoreboard_held {
	enum scoreboard_hand_state state; /* never FREE */
	uint32_t receive_count;           /* 1 ... 1,000,000 */
	int64_t since_ms;                 /* never later than now */
	char id[SCOREBOARD_ID_MAX + 1];   /* printable, terminated */
	char receipt_handle[SCOREBOARD_HANDLE_MAX + 1]; /* printable ASCII */
};
struct scoreboard_snapshot {
	enum scoreboard_phase phase;
	int64_t progress_ms; /* never later than now */
	int64_t phase_since_ms;
	int64_t trouble_since_ms; /* 0: none; never later than now */
	int64_t error_ms;         /* never later than now */
	char error[SCOREBOARD_ERROR_MAX + 1];    /* printable, terminated */
	uint64_t counters[SCOREBOARD_COUNTERS];  /* all that follow included */
	uint64_t recovered[SCOREBOARD_COUNTERS]; /* counted by releasers */
	uint64_t n_recovering;                   /* with releasers */
	struct histogram times[SCOREBOARD_TIMES];
	size_t n_held;
	struct scoreboard_held held[SCOREBOARD_HANDS];
};
/*
 * Whatever the row holds, the copy is well formed.  Returns whether its hands
 * and counters are of one moment, which fails only when the child was stopped
 * between two stores.  A hand that a living child changes meanwhile may be left
 * out or mix two messages: give messages back only by the row of a dead child.
 */
bool scoreboard_snapshot(const struct scoreboard_row *row, int64_t now_ms,
    struct scoreboard_snapshot *ret);

/*
 * The messages received less those that ended: the messages in hand and, if the
 * counters include those of releasers, the messages that releasers have.  Pure.
 */
int64_t scoreboard_balance(const uint64_t counters[SCOREBOARD_COUNTERS]);

/* Hands that hold a message; less work than a snapshot. */
int64_t scoreboard_full_hands(const struct scoreboard_row *row);
/* The same, and the messages that releasers have. */
uint64_t scoreboard_in_hand(const struct scoreboard_row *row);

/* The counts of the children of a slot, without those of its releasers. */
struct scoreboard_counts {
	uint64_t counters[SCOREBOARD_COUNTERS];
	struct histogram times[SCOREBOARD_TIMES];
};
void scoreboard_copy_counts(const struct scoreboard_row *row,
    struct scoreboard_counts *ret);
/* The counters alone. */
void scoreboard_counters(const struct scoreboard_row *row,
    uint64_t ret[SCOREBOARD_COUNTERS]);

/* All that a queue has counted since sqsherd began. */
struct scoreboard_sums {
	uint64_t counters[SCOREBOARD_COUNTERS];
	struct histogram times[SCOREBOARD_TIMES];
	uint64_t events[QUEUE_BOARD_EVENTS];
};
/* Adds a row's counters and times. */
void scoreboard_add(struct scoreboard_sums *to,
    const struct scoreboard_snapshot *row);

#endif
