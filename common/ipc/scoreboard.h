/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The scoreboard: shared anonymous memory that tells the supervisor what its
 * children do.  Each slot has a row, which is mapped before the first fork into
 * that slot.  Only the child in the slot writes the row, without locks: its
 * stores are ordered so that any prefix of them has a meaning, since a child
 * can die between any two.
 *
 *	scoreboard.h            the memory: what a row holds
 *	scoreboard_child.h      what a child writes into its row
 *	scoreboard_snapshot.h   a validated copy for all that read it
 *	scoreboard_death.h      the row of a dead child
 *	queue_board.h           a page that all children of a queue share
 *
 * The functions of all scoreboard files begin with scoreboard_, since most of
 * them act on a row, whichever side calls them.
 *
 * The messages that a slot received are, at any time, those that it deleted,
 * retried, released, rejected, left to expire, and has in hand
 * (scoreboard_balance).  A death does not change that: the releaser counts on
 * for the messages that the dead child held.
 *
 * A hand records what a releaser needs to give its message back.
 */
#ifndef COMMON_IPC_SCOREBOARD_H
#define COMMON_IPC_SCOREBOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/ipc/histogram.h"

enum {
	SCOREBOARD_HANDS = 20,        /* messages in hand at most */
	SCOREBOARD_ID_MAX = 127,      /* bytes of a message id that are kept */
	SCOREBOARD_HANDLE_MAX = 4095, /* a longer receipt handle is not kept */
	SCOREBOARD_ERROR_MAX = 159,   /* bytes of an error that are kept */
	SCOREBOARD_PAGE = 4096 /* where pages are larger, nothing is sealed */
};

enum scoreboard_phase {
	SCOREBOARD_EMPTY, /* no child yet, or it has not reached its loop */
	SCOREBOARD_READY, /* the loop turns */
	SCOREBOARD_POLLING,
	SCOREBOARD_BUSY,
	SCOREBOARD_WAITING, /* for the network, credentials, a back-off */
	SCOREBOARD_DRAINING,
	SCOREBOARD_PAUSED, /* with its queue */
	SCOREBOARD_BRAKED, /* with its queue: child/brake.h */
	SCOREBOARD_IDLE,   /* other children poll, until there is work */
	SCOREBOARD_PHASES
};

/* The reasons for which a child asks to be replaced. */
enum scoreboard_ask {
	SCOREBOARD_ASK_NOTHING,
	SCOREBOARD_ASK_MESSAGES, /* it has handled enough of them */
	SCOREBOARD_ASK_AGE,
	SCOREBOARD_ASK_MEMORY
};

enum scoreboard_hand_state {
	SCOREBOARD_HAND_FREE,
	SCOREBOARD_HAND_HELD,     /* received, and given to no handler yet */
	SCOREBOARD_HAND_WORKING,  /* a handler works on it */
	SCOREBOARD_HAND_FAILED,   /* its handler failed: to be given back */
	SCOREBOARD_HAND_DELETING, /* done: to be deleted, never released */
	SCOREBOARD_HAND_MOVED,    /* likewise: it is in the dead-letter queue */
	SCOREBOARD_HAND_STATES
};

enum scoreboard_counter {
	SCOREBOARD_RECEIVED,
	SCOREBOARD_DELETED,
	SCOREBOARD_RETRIED,
	SCOREBOARD_RELEASED,
	SCOREBOARD_REJECTED, /* moved to the dead-letter queue */
	SCOREBOARD_EXPIRED,  /* ownership lost, or left to its timeout */
	SCOREBOARD_RECEIVES, /* calls */
	SCOREBOARD_ERRORS,   /* calls that failed after their retries */
	SCOREBOARD_JOB_TIMEOUTS,
	SCOREBOARD_OOM_KILLS, /* of handlers, by the kernel */
	SCOREBOARD_BUSY_MS,   /* in phases BUSY that have ended */
	SCOREBOARD_COUNTERS
};

/* Times that are kept as histograms. */
enum scoreboard_time {
	SCOREBOARD_HANDLER_TIME, /* of each run of the handler */
	SCOREBOARD_QUEUE_TIME,   /* from the send to the first receive */
	SCOREBOARD_TIMES
};

struct scoreboard_histogram {
	_Atomic uint64_t counts[HISTOGRAM_BUCKETS];
	_Atomic uint64_t sum_ms;
};

struct scoreboard_hand {
	_Atomic uint32_t state; /* stored last when filled, first when freed */
	uint32_t receive_count;
	int64_t since_ms;      /* monotonic: receive, or start of the handler */
	int64_t visible_at_ms; /* monotonic: when its timeout ends */
	char id[SCOREBOARD_ID_MAX + 1];
	char receipt_handle[SCOREBOARD_HANDLE_MAX + 1]; /* "": too long */
};

struct scoreboard_row {
	_Atomic uint32_t phase;
	_Atomic uint32_t moves; /* odd: what a snapshot takes is changing */
	_Atomic uint32_t ask;   /* enum scoreboard_ask */
	_Atomic int64_t progress_ms; /* the loop's last turn, monotonic */
	_Atomic int64_t phase_since_ms;
	_Atomic uint32_t
	    moving; /* the counter that changes while moves is odd */
	_Atomic int64_t trouble_since_ms; /* 0: the child can work */
	_Atomic int64_t hidden_until_ms;  /* of messages not settled */
	_Atomic int64_t error_ms;
	char error[SCOREBOARD_ERROR_MAX + 1]; /* the last one; "": none yet */
	_Atomic uint64_t counters[SCOREBOARD_COUNTERS];
	struct scoreboard_histogram times[SCOREBOARD_TIMES];
	struct scoreboard_hand hands[SCOREBOARD_HANDS];
	/* Messages that dead children of this slot held: how many releasers
	   have now, and what became of the others.  Releasers and the
	   supervisor write these fields, so they have pages of their own. */
	_Alignas(SCOREBOARD_PAGE) _Atomic uint32_t recovering;
	_Atomic uint64_t recovered[SCOREBOARD_COUNTERS];
};

/* Shared memory, all zero; NULL with errno when there is none. */
void *scoreboard_map(size_t bytes);

/* All zero; NULL with errno when there is no memory.  free unmaps. */
struct scoreboard_row *scoreboard_row_new(void);
void scoreboard_row_free(struct scoreboard_row *row);

/*
 * In a child: the part of its row that others write becomes read-only, so that
 * no wild pointer of the child spoils it.
 */
void scoreboard_seal(struct scoreboard_row *row);

/*
 * Copies a string out of shared memory, where a writer gone mad may have left
 * anything.  Both arrays have size bytes.  The copy ends in a NUL, and '?'
 * stands for a byte that is not printable ASCII; false: the copy differs.
 */
bool scoreboard_copy_text(char *ret, const char *text, size_t size);

const char *scoreboard_phase_name(enum scoreboard_phase phase);
const char *scoreboard_counter_name(enum scoreboard_counter c);

#endif
