/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See slot_record.h.
 */
#include "supervisor/slots/slot_record.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_signal.h"
#include "common/base/xalloc.h"
#include "common/ipc/grace.h"
#include "supervisor/slots/pool_count.h"
#include "supervisor/slots/process.h"

#include "common/base/banned.h"

void
slot_record_reason(const struct place *p, const struct slot_end *end, char *ret,
    size_t size)
{
	const char *queue = p->queue->name;
	const char *hung = p->slot.state == SLOT_KILLED ? "hung, " : "";

	if (end->signalled)
		(void)snprintf(ret, size, "%s/%u: %ssignal %s%s", queue,
		    p->number, hung, log_signal_name(end->status),
		    end->out_of_memory ? ", out of memory" : "");
	else
		(void)snprintf(ret, size, "%s/%u: %sexit status %d", queue,
		    p->number, hung, end->status);
}

static const char *
hand_state_name(enum scoreboard_hand_state state)
{
	static const char *const names[SCOREBOARD_HAND_STATES] = {
		[SCOREBOARD_HAND_FREE] = "free",
		[SCOREBOARD_HAND_HELD] = "held",
		[SCOREBOARD_HAND_WORKING] = "working",
		[SCOREBOARD_HAND_FAILED] = "failed",
		[SCOREBOARD_HAND_DELETING] = "deleting",
		[SCOREBOARD_HAND_MOVED] = "moved",
	};

	return names[state];
}

/* NULL: none. */
static const struct scoreboard_held *
oldest(const struct scoreboard_snapshot *row)
{
	const struct scoreboard_held *h = NULL;
	size_t i;

	for (i = 0; i < row->n_held; i++)
		if (h == NULL || row->held[i].since_ms < h->since_ms)
			h = &row->held[i];
	return h;
}

/* ---- an end ---- */

static void
record_interrupted(const struct place *p, const struct scoreboard_held *h,
    int64_t now_ms)
{
	log_warn("message_interrupted", SLOT_RECORD_PLACE(p),
	    log_str("id", h->id), log_str("state", hand_state_name(h->state)),
	    log_int("receive_count", h->receive_count),
	    log_ms("age", now_ms - h->since_ms));
}

static void
record_interruptions(const struct place *p,
    const struct scoreboard_snapshot *row, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < row->n_held; i++)
		record_interrupted(p, &row->held[i], now_ms);
}

/* The count of this child alone, without those before it in the slot. */
static struct log_field
own_count(const struct place *p, const struct scoreboard_snapshot *row,
    enum scoreboard_counter c)
{
	return log_int(scoreboard_counter_name(c),
	    (long long)(row->counters[c] - row->recovered[c] -
		p->at_fork.counters[c]));
}

/* An end that was not asked for, or a failure, is worth a warning. */
static enum log_level
level_of_end(const struct slot_end *end, bool returns)
{
	bool clean = !end->signalled && end->status == 0;

	return clean && !returns ? LOG_LEVEL_INFO : LOG_LEVEL_WARN;
}

void
slot_record_end(const struct place *p, const struct slot *was,
    const struct slot_end *end, const struct scoreboard_snapshot *row,
    int64_t now_ms)
{
	bool returns = p->slot.state == SLOT_BACKOFF;
	enum log_level level = level_of_end(end, returns);

	LOG_RECORD(level, "child_exited", log_int("child_pid", was->pid),
	    SLOT_RECORD_PLACE(p),
	    log_int(end->signalled ? NULL : "exit_status", end->status),
	    log_signal(end->signalled ? end->status : 0),
	    log_bool(end->signalled ? "core" : NULL, end->core),
	    log_bool(end->out_of_memory ? "out_of_memory" : NULL, true),
	    log_str("state", slot_state_name(was->state)),
	    log_str("phase", scoreboard_phase_name(row->phase)),
	    log_ms("uptime", now_ms - was->forked_ms),
	    own_count(p, row, SCOREBOARD_RECEIVED),
	    own_count(p, row, SCOREBOARD_DELETED),
	    own_count(p, row, SCOREBOARD_RETRIED),
	    own_count(p, row, SCOREBOARD_RELEASED),
	    own_count(p, row, SCOREBOARD_REJECTED),
	    own_count(p, row, SCOREBOARD_EXPIRED),
	    log_int("in_hand", (long long)(row->n_held + p->given_back)),
	    log_ms(returns ? "restart_in" : NULL,
		p->slot.deadline_ms - now_ms));
	record_interruptions(p, row, now_ms);
}

void
slot_record_unkillable(const struct place *p, bool is_first,
    const struct scoreboard_snapshot *row, int64_t now_ms)
{
	struct process_state e;

	process_read_state(p->slot.pid, &e);
	log_error("child_unkillable", log_int("child_pid", p->slot.pid),
	    SLOT_RECORD_PLACE(p), log_int("kills", p->slot.kills),
	    log_bool("replaced", p->lost),
	    log_str("process_state", e.state[0] != '\0' ? e.state : NULL),
	    log_str("wchan", e.wchan[0] != '\0' ? e.wchan : NULL));
	if (is_first)
		record_interruptions(p, row, now_ms);
}

/* ---- a replacement ---- */

void
slot_record_replacement(const struct place *p, int64_t now_ms)
{
	static const char *const reasons[] = {
		[SCOREBOARD_ASK_NOTHING] = "settings",
		[SCOREBOARD_ASK_MESSAGES] = "messages",
		[SCOREBOARD_ASK_AGE] = "age",
		[SCOREBOARD_ASK_MEMORY] = "memory",
	};
	uint32_t ask = atomic_load(&p->row->ask);

	log_info("child_replaced", log_int("child_pid", p->slot.pid),
	    SLOT_RECORD_PLACE(p),
	    log_str("reason", ask < nitems(reasons) ? reasons[ask] : "unknown"),
	    log_ms("uptime", now_ms - p->slot.forked_ms));
}

/* ---- a hang ---- */

void
slot_record_hang(const struct place *p, enum slot_hang hang,
    const struct scoreboard_snapshot *row, int64_t now_ms)
{
	const struct scoreboard_held *h = oldest(row);
	struct process_state e;

	process_read_state(p->slot.pid, &e);

	log_error("child_hung", log_int("child_pid", p->slot.pid),
	    SLOT_RECORD_PLACE(p), log_str("deadline", slot_hang_name(hang)),
	    log_str("phase", scoreboard_phase_name(row->phase)),
	    log_ms("phase_age", now_ms - row->phase_since_ms),
	    log_ms("silent", now_ms - row->progress_ms),
	    log_ms("uptime", now_ms - p->slot.forked_ms),
	    log_int("in_hand", (long long)row->n_held),
	    log_str("id", h != NULL ? h->id : NULL),
	    log_ms(h != NULL ? "message_age" : NULL,
		h != NULL ? now_ms - h->since_ms : 0),
	    log_str("process_state", e.state[0] != '\0' ? e.state : NULL),
	    log_str("wchan", e.wchan[0] != '\0' ? e.wchan : NULL),
	    log_int(e.threads > 0 ? "threads" : NULL, e.threads),
	    log_int(e.rss_kb >= 0 ? "rss_kb" : NULL, e.rss_kb));
}

/* ---- a stop ---- */

/* How long a poll that begins now may last. */
static int
longest_poll_s(const struct pool *pool)
{
	int longest = 1, wait_s;
	size_t i;

	for (i = 0; i < pool->n; i++) {
		const struct place *p = pool->places[i];

		if (!slot_is_live(&p->slot))
			continue;
		wait_s =
		    grace_wait_time_s(p->config->settings->grace_timeout_ms,
			(int)(p->settings->wait_time_ms / 1000));
		longest = wait_s > longest ? wait_s : longest;
	}
	return longest;
}

const char *
slot_record_patience(const struct pool *pool, int64_t now_ms)
{
	static char text[160];
	uint64_t totals[SCOREBOARD_COUNTERS];
	uint64_t in_hand = pool_count_totals(pool, NULL, now_ms, totals);
	int poll_s = longest_poll_s(pool);

	if (in_hand == 0)
		(void)snprintf(text, sizeof(text),
		    "waiting up to %d s for polls to end; a second Ctrl-C cuts "
		    "them",
		    poll_s);
	else
		(void)snprintf(text, sizeof(text),
		    "finishing %" PRIu64 " message%s in hand, and polls of up "
		    "to %d s; a second Ctrl-C gives back at once",
		    in_hand, in_hand == 1 ? "" : "s", poll_s);
	return text;
}

/* ---- the status ---- */

static void
record_live(const struct place *p, const struct scoreboard_snapshot *row,
    int64_t now_ms)
{
	const struct scoreboard_held *h = oldest(row);

	log_info("status", SLOT_RECORD_PLACE(p),
	    log_str("state", slot_state_name(p->slot.state)),
	    log_int("child_pid", p->slot.pid),
	    log_ms("uptime", now_ms - p->slot.forked_ms),
	    log_str("phase", scoreboard_phase_name(row->phase)),
	    log_ms("phase_age", now_ms - row->phase_since_ms),
	    log_int("in_hand", (long long)row->n_held),
	    log_int(row->n_recovering > 0 ? "recovering" : NULL,
		(long long)row->n_recovering),
	    log_str("id", h != NULL ? h->id : NULL),
	    log_int("received", (long long)row->counters[SCOREBOARD_RECEIVED]),
	    log_int("deleted", (long long)row->counters[SCOREBOARD_DELETED]),
	    log_int("retried", (long long)row->counters[SCOREBOARD_RETRIED]),
	    log_int("released", (long long)row->counters[SCOREBOARD_RELEASED]),
	    log_int("rejected", (long long)row->counters[SCOREBOARD_REJECTED]),
	    log_int("expired", (long long)row->counters[SCOREBOARD_EXPIRED]),
	    log_str("last_death", p->reason[0] != '\0' ? p->reason : NULL));
}

static void
record_empty(const struct place *p, int64_t now_ms)
{
	bool returns = p->slot.state == SLOT_BACKOFF;

	log_info("status", SLOT_RECORD_PLACE(p),
	    log_str("state", slot_state_name(p->slot.state)),
	    log_ms(returns ? "restart_in" : NULL, p->slot.deadline_ms - now_ms),
	    log_int("failures", p->slot.failures),
	    log_str("last_death", p->reason[0] != '\0' ? p->reason : NULL));
}

static void
record_place(const struct place *p, int64_t now_ms)
{
	static struct scoreboard_snapshot row;

	if (slot_is_live(&p->slot)) {
		scoreboard_snapshot(p->row, now_ms, &row);
		record_live(p, &row, now_ms);
	} else
		record_empty(p, now_ms);
}

void
slot_record_status(const struct pool *pool, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		record_place(pool->places[i], now_ms);
}

/* ---- the last record ---- */

void
slot_record_stopped(const struct pool *pool, const struct slot_record_run *run,
    int64_t now_ms)
{
	uint64_t totals[SCOREBOARD_COUNTERS];
	struct log_field fields[6 + SCOREBOARD_COUNTERS] = {
		log_int("exit_status", run->status),
		log_ms("duration", run->duration_ms),
		log_int("deaths", (long long)run->deaths),
		log_int("orphans", (long long)run->orphans),
		log_str("last_deaths",
		    run->reasons[0] != '\0' ? run->reasons : NULL)
	};
	size_t c;

	fields[5] = log_int("in_hand",
	    (long long)pool_count_totals(pool, NULL, now_ms, totals));
	for (c = 0; c < SCOREBOARD_COUNTERS; c++)
		fields[6 + c] =
		    log_int(scoreboard_counter_name((enum scoreboard_counter)c),
			(long long)totals[c]);
	if (log_enabled(run->status == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR))
		log_record(run->status == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
		    "stopped", fields, nitems(fields));
}
