/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The memory of the scoreboard: a row across a fork, and its names.
 */
#include "common/ipc/scoreboard.h"

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "common/base/xalloc.h"
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
test_pages(const struct scoreboard_row *a, const struct scoreboard_row *b)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	ok((uintptr_t)a % page == 0 && (uintptr_t)b % page == 0,
	    "each row begins a page");
}

static void
test_new_row(struct scoreboard_row *row)
{
	const struct scoreboard_snapshot *s = look(row);

	is_int(s->phase, SCOREBOARD_EMPTY, "a new row is empty");
	is_int(s->n_held, 0, "and holds nothing");
	is_int(s->counters[SCOREBOARD_RECEIVED], 0, "and has counted nothing");
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
		scoreboard_set_hand(own, hand, SCOREBOARD_HAND_WORKING, NOW);
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
	    "a row with a message in hand is no garbage");
	row->hands[hand].state = SCOREBOARD_HAND_FREE;
	ok(!scoreboard_is_sane(row, &kept, 0),
	    "one that has lost it is");
	ok(scoreboard_is_sane(row, &kept, 1),
	    "unless it was given back");
	row->hands[hand].state = SCOREBOARD_HAND_STATES;
	ok(!scoreboard_is_sane(row, &kept, 0),
	    "and one in whose hands is something else");
	row->hands[hand].state = SCOREBOARD_HAND_HELD;
	memset(row, 0xA5, offsetof(struct scoreboard_row, recovering));
	ok(!scoreboard_is_sane(row, &kept, 0),
	    "one that is written over is");
	scoreboard_restore(row, &kept);
	scoreboard_row_recycle(row, NOW);
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

static void
test_copy_text(void)
{
	char copy[4];

	ok(scoreboard_copy_text(copy, "abc", sizeof(copy)) &&
		strcmp(copy, "abc") == 0,
	    "a text is copied");
	ok(!scoreboard_copy_text(copy, "a\tc", sizeof(copy)) &&
		strcmp(copy, "a?c") == 0,
	    "what is not printable is masked, and told");
	ok(!scoreboard_copy_text(copy, "abcd", sizeof(copy)) &&
		strcmp(copy, "abc") == 0,
	    "so is a text without an end");
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
	test_fork(row, other);
	test_names();
	test_copy_text();
	scoreboard_row_free(row);
	scoreboard_row_free(other);
	scoreboard_row_free(NULL);
	return tap_done();
}
