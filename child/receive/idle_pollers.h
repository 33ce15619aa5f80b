/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Which children poll an empty queue.  With idle_pollers = n, n children hold a
 * turn and poll; the others sleep.  The turns are on the page of the queue that
 * all its children share.  A child whose receive brings messages gives its turn
 * up, counts a find on that page, and wakes all: each then polls until a poll
 * comes back empty, and asks for a turn again.
 *
 * A turn is a lease (lease.h), the number of a slot and a time, that is taken,
 * renewed and given up by compare-and-swap.  A child that dies or is stopped
 * with a turn leaves nothing to be cleaned up: others take the turn when that
 * time is over, and the next child in the same slot takes it at once.  The
 * death of a child between a find and the wake-up keeps no other asleep beyond
 * that time, either.
 *
 * Sleepers are woken by an eventfd that is never read: each child watches it
 * through an epoll of its own, edge-triggered, so that each write is an event
 * for each child.  It is written to only when a child has gone to sleep since
 * the last write.
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
	struct queue_board *shared; /* NULL: every child polls */
	unsigned slot;
	int n; /* how many turns there are; 0: every child polls */
	int wake_fd;
	int watch_fd; /* readable when another child woke this one; -1: none */
	bool asleep;  /* the queue was empty; or the child has just begun */
	uint32_t finds; /* on the page, when the last receive was sent */
	int turn;       /* that this child holds; -1: none */
	uint64_t lease; /* the value of that turn on the page */
	int64_t renew_ms;
	int64_t look_ms; /* asleep: when a turn may be free */
};

/*
 * shared, n and wake_fd are those of the queue; borrowed.  If any of them is
 * missing, no child sleeps.  Returns -1 with errno if no descriptor can be had.
 */
int idle_pollers_open(struct idle_pollers *p, struct queue_board *shared,
    unsigned slot, int64_t n, int wake_fd);
void idle_pollers_close(struct idle_pollers *p); /* gives up a turn */

/* The descriptor to wait for; -1: none. */
int idle_pollers_fd(const struct idle_pollers *p);
/* That descriptor was readable. */
void idle_pollers_woken(struct idle_pollers *p);

/*
 * Takes a turn, if one is needed to poll and one is free.  Returns whether a
 * receive may begin.
 */
bool idle_pollers_take_turn(struct idle_pollers *p, int64_t now_ms);
/* A receive has begun. */
void idle_pollers_polled(struct idle_pollers *p);
/*
 * The receive brought something; or it failed, after which each child tries for
 * itself.
 */
void idle_pollers_found(struct idle_pollers *p);
void idle_pollers_failed(struct idle_pollers *p);
/* The receive waited, and brought nothing. */
void idle_pollers_found_nothing(struct idle_pollers *p);

/*
 * Renews the turn of a child that polls or is about to; gives up the turn of
 * one that does neither.  Returns when to be called next, or to call
 * idle_pollers_take_turn.
 */
int64_t idle_pollers_step(struct idle_pollers *p, bool polls, int64_t now_ms);

/* Does this child wait to be woken, or for a turn to become free? */
bool idle_pollers_sleeps(const struct idle_pollers *p);

#endif
