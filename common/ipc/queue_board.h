/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A queue's page of the scoreboard, shared by the supervisor and all children
 * of the queue, and mapped before the first of them is forked.  The first part
 * is what the supervisor tells the children, which SIGUSR2 makes them read.
 * The second part belongs to the children, any of which may change it by
 * compare-and-swap (child/receive/idle_pollers.h, child/brake.h,
 * common/base/log_once.h).
 */
#ifndef COMMON_IPC_QUEUE_BOARD_H
#define COMMON_IPC_QUEUE_BOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/log_once.h"
#include "common/base/log_text.h"
#include "common/ipc/scoreboard.h"

enum {
	QUEUE_BOARD_POISON_MAX = 64,
	QUEUE_BOARD_TURNS = 16,
	QUEUE_BOARD_BRAKE_MAX = 64 /* failed messages that are told apart */
};

/* Events of the children of a queue that are counted. */
enum queue_board_event {
	QUEUE_BOARD_STARTS,
	QUEUE_BOARD_CRASHES, /* ends that were not asked for */
	QUEUE_BOARD_HANGS,   /* crashes by which the supervisor ended a hang */
	QUEUE_BOARD_EVENTS
};

enum queue_board_brake_state {
	QUEUE_BOARD_BRAKE_OFF,
	QUEUE_BOARD_BRAKE_FAILING,     /* the handler fails at every message */
	QUEUE_BOARD_BRAKE_CANNOT_START /* the handler cannot be started */
};

/* Written by any child of the queue: child/brake.c */
struct queue_board_brake {
	_Atomic uint32_t state;     /* enum queue_board_brake_state */
	_Atomic uint32_t succeeded; /* not 0: a message was done */
	_Atomic uint32_t trials;  /* trials that failed since the brake is on */
	_Atomic int64_t since_ms; /* since when the brake is on */
	_Atomic int64_t next_ms;  /* no trial before */
	_Atomic uint64_t lease;   /* of the child that tries; 0: free */
	_Atomic uint64_t failed[QUEUE_BOARD_BRAKE_MAX]; /* hashes of message
							  ids; 0: free */
	char why[SCOREBOARD_ERROR_MAX + 1];
};

struct queue_board {
	_Atomic uint32_t paused; /* not 0: begin no receive */
	_Atomic int64_t stop_ms; /* when all were told to end; 0: not yet */
	_Atomic uint32_t stop_children; /* how many children were told */
	/* Messages that children died of. */
	_Atomic uint32_t n_poison; /* ever; the oldest is overwritten */
	struct queue_board_poison {
		_Atomic uint32_t deaths; /* stored last; 0: free */
		char id[SCOREBOARD_ID_MAX + 1];
	} poison[QUEUE_BOARD_POISON_MAX];
	_Atomic uint64_t events[QUEUE_BOARD_EVENTS];
	/* The children's part, on pages of its own. */
	_Alignas(SCOREBOARD_PAGE) _Atomic uint64_t
	    turns[QUEUE_BOARD_TURNS]; /* leases; 0: free */
	_Atomic uint32_t finds;       /* receives that brought a message */
	_Atomic uint32_t sleepers;    /* not 0: there may be some to wake */
	log_once_stamp said[LOG_TEXT_TOPICS]; /* in the log: log_share */
	struct queue_board_brake brake;
};

/* All zero; NULL with errno when there is no memory.  free unmaps. */
struct queue_board *queue_board_new(void);
void queue_board_free(struct queue_board *board);

/*
 * In a child: the supervisor's part becomes read-only, so that no wild pointer
 * of the child pauses the queue.
 */
void queue_board_seal(struct queue_board *board);

/* In the supervisor: stores how many children have died of this message. */
void queue_board_add_poison(struct queue_board *board, const char *id,
    uint32_t deaths);
/*
 * The number of children that have died of a message; 0: the message is not
 * known as poison, or board is NULL.
 */
uint32_t queue_board_deaths(const struct queue_board *board, const char *id);

/* In the supervisor: counts one such event. */
void queue_board_count(struct queue_board *board, enum queue_board_event e);

/* Is the brake on?  An unknown state is garbage and counts as off. */
bool queue_board_brake_is_on(const struct queue_board_brake *p);

/* A validated copy of a queue's brake. */
struct queue_board_brake_snapshot {
	bool is_on;
	bool cannot_start;  /* else the handler fails at every message */
	bool has_succeeded; /* a message was done since sqsherd began */
	int64_t since_ms;   /* never later than now */
	uint32_t trials;
	unsigned holder; /* the slot that tries; UINT_MAX: none does */
	char why[SCOREBOARD_ERROR_MAX + 1]; /* printable, terminated */
};
void queue_board_brake_snapshot(const struct queue_board *board, int64_t now_ms,
    struct queue_board_brake_snapshot *ret);

#endif
