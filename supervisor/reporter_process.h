/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The supervisor's side of the reporter (child/reporter/reporter.h): starts the
 * reporter when the settings want one, answers it, kills it when its loop
 * stands still, starts it again after a pause when it died, and ends it when
 * all children have ended.  The reporter does not affect the pool: its deaths
 * do not count against the budget, and only the end of a stop waits for it, for
 * a bounded time.
 */
#ifndef SUPERVISOR_REPORTER_PROCESS_H
#define SUPERVISOR_REPORTER_PROCESS_H

#include <sys/types.h>

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "supervisor/control/control.h"

enum {
	REPORTER_PROCESS_LINE_MAX = 63
};

enum reporter_process_state {
	REPORTER_PROCESS_OFF,
	REPORTER_PROCESS_RUNS,
	REPORTER_PROCESS_LEAVES, /* asked to end, or killed */
	REPORTER_PROCESS_WAITS   /* to be started again */
};

struct reporter_process {
	enum reporter_process_state state;
	pid_t pid; /* of RUNS and LEAVES; else 0 */
	int64_t forked_ms;
	int64_t at_ms; /* LEAVES: to be killed; WAITS: to be started */
	int64_t watched_from_ms; /* no silence before this counts */
	int64_t look_ms;   /* it was late at the first look; 0: it is not */
	unsigned failures; /* in a row */
	uint64_t deaths;   /* unasked */
	bool over;         /* it is not started again */
	bool told_emf;     /* lines are being logged */
	struct reporter_board *board;
	control_answer_fn *put_answer;
	int fd; /* its questions; -1 */
	char line[REPORTER_PROCESS_LINE_MAX + 1];
	size_t len;
	struct buf answer;
	size_t sent;
};

struct supervisor;

/*
 * answer is called, with s as its arg, for the questions that the reporter asks
 * in the words of the control socket.  Returns 0, or -1 with errno.
 */
int reporter_process_open(struct supervisor *s, control_answer_fn *answer);
void reporter_process_release(struct supervisor *s);
/*
 * Other settings are in force: ends the reporter, and starts one that has them.
 */
void reporter_process_reload(struct supervisor *s, int64_t now_ms);

/* The descriptor to wait for. */
struct pollfd reporter_process_pollfd(const struct supervisor *s);
/*
 * Starts the reporter, answers it, or ends it.  Returns when to be called
 * again.
 */
int64_t reporter_process_step(struct supervisor *s, int64_t now_ms);

/* Was this process, which ended, the reporter? */
bool reporter_process_reap(struct supervisor *s, pid_t pid, int code,
    int status, int64_t now_ms);
/* The supervisor itself had been stopped (SIGSTOP): deadlines begin anew. */
void reporter_process_start_over(struct supervisor *s, int64_t now_ms);
/* The stop is over: kills the reporter. */
void reporter_process_kill(struct supervisor *s);

const char *reporter_process_state_name(enum reporter_process_state state);

#endif
