/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A job is a message in hand, from the receive that brought it to the settle
 * that ends it; struct jobs is the list of all that a child holds.  Each job
 * has its place on the scoreboard (its hand), so that another process can give
 * the message back if this one dies.
 */
#ifndef CHILD_MESSAGE_JOB_H
#define CHILD_MESSAGE_JOB_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "child/message/payload.h"
#include "child/message/verdict.h"
#include "common/aws/message.h"
#include "common/ipc/scoreboard_snapshot.h"

enum job_state {
	JOB_HELD,     /* no handler has seen it */
	JOB_FETCHING, /* held, and its body is being fetched */
	JOB_WORKING,  /* a handler has it */
	JOB_MOVING,   /* rejected; on its way to the dead-letter queue */
	JOB_SETTLING  /* has a verdict that SQS does not know yet */
};

/* How a job ends; the words are those of the conservation law. */
enum job_outcome {
	JOB_DELETED,
	JOB_RETRIED,  /* given back after a failure, with a delay */
	JOB_RELEASED, /* given back unworked or cut short */
	JOB_REJECTED, /* moved to the dead-letter queue */
	JOB_EXPIRED   /* another child may have it */
};

struct lane; /* settle.c */

struct job {
	TAILQ_ENTRY(job) entry;
	void *owner; /* of the callbacks */
	struct message message;
	struct payload payload; /* while it is worked */
	enum job_state state;
	int hand; /* on the scoreboard */

	int64_t received_ms; /* when its receive was sent: SQS's 12 h */
	int64_t arrived_ms;  /* when the answer was here */
	int64_t fetched_ms;  /* when its fetch began; 0: it needed none */
	int64_t started_ms;  /* 0: never */
	int64_t ended_ms;    /* the handler's end; 0: not yet */
	int64_t verdict_ms;  /* when it began to move or to settle */
	unsigned kills;      /* children that died of it; 0: not poison */
	const char *verdict; /* for the log; NULL: none */
	char reason[160];    /* "": none */
	int exit_status;     /* -1: none */
	int signal;

	/* settle.c: */
	enum job_outcome outcome; /* wanted, in JOB_SETTLING */
	int delay_s;              /* of JOB_RETRIED and JOB_RELEASED */
	int64_t settle_at_ms;
	unsigned settle_tries; /* that failed for this job alone */
	int64_t visible_at_ms; /* its visibility timeout does not end before;
				  CLOCK_NEVER: not known */
	int64_t extend_at_ms;  /* CLOCK_NEVER: no more */
	bool alone; /* its batch was refused as a whole: it goes alone */
	const struct lane *lane; /* a call about it is in flight; NULL: none */
	bool lost; /* another child may have it, or SQS's 12 hours are over */
};

TAILQ_HEAD(job_list, job);

struct jobs {
	struct job_list list; /* in the order of their receipt */
	size_t n;
	size_t n_unsettled; /* held or working */
	bool fifo;
	struct scoreboard_row *row;
	struct scoreboard_row *recovers; /* in a releaser: the dead child's
					    row; else NULL */
};

void jobs_init(struct jobs *js, struct scoreboard_row *row);
/* Frees all jobs.  Neither SQS nor the scoreboard learns of it. */
void jobs_release(struct jobs *js);

/*
 * Takes a message over (m is empty afterwards); visible_at_ms is when its
 * visibility timeout ends.  There must be room: jobs_room says how much.
 */
struct job *jobs_add(struct jobs *js, struct message *m, int64_t received_ms,
    int64_t visible_at_ms, int64_t now_ms);
size_t jobs_room(const struct jobs *js);

/*
 * The next job that can be begun; NULL: none can.  In a FIFO group none can
 * while one before it is being moved: the move may fail.
 */
struct job *jobs_next_held(const struct jobs *js);

/*
 * When the first of the jobs that are fetched or worked began; CLOCK_NEVER: no
 * job is.
 */
int64_t jobs_working_since(const struct jobs *js);
/* When the job's fetch began or, if it needed none, its handler. */
int64_t job_begun_ms(const struct job *j);

/*
 * Since when messages wait for their turn: the earlier of the arrival of the
 * first that waits and the begin of the handler that runs.  CLOCK_NEVER: no
 * message waits.
 */
int64_t jobs_waiting_since(const struct jobs *js);

void jobs_begin_fetch(struct job *j, int64_t now_ms);
void jobs_begin_work(struct jobs *js, struct job *j, int64_t now_ms);
/*
 * For a releaser: adds a message that a dead child held, from the scoreboard.
 */
struct job *jobs_add_held(struct jobs *js, const struct scoreboard_held *held,
    int64_t now_ms);

/* The verdict is "reject": deadletter.c goes on with the job. */
void jobs_begin_move(struct jobs *js, struct job *j, int64_t now_ms);
/* The outcome is known: settle.c goes on with the job. */
void jobs_begin_settle(struct jobs *js, struct job *j, enum job_outcome outcome,
    int delay_s, int64_t now_ms);
/*
 * SQS knows the outcome: logs the one record of this message, counts it, frees
 * the job.
 */
void jobs_end(struct jobs *js, struct job *j, enum job_outcome outcome,
    int64_t now_ms);

/* Is the job to be given back, rather than deleted?  False before a verdict. */
bool job_is_given_back(const struct job *j);

/* Are both jobs of one message group?  Only for messages of a FIFO queue. */
bool job_same_group(const struct job *a, const struct job *b);

/*
 * Why the job's handler failed, for a person: the reason, or else the signal or
 * the exit status.
 */
void job_describe_failure(const struct job *j, char *to, size_t size);

#endif
