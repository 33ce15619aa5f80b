/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A slot: a child's place, kept across its deaths.  One table of (state, event)
 * decides everything that happens to a slot: an event changes the slot and
 * returns the one action that the caller has to take.  Pure: the caller brings
 * the time and a random number, forks, signals and reaps.
 *
 *	down ---> starting ---> ready ---> draining ---> down or stopped
 *	  ^           |           |           |
 *	  |           +-----------+-----------+---> killed (hung, or the stop's
 *	  |           v           v           v       |      time is over)
 *	  +------- backoff <------+-----------+-------+
 *
 * A killed child that does not die is given up (LOST): its slot is not wanted
 * any more, so that another slot can take over, and it is stopped when the
 * kernel lets the child die at last.
 */
#ifndef SUPERVISOR_SLOTS_SLOT_H
#define SUPERVISOR_SLOTS_SLOT_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/ipc/scoreboard_snapshot.h"

enum slot_state {
	SLOT_DOWN,     /* a fork is due */
	SLOT_STARTING, /* forked, not yet in its loop */
	SLOT_READY,
	SLOT_DRAINING, /* asked by us to end */
	SLOT_KILLED,   /* signalled for death, not yet reaped */
	SLOT_BACKOFF,  /* a fork is due later */
	SLOT_STOPPED,  /* empty for good */
	SLOT_STATES
};

enum slot_event {
	SLOT_EVENT_FORKED, /* the caller has set pid */
	SLOT_EVENT_FORK_FAILED,
	SLOT_EVENT_UP,      /* the child is in its loop */
	SLOT_EVENT_EXPIRED, /* deadline_ms has passed */
	SLOT_EVENT_EXITED,  /* reaped after an end that was asked for */
	SLOT_EVENT_DIED,    /* reaped after any other end */
	SLOT_EVENT_LOST,    /* SIGKILL does not end it: do not wait for it */
	SLOT_EVENT_DRAIN,   /* finish, and come back */
	SLOT_EVENT_STOP,    /* finish, and do not come back */
	SLOT_EVENT_RELEASE, /* give back, and do not come back */
	SLOT_EVENT_KILL,    /* die, and do not come back */
	SLOT_EVENTS
};

enum slot_action {
	SLOT_DO_NOTHING,
	SLOT_DO_FORK,    /* then FORKED or FORK_FAILED */
	SLOT_DO_TERM,    /* SIGTERM: drain */
	SLOT_DO_QUIT,    /* SIGQUIT: give back */
	SLOT_DO_ABORT,   /* SIGABRT: leave a core */
	SLOT_DO_KILL,    /* SIGKILL to the child and its group */
	SLOT_DO_COUNT,   /* a child lost, against the pool's budget */
	SLOT_DO_COMPLAIN /* a bug: this event cannot happen in this state */
};

struct slot_policy {
	int64_t start_timeout_ms;
	int64_t heartbeat_timeout_ms;
	int64_t job_limit_ms;  /* of one message's handler; 0: none */
	int64_t job_end_ms;    /* of that: for a child to end the handler */
	int64_t kill_again_ms; /* a child that is not dead by then hangs */
	int64_t restart_base_ms;
	int64_t restart_cap_ms;
	int64_t restart_reset_ms;
};

struct slot {
	enum slot_state state;
	bool wanted;         /* is refilled after a death */
	pid_t pid;           /* 0: none; valid until the event of its reaping */
	unsigned generation; /* forks so far */
	unsigned failures;   /* abnormal ends and failed forks in a row */
	unsigned kills;      /* SIGKILLs sent to this child */
	int64_t forked_ms;
	int64_t ready_ms;        /* 0: this child was not ready yet */
	int64_t watched_from_ms; /* no silence before this counts */
	bool suspected;          /* the last look found it hung */
	int64_t overdue_ms;      /* a look found a job past its limit; or 0 */
	int64_t
	    deadline_ms; /* when EXPIRED is due, or slot_hang_check says so */
};

/* Down and due at once. */
void slot_init(struct slot *s, int64_t now_ms);

/* unit: random in [0,1). */
enum slot_action slot_apply(struct slot *s, enum slot_event event,
    const struct slot_policy *p, int64_t now_ms, double unit);

/* Is there a child in the slot? */
bool slot_is_live(const struct slot *s);
/* Has it been sent SIGKILL? */
bool slot_is_killed(const struct slot *s);

/* How a child ended, by waitid(2) and by its row on the scoreboard. */
struct slot_end {
	bool signalled;
	int status; /* the exit status, or the signal */
	bool core;
	bool out_of_memory; /* the kernel killed it, in all likelihood */
	enum scoreboard_phase phase;
};

/*
 * EXITED or DIED.  Exit 0 is an asked-for end only after our own request, or
 * in the draining phase, to which a SIGTERM from any process leads; a child
 * that drains within a second of its start counts as dead all the same, so that
 * no loop of such ends runs without backoff.
 */
enum slot_event slot_end_event(const struct slot *s, const struct slot_end *end,
    int64_t now_ms);

/*
 * The death of this child is not the fault of its slot: the next backoff is
 * that of a first failure.
 */
void slot_reset_failures(struct slot *s);

const char *slot_state_name(enum slot_state state);
const char *slot_event_name(enum slot_event event);

#endif
