/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The page of a queue.  See queue_board.h.
 */
#include "common/ipc/queue_board.h"

#include <sys/mman.h>

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "common/ipc/lease.h"

#include "common/base/banned.h"

struct queue_board *
queue_board_new(void)
{
	return scoreboard_map(sizeof(struct queue_board));
}

void
queue_board_free(struct queue_board *board)
{
	if (board != NULL)
		(void)munmap(board, sizeof(*board));
}

void
queue_board_seal(struct queue_board *board)
{
	if (sysconf(_SC_PAGESIZE) <= SCOREBOARD_PAGE)
		(void)mprotect(board, offsetof(struct queue_board, turns),
		    PROT_READ);
}

static struct queue_board_poison *
find_poison(struct queue_board *board, const char *id)
{
	size_t i;

	for (i = 0; i < nitems(board->poison); i++)
		if (strncmp(board->poison[i].id, id, SCOREBOARD_ID_MAX) == 0)
			return &board->poison[i];
	return NULL;
}

void
queue_board_add_poison(struct queue_board *board, const char *id,
    uint32_t deaths)
{
	struct queue_board_poison *p = find_poison(board, id);

	if (p == NULL) {
		p = &board->poison[board->n_poison++ % nitems(board->poison)];
		atomic_store_explicit(&p->deaths, 0, memory_order_relaxed);
		atomic_thread_fence(memory_order_release);
		(void)strlcpy(p->id, id, sizeof(p->id));
	}
	atomic_store_explicit(&p->deaths, deaths, memory_order_release);
}

/* An entry that is being written counts as absent. */
uint32_t
queue_board_deaths(const struct queue_board *board, const char *id)
{
	uint32_t deaths;
	bool same;
	size_t i;

	for (i = 0; board != NULL && i < nitems(board->poison); i++) {
		deaths = atomic_load_explicit(&board->poison[i].deaths,
		    memory_order_acquire);
		same = strncmp(board->poison[i].id, id, SCOREBOARD_ID_MAX) == 0;
		atomic_thread_fence(memory_order_acquire);
		if (deaths > 0 && same &&
		    atomic_load_explicit(&board->poison[i].deaths,
			memory_order_relaxed) != 0)
			return deaths;
	}
	return 0;
}

void
queue_board_count(struct queue_board *board, enum queue_board_event e)
{
	(void)atomic_fetch_add(&board->events[e], 1);
}

bool
queue_board_brake_is_on(const struct queue_board_brake *p)
{
	uint32_t state = atomic_load(&p->state);

	return state == QUEUE_BOARD_BRAKE_FAILING ||
	    state == QUEUE_BOARD_BRAKE_CANNOT_START;
}

void
queue_board_brake_snapshot(const struct queue_board *board, int64_t now_ms,
    struct queue_board_brake_snapshot *ret)
{
	const struct queue_board_brake *p = &board->brake;
	uint32_t state = atomic_load(&p->state);
	int64_t since_ms = atomic_load(&p->since_ms);

	*ret = (struct queue_board_brake_snapshot){
		.is_on = queue_board_brake_is_on(p),
		.cannot_start = state == QUEUE_BOARD_BRAKE_CANNOT_START,
		.has_succeeded = atomic_load(&p->succeeded) != 0,
		.since_ms =
		    since_ms > 0 && since_ms < now_ms ? since_ms : now_ms,
		.trials = atomic_load(&p->trials),
		.holder = lease_holder(atomic_load(&p->lease)),
	};
	(void)scoreboard_copy_text(ret->why, p->why, sizeof(ret->why));
}
