/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Begins a stop or a drain, for all that can ask for it: a signal, an operator,
 * the end of the terminal, or children that keep dying.  stopping.h carries it
 * out.
 */
#ifndef SUPERVISOR_STOP_REQUESTS_H
#define SUPERVISOR_STOP_REQUESTS_H

#include <stdint.h>

struct supervisor;

/* The origin of a stop, for the log. */
struct stop_request {
	const char *signal; /* its name; NULL: none */
	const char *msg;    /* NULL: none */
	int64_t sender_pid; /* of the signal; -1: not known */
};

/*
 * Begins a stop that ends with exit status 0, unless work is cut short.  A
 * drain becomes a stop; during a stop nothing changes.
 */
void stop_requests_begin(struct supervisor *s, const struct stop_request *r,
    int64_t now_ms);
/* Begins a drain.  During a drain or a stop nothing changes. */
void stop_requests_drain(struct supervisor *s, int64_t now_ms);
/*
 * Children die too often: begins a stop that ends with EXITCODE_CRASHLOOP. why
 * is for the log.  During a drain or a stop nothing changes.
 */
void stop_requests_give_up(struct supervisor *s, const char *why,
    int64_t now_ms);
/* The same if the system does not let us fork: EXITCODE_INTERNAL. */
void stop_requests_cannot_fork(struct supervisor *s, int64_t now_ms);

/* "draining" or "stopping"; NULL: nothing has begun. */
const char *stop_requests_end_name(const struct supervisor *s);

#endif
