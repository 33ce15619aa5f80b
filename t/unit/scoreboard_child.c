/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What a child writes, as a reader finds it.
 */
#include "common/ipc/scoreboard_child.h"

#include "common/ipc/scoreboard_snapshot.h"
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

static void
test_phase_and_counters(struct scoreboard_row *row)
{
	const struct scoreboard_snapshot *s;

	scoreboard_set_phase(row, SCOREBOARD_POLLING, NOW - 70);
	scoreboard_set_progress(row, NOW - 20);
	scoreboard_count(row, SCOREBOARD_RECEIVED, 3);
	scoreboard_count(row, SCOREBOARD_RECEIVED, 4);
	scoreboard_count(row, SCOREBOARD_JOB_TIMEOUTS, 1);
	s = look(row);
	is_int(s->phase, SCOREBOARD_POLLING, "a phase is seen");
	is_int(s->phase_since_ms, NOW - 70, "with its beginning");
	is_int(s->progress_ms, NOW - 20, "and the last turn of the loop");
	is_int(s->counters[SCOREBOARD_RECEIVED], 7, "counts add up");
	is_int(s->counters[SCOREBOARD_JOB_TIMEOUTS], 1, "each for itself");
}

static void
test_trouble(struct scoreboard_row *row)
{
	const struct scoreboard_snapshot *s;
	char text[SCOREBOARD_ERROR_MAX + 2];
	struct error e;

	is_int(look(row)->trouble_since_ms, 0, "a new row is in no trouble");
	is_str(look(row)->error, "", "and has no error");
	scoreboard_set_trouble(row, true, NOW - 9);
	scoreboard_set_trouble(row, true, NOW - 3);
	is_int(look(row)->trouble_since_ms, NOW - 9,
	    "trouble is told from its beginning");
	scoreboard_set_error(row, "no\nroute", NOW - 2);
	s = look(row);
	is_str(s->error, "no?route", "an error becomes printable");
	is_int(s->error_ms, NOW - 2, "and has its time");
	(void)error_set(&e, ERROR_OPERATOR, "it does not exist");
	scoreboard_set_failure(row, &e, NOW);
	is_str(look(row)->error, "it does not exist",
	    "a failure without a code is its text");
	(void)strlcpy(e.code, "AWS.SimpleQueueService.NonExistentQueue",
	    sizeof(e.code));
	scoreboard_set_failure(row, &e, NOW);
	is_str(look(row)->error, "NonExistentQueue: it does not exist",
	    "of a code the last part comes first");
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	scoreboard_set_error(row, text, NOW);
	is_int(strlen(look(row)->error), SCOREBOARD_ERROR_MAX,
	    "a long one is cut");
	memset(row->error, 'y', sizeof(row->error));
	is_int(strlen(look(row)->error), SCOREBOARD_ERROR_MAX,
	    "and one without an end has one");
	scoreboard_set_trouble(row, false, NOW);
	is_int(look(row)->trouble_since_ms, 0, "trouble ends");
	scoreboard_set_trouble(row, true, NOW - 2);
	scoreboard_row_prepare(row, NOW - 1);
	is_int(look(row)->trouble_since_ms, NOW - 2,
	    "a new child alone does not end it");
	scoreboard_set_trouble(row, false, NOW);
	scoreboard_extend_hidden(row, NOW + 7);
	scoreboard_extend_hidden(row, NOW + 3);
	is_int(scoreboard_hidden_until(row), NOW + 7,
	    "of what is hidden the last counts");
}

static void
test_times(struct scoreboard_row *row)
{
	struct scoreboard_sums sums = { .counters = { 0 } };
	const struct scoreboard_snapshot *s;
	uint64_t busy;

	scoreboard_count_time(row, SCOREBOARD_HANDLER_TIME, 2);
	scoreboard_count_time(row, SCOREBOARD_HANDLER_TIME, 2);
	scoreboard_count_time(row, SCOREBOARD_QUEUE_TIME, -50);
	s = look(row);
	is_int(s->times[SCOREBOARD_HANDLER_TIME].counts[1], 2,
	    "times are counted in their bucket");
	is_int(s->times[SCOREBOARD_HANDLER_TIME].sum_ms, 4, "and summed up");
	is_int(s->times[SCOREBOARD_QUEUE_TIME].counts[0], 1,
	    "a time before its beginning is none");
	is_int(s->times[SCOREBOARD_QUEUE_TIME].sum_ms, 0, "at all");
	busy = s->counters[SCOREBOARD_BUSY_MS];
	scoreboard_set_phase(row, SCOREBOARD_BUSY, NOW - 500);
	scoreboard_set_phase(row, SCOREBOARD_POLLING, NOW - 200);
	scoreboard_set_phase(row, SCOREBOARD_READY, NOW - 100);
	s = look(row);
	is_int(s->counters[SCOREBOARD_BUSY_MS] - busy, 300,
	    "the time in the phase busy is counted, no other");
	scoreboard_add(&sums, s);
	scoreboard_add(&sums, s);
	is_int(sums.counters[SCOREBOARD_RECEIVED],
	    2 * s->counters[SCOREBOARD_RECEIVED], "rows add up");
	is_int(sums.times[SCOREBOARD_HANDLER_TIME].sum_ms, 8,
	    "with their times");
	scoreboard_set_phase(row, SCOREBOARD_POLLING, NOW - 70);
}

static void
test_hand(struct scoreboard_row *row)
{
	const struct scoreboard_snapshot *s;
	int hand;

	hand =
	    scoreboard_take(row, "m-1", "AQEB+/==", 3, NOW - 50, NOW + 60000);
	ok(hand >= 0, "a message is taken in hand");
	s = look(row);
	is_int(s->n_held, 1, "and is seen");
	is_int(s->held[0].state, SCOREBOARD_HAND_HELD, "as held");
	is_str(s->held[0].id, "m-1", "with its id");
	is_str(s->held[0].receipt_handle, "AQEB+/==", "its receipt handle");
	is_int(s->held[0].receive_count, 3, "its receive count");
	is_int(s->held[0].since_ms, NOW - 50, "and the time of its receipt");
	is_int(s->counters[SCOREBOARD_RECEIVED], 8, "and is counted");
	scoreboard_set_hand(row, hand, SCOREBOARD_HAND_WORKING, NOW - 40);
	s = look(row);
	is_int(s->held[0].state, SCOREBOARD_HAND_WORKING, "a handler has it");
	is_int(s->held[0].since_ms, NOW - 40, "since it was started");
	scoreboard_set_visible_at(row, hand, NOW + 99);
	is_int(row->hands[hand].visible_at_ms, NOW + 99,
	    "an extension is recorded");
	scoreboard_set_hand(row, hand, SCOREBOARD_HAND_DELETING, NOW - 10);
	s = look(row);
	is_int(s->held[0].state, SCOREBOARD_HAND_DELETING,
	    "it is to be deleted");
	is_int(s->held[0].since_ms, NOW - 40, "the handler's start is kept");
	scoreboard_drop(row, hand, SCOREBOARD_DELETED);
	s = look(row);
	is_int(s->n_held, 0, "a message that is settled is gone");
	is_int(s->counters[SCOREBOARD_DELETED], 1, "and counted by its end");
}

static void
test_all_hands(struct scoreboard_row *row)
{
	const struct scoreboard_snapshot *s;
	char id[16];
	int i, hands[SCOREBOARD_HANDS];

	for (i = 0; i < SCOREBOARD_HANDS; i++) {
		(void)snprintf(id, sizeof(id), "m-%d", i);
		hands[i] = scoreboard_take(row, id, "h", 1, NOW, NOW);
	}
	is_int(look(row)->n_held, SCOREBOARD_HANDS, "all hands can be full");
	is_int(scoreboard_take(row, "more", "h", 1, NOW, NOW), -1,
	    "then nothing more can be taken");
	scoreboard_drop(row, hands[7], SCOREBOARD_RETRIED);
	is_int(scoreboard_take(row, "again", "h", 1, NOW, NOW), hands[7],
	    "until one is free");
	s = look(row);
	is_int(s->n_held, SCOREBOARD_HANDS, "which is then used again");
	scoreboard_row_prepare(row, NOW - 5);
	s = look(row);
	is_int(s->n_held, 0, "a recycled row holds nothing");
	is_int(s->phase, SCOREBOARD_EMPTY, "and is empty");
	is_int(s->phase_since_ms, NOW - 5, "since then");
	is_int(s->progress_ms, NOW - 5, "and counts as alive since then");
	is_int(s->counters[SCOREBOARD_RECEIVED], 29, "but its counters stay");
}

static void
test_long_strings(struct scoreboard_row *row)
{
	char id[SCOREBOARD_ID_MAX + 2], handle[SCOREBOARD_HANDLE_MAX + 2];
	const struct scoreboard_snapshot *s;
	int hand;

	memset(id, 'i', sizeof(id));
	id[sizeof(id) - 1] = '\0';
	memset(handle, 'h', sizeof(handle));
	handle[SCOREBOARD_HANDLE_MAX] = '\0';
	hand = scoreboard_take(row, id, handle, 1, NOW, NOW);
	s = look(row);
	is_str(s->held[0].receipt_handle, handle,
	    "the longest receipt handle is kept");
	is_int(strlen(s->held[0].id), SCOREBOARD_ID_MAX, "a long id is cut");
	scoreboard_drop(row, hand, SCOREBOARD_DELETED);
	handle[SCOREBOARD_HANDLE_MAX] = 'h';
	handle[SCOREBOARD_HANDLE_MAX + 1] = '\0';
	hand = scoreboard_take(row, "m", handle, 1, NOW, NOW);
	is_str(look(row)->held[0].receipt_handle, "",
	    "of a longer receipt handle nothing is kept");
	scoreboard_drop(row, hand, SCOREBOARD_DELETED);
}

int
main(void)
{
	struct scoreboard_row *row = scoreboard_row_new();

	if (!ok(row != NULL, "the memory is there"))
		return tap_done();
	test_phase_and_counters(row);
	test_trouble(row);
	test_times(row);
	test_hand(row);
	test_all_hands(row);
	test_long_strings(row);
	scoreboard_row_free(row);
	return tap_done();
}
