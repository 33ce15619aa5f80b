/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Who polls an empty queue.  With idle_pollers = n that is whoever holds one of
 * n turns, on the page of the queue that all its children share; the others
 * sleep.  A child whose receive brings messages gives its turn up, counts a
 * find on that page, and wakes all: each then polls until it comes back empty,
 * and asks for a turn again.
 *
 * A turn is a lease, taken, renewed and given up by compare-and-swap: the
 * number of a slot and a time.  A child that dies or is stopped with one
 * leaves nothing to be cleaned up, for others take it when that time is over,
 * or the child that follows in the same slot at once.  One that dies between
 * a find and the wake-up keeps nobody asleep beyond that time, either.
 *
 * Sleepers are woken by an eventfd that nobody reads: each child watches it
 * through an epoll of its own, edge-triggered, so that each write is an event
 * for each of them.  It is not written to when nobody has gone to sleep since
 * the last time.
 */
#ifndef CHILD_RECEIVE_IDLE_POLLERS_H
#define CHILD_RECEIVE_IDLE_POLLERS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ipc/queue_board.h"

enum {
	IDLE_POLLERS_LEASE_MS = 3000,
	IDLE_POLLERS_RENEW_MS = 1000
};

struct idle_pollers {
	struct queue_board *shared; /* NULL: everybody polls */
	unsigned slot;
	int n; /* of the turns there are, 0: everybody polls */
	int wake_fd;
	int watch_fd;   /* readable when somebody woke us; -1: none */
	bool asleep;    /* the queue was empty; or we have just begun */
	uint32_t finds; /* as counted when the receive was sent that found so */
	int turn;       /* that we hold; -1: none */
	uint64_t lease; /* as it says on the page */
	int64_t renew_ms;
	int64_t look_ms; /* asleep: when a turn may be free */
};

/*
 * shared, n and wake_fd: of the queue; borrowed.  Nobody sleeps without any of
 * them.  -1 with errno when there is no descriptor to be had.
 */
int idle_pollers_open(struct idle_pollers *t, struct queue_board *shared,
    unsigned slot, int64_t n, int wake_fd);
void idle_pollers_close(struct idle_pollers *t); /* gives up a turn */

/* To be waited for; -1: none. */
int idle_pollers_fd(const struct idle_pollers *t);
/* It was readable. */
void idle_pollers_woken(struct idle_pollers *t);

/* May a receive begin?  Takes a turn if that is needed for it and there is. */
bool idle_pollers_may_poll(struct idle_pollers *t, int64_t now_ms);
/* One has begun. */
void idle_pollers_polled(struct idle_pollers *t);
/* It brought something; or it failed, so each tries for itself. */
void idle_pollers_found(struct idle_pollers *t);
void idle_pollers_failed(struct idle_pollers *t);
/* It waited, and brought nothing. */
void idle_pollers_empty(struct idle_pollers *t);

/*
 * Renews the turn of a child that polls or is about to; gives up that of a
 * child that does neither.  Returns when to be called next, or to ask
 * idle_pollers_may_poll.
 */
int64_t idle_pollers_step(struct idle_pollers *t, bool polls, int64_t now_ms);

/* Does this child wait to be woken, or for a turn to become free? */
bool idle_pollers_sleeps(const struct idle_pollers *t);

#endif
