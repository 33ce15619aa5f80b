/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The row of a dead child: the supervisor repairs it, judges whether it can be
 * believed, and hands the messages in it to a releaser, which counts what
 * becomes of them.
 */
#ifndef COMMON_IPC_SCOREBOARD_DEATH_H
#define COMMON_IPC_SCOREBOARD_DEATH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/ipc/scoreboard.h"
#include "common/ipc/scoreboard_snapshot.h"

/*
 * Ends the move of a message in the middle of which the child died, so that
 * hands and counters agree.  at_fork: the row's counts when it was forked.
 */
void scoreboard_finish_move(struct scoreboard_row *row,
    const struct scoreboard_counts *at_fork);
/*
 * To be called after scoreboard_finish_move: could the child have left this
 * row, if n messages from its hands were given back before its death?  If not,
 * the row is garbage that the child has written and nothing in it can be
 * believed; scoreboard_restore makes it what it was at the fork.
 */
bool scoreboard_is_sane(const struct scoreboard_row *row,
    const struct scoreboard_counts *at_fork, size_t n);
void scoreboard_restore(struct scoreboard_row *row,
    const struct scoreboard_counts *at_fork);

/* Leaves it to a releaser to count n messages that the dead child held. */
void scoreboard_hand_over(struct scoreboard_row *row, size_t n);
/* In the releaser: one of these messages has ended. */
void scoreboard_count_recovered(struct scoreboard_row *row,
    enum scoreboard_counter outcome);
/*
 * No releaser is left: the messages that are not counted yet wait for their
 * timeout.
 */
void scoreboard_abandon(struct scoreboard_row *row);

#endif
