/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The pool: a place for each child of each queue.  A place is a slot, its row
 * on the scoreboard, and what is known of whoever was there last.  Places and
 * queues stay where they are in memory.
 */
#ifndef SUPERVISOR_POOL_H
#define SUPERVISOR_POOL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/scoreboard.h"
#include "common/settings.h"
#include "supervisor/slot.h"

enum {
	PLACE_REASON_MAX = 96
};

struct pool_queue {
	const struct queue_settings *settings;
	struct slot_policy policy;
	struct scoreboard_queue *shared;
	bool served; /* a child has been ready */
};

struct place {
	struct slot slot;
	struct pool_queue *queue;
	unsigned number; /* within the queue */
	struct scoreboard_row *row;
	pid_t ghost; /* the dead child's session, while it has members */
	char reason[PLACE_REASON_MAX]; /* of the last abnormal death */
};

struct pool {
	struct place **places;
	size_t n;
	struct pool_queue **queues;
	size_t n_queues;
};

/* Borrows the settings.  Returns -1 with errno if memory is refused. */
int pool_open(struct pool *pool, const struct settings *settings,
    int64_t now_ms);
void pool_release(struct pool *pool);

/* In a child: unmaps what belongs to other places; NULL: to all. */
void pool_keep_only(const struct pool *pool, const struct place *own);

/* The place of this child; NULL: it is none of ours. */
struct place *pool_find(const struct pool *pool, pid_t pid);

size_t pool_count(const struct pool *pool, enum slot_state state);
size_t pool_live(const struct pool *pool);
/* Has each queue had a ready child? */
bool pool_is_served(const struct pool *pool);
/* The earliest deadline of all slots. */
int64_t pool_deadline(const struct pool *pool);

/* "jobs 8/8 ready, mail 1/2 ready", or "stopping, 3 left". */
void pool_describe(const struct pool *pool, bool stopping, char *ret,
    size_t size);

#endif
