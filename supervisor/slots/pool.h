/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The pool: a place for each child of each queue.  A place is a slot, its row
 * on the scoreboard, and what is known of its last child.  Queues and places
 * come and go with the settings in force and with an operator's requests; none
 * moves in memory while it exists.
 *
 * A child keeps the settings that it was started from, and so does its place:
 * these settings decide how the child is watched, and how the messages that it
 * held are given back.
 */
#ifndef SUPERVISOR_SLOTS_POOL_H
#define SUPERVISOR_SLOTS_POOL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ipc/queue_board.h"
#include "common/ipc/scoreboard_snapshot.h"
#include "common/settings/settings.h"
#include "supervisor/slots/slot.h"

enum {
	PLACE_REASON_MAX = 96
};

/* Settings, kept until no child that was started from them is left. */
struct pool_config {
	struct settings *settings;
	size_t users;
};

struct pool_queue {
	char *name;
	const struct queue_settings
	    *settings; /* in force; NULL: it has to go */
	size_t wanted; /* children */
	struct queue_board *shared;
	int idle_pollers_fd;         /* eventfd among its children; not ours */
	bool served;                 /* a child has been ready */
	struct scoreboard_sums past; /* of places that are gone */
	struct scoreboard_sums told; /* to the reporter, at told_ms */
	int64_t told_ms;             /* 0: never */
};

struct place {
	struct slot slot;
	struct pool_queue *queue;
	unsigned number; /* within the queue */
	struct scoreboard_row *row;
	/* The settings that its child was, or is to be, started from. */
	struct pool_config *config;
	const struct queue_settings *settings;
	struct slot_policy policy;
	/* The counts of its slot when the child was forked. */
	struct scoreboard_counts at_fork;
	unsigned releasers; /* under way for what its dead children held */
	pid_t ghost;        /* the dead child's session, while it has members */
	bool unkillable;    /* its child; what it held is given back */
	bool lost;          /* its child; another one replaces it */
	size_t given_back;  /* messages of such a child, before its end */
	char reason[PLACE_REASON_MAX]; /* of the last abnormal death */
};

struct credentials_share;

struct pool {
	struct pool_config *config; /* in force */
	struct place **places;      /* by queue, then by number */
	size_t n;
	struct pool_queue **queues;
	size_t n_queues;
	uint64_t past[SCOREBOARD_COUNTERS];    /* of queues that are gone */
	struct credentials_share *credentials; /* of the children; not read */
};

/*
 * Makes the queues and places that the settings name.  Takes the settings over.
 * Returns -1 with errno if memory is refused; then there is no pool.
 */
int pool_open(struct pool *pool, struct settings *settings, int64_t now_ms);
void pool_release(struct pool *pool);

/*
 * Puts other settings in force, and takes them over: new queues are added,
 * queues that are not named any more are marked to go, and wanted becomes the
 * number in the settings.  The caller adds and ends places.  Returns -1 with
 * errno if memory is refused; then nothing has changed, and the settings are
 * still the caller's.
 */
int pool_adopt(struct pool *pool, struct settings *settings);
/* The settings in force. */
const struct settings *pool_settings(const struct pool *pool);
/* Has this place's child been started from other settings? */
bool pool_is_stale(const struct pool *pool, const struct place *p);
/* Called before a fork: the place gets the settings in force. */
void pool_renew(struct pool *pool, struct place *p);

/* A new place with the lowest free number; NULL with errno. */
struct place *pool_add(struct pool *pool, struct pool_queue *q, int64_t now_ms);
/*
 * Removes places that are stopped for good, and then queues that have to go and
 * have no place left.  The sums keep what these counted.
 */
void pool_sweep(struct pool *pool, int64_t now_ms);

/* The place of this child; NULL: no child of the pool has this pid. */
struct place *pool_find(const struct pool *pool, pid_t pid);
/* NULL: there is none. */
struct place *pool_find_slot(const struct pool *pool, const char *queue,
    unsigned number);
/* NULL: there is none, or it has to go. */
struct pool_queue *pool_find_queue(const struct pool *pool, const char *name);

/* Has each queue had a ready child? */
bool pool_is_served(const struct pool *pool);
/* The earliest deadline of all slots. */
int64_t pool_deadline(const struct pool *pool);

/*
 * In a new process: unmaps what belongs to other places; NULL: to all places.
 */
void pool_keep_only(const struct pool *pool, const struct place *own);

#endif
