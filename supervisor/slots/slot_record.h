/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The supervisor's longer log records: about a place, an end, a hang, and the
 * whole run.
 */
#ifndef SUPERVISOR_SLOTS_SLOT_RECORD_H
#define SUPERVISOR_SLOTS_SLOT_RECORD_H

#include <stdint.h>

#include "common/ipc/scoreboard_snapshot.h"
#include "supervisor/slots/pool.h"
#include "supervisor/slots/slot.h"
#include "supervisor/slots/slot_hang.h"

/* The fields that name a child in a record, to be spread into it. */
#define SLOT_RECORD_PLACE(p)                                                   \
	log_str("queue", (p)->queue->name), log_int("slot", (p)->number),      \
	    log_int("generation", (p)->slot.generation)

/*
 * "jobs/0: signal SIGSEGV", "jobs/0: exit status 1"; p is in its state before
 * the event of this end.
 */
void slot_record_reason(const struct place *p, const struct slot_end *end,
    char *ret, size_t size);

/*
 * A child was reaped: child_exited, and message_interrupted for each message
 * that it held.  p is in its state after the event of its end; was is its slot
 * before that.
 */
void slot_record_end(const struct place *p, const struct slot *was,
    const struct slot_end *end, const struct scoreboard_snapshot *row,
    int64_t now_ms);

/*
 * child_unkillable: SIGKILL has not ended the child in time.  is_first: the
 * messages that it held are given back, and logged as message_interrupted.
 */
void slot_record_unkillable(const struct place *p, bool is_first,
    const struct scoreboard_snapshot *row, int64_t now_ms);

/* child_replaced: a child is asked to make room for another, and why. */
void slot_record_replacement(const struct place *p, int64_t now_ms);

/* child_hung: the state of a child before it is killed. */
void slot_record_hang(const struct place *p, enum slot_hang hang,
    const struct scoreboard_snapshot *row, int64_t now_ms);

/*
 * A sentence for the person who has pressed Ctrl-C: what a stop that begins now
 * waits for.  Borrowed until the next call.
 */
const char *slot_record_patience(const struct pool *pool, int64_t now_ms);

/* status: one record for each slot. */
void slot_record_status(const struct pool *pool, int64_t now_ms);

struct slot_record_run {
	int status; /* our exit status */
	int64_t duration_ms;
	size_t deaths;
	unsigned long orphans;
	const char *reasons; /* of the last deaths; "": none */
};

/* stopped: the last record, with the counters of all slots. */
void slot_record_stopped(const struct pool *pool,
    const struct slot_record_run *run, int64_t now_ms);

#endif
