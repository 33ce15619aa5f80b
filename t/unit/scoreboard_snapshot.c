/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What a reader finds: in garbage, and beside a writer.
 */
#include "common/ipc/scoreboard_snapshot.h"

#include <sys/wait.h>

#include <sched.h>
#include <signal.h>
#include <unistd.h>

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

/* A hand that says something else than it should. */
static struct scoreboard_hand *
spoil(struct scoreboard_row *row)
{
	scoreboard_row_prepare(row, NOW);
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
	scoreboard_row_free(row);
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
	scoreboard_row_free(row);
}

int
main(void)
{
	test_garbage(scoreboard_row_new());
	test_concurrent_reader(scoreboard_row_new());
	return tap_done();
}
