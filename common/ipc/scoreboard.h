/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The scoreboard: shared anonymous memory, a row for each slot and a page for
 * each queue, each made with what it is for and before the fork of whoever
 * shares it; a child unmaps those that are not its own.  Only the child in the
 * slot writes its row; the supervisor reads it and copies what a dead child
 * held.  No locks:
 * stores are ordered so that any prefix of them is meaningful, since a child
 * can die between any two.  A child can also write garbage: readers use
 * scoreboard_snapshot, which clamps everything.
 *
 * The turns and the brake of a queue's page are the exception: any child of
 * the queue may change them, by compare-and-swap (child/receive/idle_pollers.h,
 * child/brake.h).
 *
 * What a slot received is, at any time, the sum of what it deleted, retried,
 * released, rejected, left to expire and has in hand: scoreboard_balance.
 * A death does not change that, since what the dead child held is counted on
 * by its releaser.
 *
 * What is recorded of a message in hand is what is needed to give it back:
 * see releaser.h.
 */
#ifndef COMMON_IPC_SCOREBOARD_H
#define COMMON_IPC_SCOREBOARD_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/base/log_once.h"
#include "common/base/log_text.h"
#include "common/ipc/histogram.h"

enum {
	SCOREBOARD_HANDS = 20,        /* messages in hand at most */
	SCOREBOARD_ID_MAX = 127,      /* bytes of a message id that are kept */
	SCOREBOARD_HANDLE_MAX = 4095, /* a longer receipt handle is not kept */
	SCOREBOARD_ERROR_MAX = 159,   /* bytes of an error that are kept */
	SCOREBOARD_POISON_MAX = 64,
	SCOREBOARD_TURNS = 16,
	SCOREBOARD_BRAKE_MAX = 64, /* failed messages that are told apart */
	SCOREBOARD_HOLDER_BITS =
	    16,                /* of a lease; the rest is its end, in ms */
	SCOREBOARD_PAGE = 4096 /* where pages are larger, nothing is sealed */
};

enum scoreboard_phase {
	SCOREBOARD_EMPTY, /* no child yet, or it has not reached its loop */
	SCOREBOARD_READY, /* the loop turns */
	SCOREBOARD_POLLING,
	SCOREBOARD_BUSY,
	SCOREBOARD_WAITING, /* for the network, credentials, a back-off */
	SCOREBOARD_DRAINING,
	SCOREBOARD_PAUSED, /* its queue is */
	SCOREBOARD_BRAKED, /* its queue is: child/brake.h */
	SCOREBOARD_IDLE,   /* others poll, until there is work */
	SCOREBOARD_PHASES
};

/* Why a child asks to be replaced. */
enum scoreboard_ask {
	SCOREBOARD_ASK_NOTHING,
	SCOREBOARD_ASK_MESSAGES, /* it has worked enough of them */
	SCOREBOARD_ASK_AGE,
	SCOREBOARD_ASK_MEMORY
};

enum scoreboard_hand_state {
	SCOREBOARD_HAND_FREE,
	SCOREBOARD_HAND_HELD,     /* received, no handler has seen it */
	SCOREBOARD_HAND_WORKING,  /* a handler has it */
	SCOREBOARD_HAND_FAILED,   /* a handler had it: to be given back */
	SCOREBOARD_HAND_DELETING, /* done: to be deleted, never released */
	SCOREBOARD_HAND_MOVED,    /* likewise, it is in the dead-letter queue */
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
	SCOREBOARD_OOM_KILLS, /* handlers that the kernel took */
	SCOREBOARD_BUSY_MS,   /* in the phase of that name, when it ended */
	SCOREBOARD_COUNTERS
};

/* Times that are kept as histograms. */
enum scoreboard_time {
	SCOREBOARD_HANDLER_TIME, /* of each run of the handler */
	SCOREBOARD_QUEUE_TIME,   /* from the send to the first receive */
	SCOREBOARD_TIMES
};

/* What happened to the children of a queue. */
enum scoreboard_event {
	SCOREBOARD_STARTS,
	SCOREBOARD_CRASHES, /* ends that nobody asked for */
	SCOREBOARD_HANGS,   /* those of them that were ours to make */
	SCOREBOARD_EVENTS
};

/* All that a queue has counted since sqsherd began. */
struct scoreboard_sums {
	uint64_t counters[SCOREBOARD_COUNTERS];
	struct histogram times[SCOREBOARD_TIMES];
	uint64_t events[SCOREBOARD_EVENTS];
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
	_Atomic uint32_t moving; /* which counter, while moves is odd */
	_Atomic int64_t trouble_since_ms; /* cannot work; 0: can */
	_Atomic int64_t hidden_until_ms;  /* what could not be settled */
	_Atomic int64_t error_ms;
	char error[SCOREBOARD_ERROR_MAX + 1]; /* the last one; "": none yet */
	_Atomic uint64_t counters[SCOREBOARD_COUNTERS];
	struct scoreboard_histogram times[SCOREBOARD_TIMES];
	struct scoreboard_hand hands[SCOREBOARD_HANDS];
	/* What dead children of this slot held: with releasers now, and what
	   became of it.  Written by these and by the supervisor, so it has
	   pages of its own. */
	_Alignas(SCOREBOARD_PAGE) _Atomic uint32_t recovering;
	_Atomic uint64_t recovered[SCOREBOARD_COUNTERS];
};

/* What a slot has counted, but for what is recovered. */
struct scoreboard_kept {
	uint64_t counters[SCOREBOARD_COUNTERS];
	struct histogram times[SCOREBOARD_TIMES];
};

enum scoreboard_brake_state {
	SCOREBOARD_BRAKE_OFF,
	SCOREBOARD_BRAKE_FAILING,     /* the handler fails at every message */
	SCOREBOARD_BRAKE_CANNOT_START /* the handler cannot be started */
};

/* Written by any child of the queue: child/brake.c */
struct scoreboard_brake_page {
	_Atomic uint32_t state;     /* enum scoreboard_brake_state */
	_Atomic uint32_t succeeded; /* not 0: a message was done */
	_Atomic uint32_t trials;    /* that failed since it is on */
	_Atomic int64_t since_ms;   /* since when it is on */
	_Atomic int64_t next_ms;    /* no trial before */
	_Atomic uint64_t lease;     /* of the child that tries; 0: free */
	_Atomic uint64_t failed[SCOREBOARD_BRAKE_MAX]; /* hashes of message ids;
							  0: free */
	char why[SCOREBOARD_ERROR_MAX + 1];
};

/* What the supervisor tells all children of a queue; SIGUSR2 says "look". */
struct scoreboard_queue {
	_Atomic uint32_t paused; /* not 0: begin no receive */
	_Atomic int64_t stop_ms; /* when all were told to end; 0: not yet */
	_Atomic uint32_t stop_children; /* how many these were */
	/* Messages that children died of, and how many; the supervisor's. */
	_Atomic uint32_t n_poison; /* ever; the oldest is overwritten */
	struct scoreboard_poison {
		_Atomic uint32_t kills; /* stored last; 0: free */
		char id[SCOREBOARD_ID_MAX + 1];
	} poison[SCOREBOARD_POISON_MAX];
	_Atomic uint64_t events[SCOREBOARD_EVENTS]; /* for the metrics */
	/* Of the children, on pages of their own: child/receive/idle_pollers.c
	 */
	_Alignas(SCOREBOARD_PAGE) _Atomic uint64_t
	    turns[SCOREBOARD_TURNS]; /* leases; 0: free */
	_Atomic uint32_t finds;      /* receives that brought something */
	_Atomic uint32_t sleepers;   /* not 0: there may be some to wake */
	log_once_stamp said[LOG_TEXT_TOPICS]; /* in the log: log_share */
	struct scoreboard_brake_page brake;
};

/* All zero; NULL with errno when the memory is refused.  free unmaps. */
struct scoreboard_row *scoreboard_row_new(void);
void scoreboard_row_free(struct scoreboard_row *row);
struct scoreboard_queue *scoreboard_queue_new(void);
void scoreboard_queue_free(struct scoreboard_queue *queue);

/*
 * In a child: what others write becomes read-only, so that no wild pointer of
 * its own pauses a queue or spoils the ledger of other children.
 */
void scoreboard_seal(struct scoreboard_row *row,
    struct scoreboard_queue *queue);

/* In the supervisor: kills children have died of this message. */
void scoreboard_add_poison(struct scoreboard_queue *q, const char *id,
    uint32_t kills);
/* How many; 0: it is not known as poison, or q is NULL. */
uint32_t scoreboard_poison(const struct scoreboard_queue *q, const char *id);

/*
 * For a slot to be refilled: its counters and its last error stay, and what is
 * known of its trouble, which a new child does not end by being new.
 */
void scoreboard_row_recycle(struct scoreboard_row *row, int64_t now_ms);

/* ---- the child's side; a hand is what scoreboard_take returned ---- */
void scoreboard_set_phase(struct scoreboard_row *row,
    enum scoreboard_phase phase, int64_t now_ms);
void scoreboard_count(struct scoreboard_row *row, enum scoreboard_counter c,
    uint64_t n);
void scoreboard_measure(struct scoreboard_row *row, enum scoreboard_time t,
    int64_t ms);
void scoreboard_set_ask(struct scoreboard_row *row, enum scoreboard_ask ask);
/* Called again while it lasts, the beginning stays. */
void scoreboard_set_trouble(struct scoreboard_row *row, bool in_trouble,
    int64_t now_ms);
bool scoreboard_in_trouble(const struct scoreboard_row *row);
/* A message that SQS let nobody settle is visible again only then. */
void scoreboard_hide(struct scoreboard_row *row, int64_t until_ms);
int64_t scoreboard_hidden_until(const struct scoreboard_row *row);
void scoreboard_set_error(struct scoreboard_row *row, const char *text,
    int64_t now_ms);
/*
 * As its last error: that of a call.  Of a code that has parts the last comes
 * alone, so that what tells most comes first: "NonExistentQueue: ...".
 */
void scoreboard_set_failure(struct scoreboard_row *row, const struct error *e,
    int64_t now_ms);
void scoreboard_progress(struct scoreboard_row *row, int64_t now_ms);
/* Takes a free hand and counts the message as received; -1: there is none. */
int scoreboard_take(struct scoreboard_row *row, const char *id,
    const char *receipt_handle, uint32_t receive_count, int64_t now_ms,
    int64_t visible_at_ms);
void scoreboard_hand_set(struct scoreboard_row *row, int hand,
    enum scoreboard_hand_state state, int64_t now_ms);
void scoreboard_hand_visible_at(struct scoreboard_row *row, int hand,
    int64_t visible_at_ms);
/* Frees the hand and counts its message as this. */
void scoreboard_drop(struct scoreboard_row *row, int hand,
    enum scoreboard_counter outcome);
/* Counts n messages that were received and are left to their timeout. */
void scoreboard_pass(struct scoreboard_row *row, uint64_t n);

/* In the supervisor. */
void scoreboard_event(struct scoreboard_queue *queue, enum scoreboard_event e);

/* Messages in hand, those of releasers included; less work than a snapshot. */
uint64_t scoreboard_in_hand(const struct scoreboard_row *row);

/* What the children of this slot counted so far, releasers not. */
void scoreboard_counters(const struct scoreboard_row *row,
    uint64_t ret[SCOREBOARD_COUNTERS]);
void scoreboard_keep(const struct scoreboard_row *row,
    struct scoreboard_kept *ret);

/* ---- after a death ---- */
/*
 * Ends the move of a message in the middle of which the child died, so that
 * hands and counters agree.
 */
void scoreboard_row_close(struct scoreboard_row *row,
    const struct scoreboard_kept *kept);
/*
 * After that, is this what a child can have left that was forked when kept was
 * so, and from whose hands n messages were given back before its death?  If it
 * is not, it is garbage that the child has written: nothing in it can be
 * believed, and restore makes it what it was at the fork.
 */
bool scoreboard_is_sane(const struct scoreboard_row *row,
    const struct scoreboard_kept *kept, size_t n);
void scoreboard_restore(struct scoreboard_row *row,
    const struct scoreboard_kept *kept);
/* n messages that the dead child held are for a releaser to count. */
void scoreboard_hand_over(struct scoreboard_row *row, size_t n);
/* In a releaser: one of them ended like this. */
void scoreboard_recovered(struct scoreboard_row *row,
    enum scoreboard_counter outcome);
/* No releaser is left: what none of them counted waits for its timeout. */
void scoreboard_abandon(struct scoreboard_row *row);

/* ---- the reader's side ---- */
struct scoreboard_held {
	enum scoreboard_hand_state state; /* never FREE */
	uint32_t receive_count;           /* 1 ... 1,000,000 */
	int64_t since_ms;                 /* never later than now */
	char id[SCOREBOARD_ID_MAX + 1];   /* printable, terminated */
	char receipt_handle[SCOREBOARD_HANDLE_MAX + 1]; /* printable ASCII */
};
struct scoreboard_snapshot {
	enum scoreboard_phase phase;
	int64_t progress_ms; /* never later than now */
	int64_t phase_since_ms;
	int64_t trouble_since_ms; /* 0: none; never later than now */
	int64_t error_ms;         /* never later than now */
	char error[SCOREBOARD_ERROR_MAX + 1];    /* printable, terminated */
	uint64_t counters[SCOREBOARD_COUNTERS];  /* all that follow included */
	uint64_t recovered[SCOREBOARD_COUNTERS]; /* counted by releasers */
	uint64_t n_recovering;                   /* with releasers */
	struct histogram times[SCOREBOARD_TIMES];
	size_t n_held;
	struct scoreboard_held held[SCOREBOARD_HANDS];
};
/*
 * A validated copy; whatever the row holds, the result is well formed.
 * Returns whether hands and counters are of one moment, which fails only when
 * the child was stopped between two stores.  While it lives, a hand that it
 * changes meanwhile may be left out or mix two messages: give messages back
 * only by the row of a dead child.
 */
bool scoreboard_snapshot(const struct scoreboard_row *row, int64_t now_ms,
    struct scoreboard_snapshot *ret);

/* Is the brake on?  A state that is none is garbage, and off. */
bool scoreboard_brake_is_on(const struct scoreboard_brake_page *p);

/* The slot that has this lease; UINT_MAX: nobody has it. */
unsigned scoreboard_lease_holder(uint64_t lease);

/* A validated copy of a queue's brake. */
struct scoreboard_brake {
	bool is_on;
	bool cannot_start;  /* else the handler fails at every message */
	bool has_succeeded; /* a message was done since sqsherd began */
	int64_t since_ms;   /* never later than now */
	uint32_t trials;
	unsigned holder; /* the slot that tries; UINT_MAX: none does */
	char why[SCOREBOARD_ERROR_MAX + 1]; /* printable, terminated */
};
void scoreboard_brake_snapshot(const struct scoreboard_queue *queue,
    int64_t now_ms, struct scoreboard_brake *ret);

/* Pure.  What was received, less all ends that messages had: in hand. */
int64_t scoreboard_balance(const uint64_t counters[SCOREBOARD_COUNTERS]);

/* Adds a row's counters and times. */
void scoreboard_add(struct scoreboard_sums *to,
    const struct scoreboard_snapshot *row);

const char *scoreboard_phase_name(enum scoreboard_phase phase);
const char *scoreboard_counter_name(enum scoreboard_counter c);

#endif
