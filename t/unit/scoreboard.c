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
