/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The row of a dead child: a death between two stores, garbage, and what
 * releasers count.
 */
#include "common/ipc/scoreboard_death.h"

#include <stddef.h>

#include "common/ipc/scoreboard_child.h"
#include "t/unit/tap.h"

enum {
	NOW = 1000000 /* any time will do */
};

static struct scoreboard_snapshot snapshot; /* 85 kB */

static const struct scoreboard_snapshot *
look(const struct scoreboard_row *row)
{
	memset(&snapshot, 0xAA, sizeof(snapshot));
	(void)scoreboard_snapshot(row, NOW, &snapshot);
	return &snapshot;
}

/* Where a child can die between two stores, the ledger still adds up. */
static void
test_death_in_a_move(struct scoreboard_row *row)
{
	static struct scoreboard_counts kept;
	const struct scoreboard_snapshot *s;
	int64_t before;
	int hand;

	/* An earlier child has left one to a releaser. */
	scoreboard_count(row, SCOREBOARD_RECEIVED, 1);
	scoreboard_copy_counts(row, &kept);
	before = scoreboard_balance(look(row)->counters);
	hand = scoreboard_take(row, "m", "h", 1, NOW, NOW);
	row->counters[SCOREBOARD_RECEIVED]--;
	row->moves |= 1;
	row->moving = SCOREBOARD_RECEIVED;
	scoreboard_finish_move(row, &kept);
	s = look(row);
	is_int(scoreboard_balance(s->counters) - before, 1,
	    "a message taken in the moment of death is counted as received");
	is_int(row->moves % 2, 0, "and the move is over");
	scoreboard_finish_move(row, &kept);
	is_int(scoreboard_balance(look(row)->counters) - before, 1,
	    "a row that is in order stays as it is");
	scoreboard_drop(row, hand, SCOREBOARD_REJECTED);
	row->counters[SCOREBOARD_REJECTED]--;
	row->moves |= 1;
	scoreboard_finish_move(row, &kept);
	is_int(scoreboard_balance(look(row)->counters) - before, 0,
	    "one settled in the moment of death is counted by its end");
	scoreboard_count_expired(row, 2);
	row->counters[SCOREBOARD_RECEIVED]--;
	row->moves |= 1;
	row->moving = SCOREBOARD_RECEIVED;
	scoreboard_finish_move(row, &kept);
	is_int(scoreboard_balance(look(row)->counters) - before, 0,
	    "so is one left to its timeout");
	row->moves |= 1;
	row->moving = UINT32_MAX;
	scoreboard_finish_move(row, &kept);
	is_int(row->moves % 2, 0, "garbage ends the move as well");
}

static void
test_written_over(struct scoreboard_row *row)
{
	static struct scoreboard_counts kept;
	int hand;

	/* A hundred were left to releasers, which count for themselves. */
	scoreboard_count(row, SCOREBOARD_RECEIVED, 103);
	scoreboard_count(row, SCOREBOARD_DELETED, 3);
	scoreboard_count_time(row, SCOREBOARD_HANDLER_TIME, 5);
	scoreboard_copy_counts(row, &kept);
	hand = scoreboard_take(row, "id", "handle", 1, NOW, NOW);
	ok(hand != -1 && scoreboard_is_sane(row, &kept, 0),
	    "a row with a message in hand is no garbage");
	row->hands[hand].state = SCOREBOARD_HAND_FREE;
	ok(!scoreboard_is_sane(row, &kept, 0), "one that has lost it is");
	ok(scoreboard_is_sane(row, &kept, 1), "unless it was given back");
	row->hands[hand].state = SCOREBOARD_HAND_STATES;
	ok(!scoreboard_is_sane(row, &kept, 0),
	    "and one in whose hands is something else");
	row->hands[hand].state = SCOREBOARD_HAND_HELD;
	memset(row, 0xA5, offsetof(struct scoreboard_row, recovering));
	ok(!scoreboard_is_sane(row, &kept, 0), "one that is written over is");
	scoreboard_restore(row, &kept);
	scoreboard_row_prepare(row, NOW);
	ok(scoreboard_is_sane(row, &kept, 0),
	    "it is made what it was at the fork");
	is_int((long long)look(row)->counters[SCOREBOARD_DELETED], 3,
	    "with its counters");
	is_int(look(row)->times[SCOREBOARD_HANDLER_TIME].sum_ms, 5,
	    "and its times");
	is_str(look(row)->error, "", "and no error");
	memset(&row->counters, 0, sizeof(row->counters));
	ok(!scoreboard_is_sane(row, &kept, 0),
	    "counters that fell are garbage, too");
	scoreboard_row_free(row);
}

static void
test_recovery(struct scoreboard_row *row)
{
	uint64_t own[SCOREBOARD_COUNTERS];
	const struct scoreboard_snapshot *s;
	int64_t before = scoreboard_balance(look(row)->counters);
	int i;

	for (i = 0; i < 3; i++)
		(void)scoreboard_take(row, "m", "h", 1, NOW, NOW);
	scoreboard_hand_over(row, look(row)->n_held);
	scoreboard_row_prepare(row, NOW);
	is_int(look(row)->n_recovering, 3,
	    "what a dead child held is with a releaser");
	scoreboard_count_recovered(row, SCOREBOARD_RELEASED);
	scoreboard_count_recovered(row, SCOREBOARD_DELETED);
	scoreboard_counters(row, own);
	s = look(row);
	is_int(s->n_recovering, 1, "less what that has done");
	is_int(s->counters[SCOREBOARD_RELEASED] - own[SCOREBOARD_RELEASED], 1,
	    "which counts for the slot, not for its next child");
	is_int(scoreboard_balance(s->counters) - before,
	    (long long)s->n_recovering, "and the ledger adds up");
	scoreboard_abandon(row);
	s = look(row);
	is_int(s->n_recovering, 0, "when the releaser is gone");
	is_int(s->recovered[SCOREBOARD_EXPIRED], 1,
	    "what it has not done is left to its timeout");
	is_int(scoreboard_balance(s->counters) - before, 0,
	    "and nothing is missing");
}

int
main(void)
{
	test_death_in_a_move(scoreboard_row_new());
	test_written_over(scoreboard_row_new());
	test_recovery(scoreboard_row_new());
	return tap_done();
}
