/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The scoreboard: what a child writes and a reader finds, across a fork, a
 * death between two stores, and garbage.
 */
#include "common/ipc/scoreboard.h"

#include <sys/wait.h>

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

enum {
	NOW = 1000000 /* any time will do */
};

static struct scoreboard_snapshot snapshot; /* 85 kB */

static const struct scoreboard_snapshot *
look(const struct scoreboard_row *row)
{
	memset(&snapshot, 0xAA, sizeof(snapshot));
	scoreboard_snapshot(row, NOW, &snapshot);
	return &snapshot;
}

static void
test_new_row(struct scoreboard_row *row)
{
	const struct scoreboard_snapshot *s = look(row);

	is_int(s->phase, SCOREBOARD_EMPTY, "a new row is empty");
	is_int(s->n_held, 0, "and holds nothing");
	is_int(s->counters[SCOREBOARD_RECEIVED], 0, "and has counted nothing");
}

static void
test_phase_and_counters(struct scoreboard_row *row)
{
	const struct scoreboard_snapshot *s;

	scoreboard_set_phase(row, SCOREBOARD_POLLING, NOW - 70);
	scoreboard_progress(row, NOW - 20);
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
	scoreboard_row_recycle(row, NOW - 1);
	is_int(look(row)->trouble_since_ms, NOW - 2,
	    "a new child alone does not end it");
	scoreboard_set_trouble(row, false, NOW);
	scoreboard_hide(row, NOW + 7);
	scoreboard_hide(row, NOW + 3);
	is_int(scoreboard_hidden_until(row), NOW + 7,
	    "of what is hidden the last counts");
}

static void
test_times(struct scoreboard_row *row)
{
	struct scoreboard_sums sums = { .counters = { 0 } };
	const struct scoreboard_snapshot *s;
	uint64_t busy;

	scoreboard_measure(row, SCOREBOARD_HANDLER_TIME, 2);
	scoreboard_measure(row, SCOREBOARD_HANDLER_TIME, 2);
	scoreboard_measure(row, SCOREBOARD_QUEUE_TIME, -50);
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
	scoreboard_hand_set(row, hand, SCOREBOARD_HAND_WORKING, NOW - 40);
	s = look(row);
	is_int(s->held[0].state, SCOREBOARD_HAND_WORKING, "a handler has it");
	is_int(s->held[0].since_ms, NOW - 40, "since it was started");
	scoreboard_hand_visible_at(row, hand, NOW + 99);
	is_int(row->hands[hand].visible_at_ms, NOW + 99,
	    "an extension is recorded");
	scoreboard_hand_set(row, hand, SCOREBOARD_HAND_DELETING, NOW - 10);
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
	scoreboard_row_recycle(row, NOW - 5);
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

/* A hand that says something else than it should. */
static struct scoreboard_hand *
spoil(struct scoreboard_row *row)
{
	scoreboard_row_recycle(row, NOW);
	return &row->hands[scoreboard_take(row, "m-1", "h", 1, NOW, NOW)];
}

static void
test_garbage(struct scoreboard_row *row)
{
	const struct scoreboard_snapshot *s;

	row->moves = 1;
	row->phase = 4000000000U;
	row->phase_since_ms = INT64_MAX;
	row->progress_ms = NOW + 1;
	s = look(row);
	is_int(s->phase, SCOREBOARD_EMPTY, "a phase that is none is empty");
	is_int(s->phase_since_ms, NOW, "no phase begins in the future");
	is_int(s->progress_ms, NOW, "nor was the loop's last turn there");
	row->progress_ms = INT64_MIN;
	is_int(look(row)->progress_ms, 0, "nor before the beginning of time");
	spoil(row)->state = SCOREBOARD_HAND_STATES;
	is_int(look(row)->n_held, 0, "a hand in a state that is none is free");
	spoil(row)->receive_count = 0;
	is_int(look(row)->held[0].receive_count, 1,
	    "a message was received once at least");
	spoil(row)->receive_count = UINT32_MAX;
	is_int(look(row)->held[0].receive_count, 1000000,
	    "and a million times at most");
	spoil(row)->since_ms = INT64_MAX;
	is_int(look(row)->held[0].since_ms, NOW, "and not in the future");
	memcpy(spoil(row)->id, "a\nb\x7F\xFF", 6);
	is_str(look(row)->held[0].id, "a?b??", "an id becomes printable");
	memset(spoil(row)->id, 'x', SCOREBOARD_ID_MAX + 1);
	is_int(strlen(look(row)->held[0].id), SCOREBOARD_ID_MAX,
	    "and terminated");
	memcpy(spoil(row)->receipt_handle, "ab\ncd", 6);
	is_str(look(row)->held[0].receipt_handle, "",
	    "a receipt handle that is not printable is useless");
	memset(spoil(row)->receipt_handle, 'h', SCOREBOARD_HANDLE_MAX + 1);
	s = look(row);
	is_str(s->held[0].receipt_handle, "", "so is one that does not end");
	is_int(s->n_held, 1, "but the message is still told of");
	scoreboard_row_recycle(row, NOW);
}

/* What a child leaves is there after its death, but only in its own row. */
static void
test_fork(struct scoreboard_row *own, struct scoreboard_row *other)
{
	const struct scoreboard_snapshot *s;
	pid_t pid = fork();
	int hand, status;

	if (pid == 0) {
		scoreboard_row_free(other);
		hand = scoreboard_take(own, "m-9", "h", 2, NOW, NOW);
		scoreboard_hand_set(own, hand, SCOREBOARD_HAND_WORKING, NOW);
		(void)raise(SIGKILL);
	}
	(void)waitpid(pid, &status, 0);
	ok(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
	    "a child died with a message in hand");
	s = look(own);
	is_int(s->n_held, 1, "its row tells of the message");
	is_str(s->held[0].id, "m-9", "by its id");
	is_int(s->held[0].state, SCOREBOARD_HAND_WORKING, "and its state");
	is_int(look(other)->n_held, 0,
	    "a row that it had unmapped is still there, and tells of none");
}

/* Where a child can die between two stores, the ledger still adds up. */
static void
test_death_in_a_move(struct scoreboard_row *row)
{
	static struct scoreboard_kept kept;
	const struct scoreboard_snapshot *s;
	int64_t before;
	int hand;

	/* An earlier child has left one to a releaser. */
	scoreboard_count(row, SCOREBOARD_RECEIVED, 1);
	scoreboard_keep(row, &kept);
	before = scoreboard_balance(look(row)->counters);
	hand = scoreboard_take(row, "m", "h", 1, NOW, NOW);
	row->counters[SCOREBOARD_RECEIVED]--;
	row->moves |= 1;
	row->moving = SCOREBOARD_RECEIVED;
	scoreboard_row_close(row, &kept);
	s = look(row);
	is_int(scoreboard_balance(s->counters) - before, 1,
	    "a message taken in the moment of death is counted as received");
	is_int(row->moves % 2, 0, "and the move is over");
	scoreboard_row_close(row, &kept);
	is_int(scoreboard_balance(look(row)->counters) - before, 1,
	    "a row that is in order stays as it is");
	scoreboard_drop(row, hand, SCOREBOARD_REJECTED);
	row->counters[SCOREBOARD_REJECTED]--;
	row->moves |= 1;
	scoreboard_row_close(row, &kept);
	is_int(scoreboard_balance(look(row)->counters) - before, 0,
	    "one settled in the moment of death is counted by its end");
	scoreboard_pass(row, 2);
	row->counters[SCOREBOARD_RECEIVED]--;
	row->moves |= 1;
	row->moving = SCOREBOARD_RECEIVED;
	scoreboard_row_close(row, &kept);
	is_int(scoreboard_balance(look(row)->counters) - before, 0,
	    "so is one left to its timeout");
	row->moves |= 1;
	row->moving = UINT32_MAX;
	scoreboard_row_close(row, &kept);
	is_int(row->moves % 2, 0, "garbage ends the move as well");
}

static void
test_written_over(struct scoreboard_row *row)
{
	static struct scoreboard_kept kept;
	int hand;

	/* A hundred were left to releasers, which count for themselves. */
	scoreboard_count(row, SCOREBOARD_RECEIVED, 103);
	scoreboard_count(row, SCOREBOARD_DELETED, 3);
	scoreboard_measure(row, SCOREBOARD_HANDLER_TIME, 5);
	scoreboard_keep(row, &kept);
	hand = scoreboard_take(row, "id", "handle", 1, NOW, NOW);
	ok(hand != -1 && scoreboard_is_sane(row, &kept, 0),
	    "row 24: a row with a message in hand is no garbage");
	row->hands[hand].state = SCOREBOARD_HAND_FREE;
	ok(!scoreboard_is_sane(row, &kept, 0),
	    "row 24: one that has lost it is");
	ok(scoreboard_is_sane(row, &kept, 1),
	    "row 24: unless it was given back");
	row->hands[hand].state = SCOREBOARD_HAND_STATES;
	ok(!scoreboard_is_sane(row, &kept, 0),
	    "row 24: and one in whose hands is something else");
	row->hands[hand].state = SCOREBOARD_HAND_HELD;
	memset(row, 0xA5, offsetof(struct scoreboard_row, recovering));
	ok(!scoreboard_is_sane(row, &kept, 0),
	    "row 24: one that is written over is");
	scoreboard_restore(row, &kept);
	scoreboard_row_recycle(row, NOW);
	ok(scoreboard_is_sane(row, &kept, 0),
	    "row 24: it is made what it was at the fork");
	is_int((long long)look(row)->counters[SCOREBOARD_DELETED], 3,
	    "row 24: with its counters");
	is_int(look(row)->times[SCOREBOARD_HANDLER_TIME].sum_ms, 5,
	    "row 24: and its times");
	is_str(look(row)->error, "", "row 24: and no error");
	memset(&row->counters, 0, sizeof(row->counters));
	ok(!scoreboard_is_sane(row, &kept, 0),
	    "row 24: counters that fell are garbage, too");
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
	scoreboard_row_recycle(row, NOW);
	is_int(look(row)->n_recovering, 3,
	    "what a dead child held is with a releaser");
	scoreboard_recovered(row, SCOREBOARD_RELEASED);
	scoreboard_recovered(row, SCOREBOARD_DELETED);
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

/* A queue's page is written by the supervisor while children live. */
static void
test_queue(void)
{
	struct scoreboard_queue *q = scoreboard_queue_new();
	pid_t pid;
	int status;

	if (!ok(q != NULL, "the memory for a queue is there"))
		return;
	is_int(q->paused, 0, "a new queue is not paused");
	pid = fork();
	if (pid == 0) {
		while (q->paused == 0)
			(void)sched_yield();
		_exit(0);
	}
	q->paused = 1;
	(void)waitpid(pid, &status, 0);
	is_int(status, 0, "a child sees that it is");
	scoreboard_queue_free(q);
}

static void
test_pages(const struct scoreboard_row *a, const struct scoreboard_row *b)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	ok((uintptr_t)a % page == 0 && (uintptr_t)b % page == 0,
	    "each row begins a page");
}

/* A reader beside a writer: what it finds always belongs together. */
static _Noreturn void
write_forever(struct scoreboard_row *row)
{
	static const char *const ids[] = { "aaaaaaaa", "bbbbbbbb" };
	unsigned i;
	int hand;

	for (i = 0;; i++) {
		hand = scoreboard_take(row, ids[i % 2], ids[i % 2], i % 2 + 1,
		    NOW, NOW);
		(void)sched_yield();
		scoreboard_drop(row, hand, SCOREBOARD_RELEASED);
	}
}

static void
test_concurrent_reader(struct scoreboard_row *row)
{
	const struct scoreboard_snapshot *s;
	bool well_formed = true;
	size_t seen = 0, torn = 0, i;
	pid_t pid = fork();

	if (pid == 0)
		write_forever(row);
	while (look(row)->counters[SCOREBOARD_RECEIVED] == 0)
		(void)sched_yield();
	for (i = 0; i < 2000; i++) {
		if (!scoreboard_snapshot(row, NOW, &snapshot))
			continue;
		s = &snapshot;
		well_formed = well_formed && s->n_held <= 1;
		torn += s->counters[SCOREBOARD_RECEIVED] !=
		    s->counters[SCOREBOARD_RELEASED] + s->n_held;
		if (s->n_held == 0)
			continue;
		seen++;
		well_formed = well_formed && strlen(s->held[0].id) == 8 &&
		    s->held[0].state == SCOREBOARD_HAND_HELD;
	}
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
	ok(well_formed, "a reader beside a writer finds nothing malformed");
	is_int(torn, 0, "and no message missing or counted twice");
	printf("# a message was seen in %zu of %zu snapshots\n", seen, i);
	scoreboard_row_recycle(row, NOW);
}

static void
test_names(void)
{
	int i;

	for (i = 0; i < SCOREBOARD_PHASES; i++)
		ok(strcmp(scoreboard_phase_name((enum scoreboard_phase)i),
		       "unknown") != 0,
		    "a phase has a name");
	for (i = 0; i < SCOREBOARD_COUNTERS; i++)
		ok(strcmp(scoreboard_counter_name((enum scoreboard_counter)i),
		       "unknown") != 0,
		    "a counter has a name");
	is_str(scoreboard_phase_name(SCOREBOARD_PHASES), "unknown",
	    "what is not a phase has none");
}

int
main(void)
{
	struct scoreboard_row *row = scoreboard_row_new();
	struct scoreboard_row *other = scoreboard_row_new();

	if (!ok(row != NULL && other != NULL, "the memory is there"))
		return tap_done();
	test_pages(row, other);
	test_new_row(row);
	test_phase_and_counters(row);
	test_trouble(row);
	test_times(row);
	test_hand(row);
	test_all_hands(row);
	test_long_strings(row);
	test_garbage(row);
	test_fork(row, other);
	test_death_in_a_move(scoreboard_row_new());
	test_written_over(scoreboard_row_new());
	test_recovery(scoreboard_row_new());
	test_queue();
	test_concurrent_reader(other);
	test_names();
	scoreboard_row_free(row);
	scoreboard_row_free(other);
	scoreboard_row_free(NULL);
	scoreboard_queue_free(NULL);
	return tap_done();
}
