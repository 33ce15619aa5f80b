/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The answers on the control socket, in JSON: the state of everything, and
 * whether it is well.
 */
#ifndef SUPERVISOR_REPORT_STATUS_H
#define SUPERVISOR_REPORT_STATUS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "supervisor/slots/pool.h"

enum {
	STATUS_WHY_MAX = 512
};

struct status_reporter {
	bool is_wanted; /* by the settings in force */
	const char *state;
	pid_t pid; /* 0: it does not run */
	int64_t since_ms;
	int64_t turned_ms; /* when its loop last did */
	uint64_t deaths;
	unsigned port; /* of its HTTP server; 0: there is none */
	bool protects; /* the ECS task, or tries to */
	int64_t protected_until_ms;
	bool protection_fails;
};

/* The state of the run that is not in the pool. */
struct status_run {
	const char *state; /* "running", "draining", "stopping" */
	bool ending;       /* a stop or a drain is under way */
	bool failed;       /* because children kept dying */
	int64_t started_ms;
	size_t deaths;
	struct status_reporter reporter;
};

/*
 * Is sqsherd healthy?  During a stop on request it is, so that no health check
 * cuts the stop short; and so is a paused queue.  A queue is not healthy if it
 * has no child that works or could work, or if all its children have been idle
 * for health_timeout because they could not receive. why is a line for a person
 * in either case, and mentions trouble before health_timeout has passed.
 */
bool status_health(const struct pool *pool, const struct status_run *run,
    int64_t now_ms, char why[STATUS_WHY_MAX]);

/*
 * "jobs 8/8 ready, mail 1/2 ready (paused)", or, if end is not NULL, "stopping,
 * 3 left", with end as the first word.
 */
void status_describe(const struct pool *pool, const char *end, char *ret,
    size_t size);

/* {"ok":true,"msg":"..."} */
void status_answer(struct buf *to, bool is_ok, const char *msg);

/*
 * The same object with a member "status": every queue, every slot, and the
 * sums.
 */
void status_put(struct buf *to, const struct pool *pool,
    const struct status_run *run, int64_t now_ms);

#endif
