/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The supervisor's side of the reporter (child/child.h): starts it when the
 * settings want one, answers it, kills it when its loop stands still, starts
 * it again after a pause when it died, and ends it when all children have
 * ended.  Whatever becomes of it, the pool does not notice: its deaths count
 * nowhere, and nothing waits for it but the end of a stop, and that not long.
 */
#ifndef SUPERVISOR_REPORTER_PROCESS_H
#define SUPERVISOR_REPORTER_PROCESS_H

#include <sys/types.h>

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

enum {
	REPORTING_LINE_MAX = 63
};

enum reporting_state {
	REPORTING_OFF,
	REPORTING_RUNS,
	REPORTING_LEAVES, /* told to, or killed */
	REPORTING_WAITS   /* to be started again */
};

struct reporting {
	enum reporting_state state;
	pid_t pid; /* of RUNS and LEAVES; else 0 */
	int64_t forked_ms;
	int64_t at_ms; /* LEAVES: to be killed; WAITS: to be started */
	int64_t forgiven_ms;
	int64_t look_ms;   /* it was late at the first look; 0: it is not */
	unsigned failures; /* in a row */
	uint64_t deaths;   /* unasked */
	bool over;         /* there will be no other */
	bool told_emf;     /* lines are being logged */
	struct reporter_board *board;
	int fd; /* its questions; -1 */
	char line[REPORTING_LINE_MAX + 1];
	size_t len;
	struct buf answer;
	size_t sent;
};

struct supervisor;

/* Returns -1 with errno. */
int reporting_open(struct supervisor *s);
void reporting_release(struct supervisor *s);
/* Settings that were loaded again are in force. */
void reporting_reload(struct supervisor *s, int64_t now);

/* Answers what can be answered without waiting. */
void reporting_answer(struct supervisor *s, int64_t now);
/* At the end of each turn. */
void reporting_step(struct supervisor *s, int64_t now);
struct pollfd reporting_pollfd(const struct supervisor *s);
int64_t reporting_deadline(const struct supervisor *s);

/* Was this process, which ended, the reporter? */
bool reporting_reap(struct supervisor *s, pid_t pid, int code, int status,
    int64_t now);
/* The supervisor itself had been stopped: no deadline counts. */
void reporting_forgive(struct supervisor *s, int64_t now);
/* The stop is at its end. */
void reporting_kill(struct supervisor *s);

const char *reporting_state_name(enum reporting_state state);

#endif
