/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Writes the row of a child in the scoreboard.  A hand is a number that
 * scoreboard_take returned.
 */
#ifndef COMMON_IPC_SCOREBOARD_CHILD_H
#define COMMON_IPC_SCOREBOARD_CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/ipc/scoreboard.h"

/*
 * In the supervisor, before a child is forked: makes the row that of a new
 * child.  The counters, the last error and the trouble of the slot stay: that a
 * child is new does not end its trouble.
 */
void scoreboard_row_prepare(struct scoreboard_row *row, int64_t now_ms);
void scoreboard_free_hands(struct scoreboard_row *row);

/* The loop turned. */
void scoreboard_set_progress(struct scoreboard_row *row, int64_t now_ms);
void scoreboard_set_phase(struct scoreboard_row *row,
    enum scoreboard_phase phase, int64_t now_ms);
void scoreboard_set_ask(struct scoreboard_row *row, enum scoreboard_ask ask);
void scoreboard_count(struct scoreboard_row *row, enum scoreboard_counter c,
    uint64_t n);
void scoreboard_count_time(struct scoreboard_row *row, enum scoreboard_time t,
    int64_t ms);

/* Trouble keeps its beginning when it is set again. */
void scoreboard_set_trouble(struct scoreboard_row *row, bool in_trouble,
    int64_t now_ms);
bool scoreboard_is_in_trouble(const struct scoreboard_row *row);
/*
 * A message could not be settled and is hidden until until_ms; of several
 * such times the last counts.
 */
void scoreboard_extend_hidden(struct scoreboard_row *row, int64_t until_ms);
int64_t scoreboard_hidden_until(const struct scoreboard_row *row);

/* The last error of a child: a text, or what a call failed with. */
void scoreboard_set_error(struct scoreboard_row *row, const char *text,
    int64_t now_ms);
/*
 * Of a code that has parts only the last is kept, so that the text begins with
 * what tells most: "NonExistentQueue: ...".
 */
void scoreboard_set_failure(struct scoreboard_row *row, const struct error *e,
    int64_t now_ms);

/* Takes a free hand and counts the message as received; -1: there is none. */
int scoreboard_take(struct scoreboard_row *row, const char *id,
    const char *receipt_handle, uint32_t receive_count, int64_t now_ms,
    int64_t visible_at_ms);
void scoreboard_set_hand(struct scoreboard_row *row, int hand,
    enum scoreboard_hand_state state, int64_t now_ms);
void scoreboard_set_visible_at(struct scoreboard_row *row, int hand,
    int64_t visible_at_ms);
/* Frees the hand and counts its message by its outcome. */
void scoreboard_drop(struct scoreboard_row *row, int hand,
    enum scoreboard_counter outcome);
/*
 * Counts n messages that were received and are left to their timeout without
 * having been in a hand.
 */
void scoreboard_count_expired(struct scoreboard_row *row, uint64_t n);

#endif
