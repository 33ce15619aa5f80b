/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See status.h.
 */
#include "supervisor/report/status.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/json_write.h"
#include "supervisor/slots/pool_count.h"
#include "supervisor/slots/replacement.h"

#include "common/base/banned.h"

/* The row of the place that was looked at last; too large for the stack. */
static struct scoreboard_snapshot row;

static void
look_at(const struct place *p, int64_t now_ms)
{
	(void)scoreboard_snapshot(p->row, now_ms, &row);
}

/* ---- a line ---- */

void
status_describe(const struct pool *pool, const char *end, char *ret,
    size_t size)
{
	size_t i, len = 0;
	int n;

	if (end != NULL) {
		(void)snprintf(ret, size, "%s, %zu left", end,
		    pool_count_live(pool));
		return;
	}
	ret[0] = '\0';
	for (i = 0; i < pool->n_queues && len < size; i++) {
		const struct pool_queue *q = pool->queues[i];

		n = snprintf(ret + len, size - len, "%s%s %zu/%zu ready%s",
		    i > 0 ? ", " : "", q->name,
		    pool_count_in(pool, q, SLOT_READY), q->wanted,
		    q->shared->paused != 0 ? " (paused)"
			: queue_board_brake_is_on(&q->shared->brake)
			? " (braked)"
			: "");
		if (n < 0)
			break;
		len += (size_t)n;
	}
}

/* ---- health ---- */

/* A draining child still works, and is watched. */
static bool
is_up(const struct place *p)
{
	return p->slot.state == SLOT_READY || p->slot.state == SLOT_DRAINING;
}

/* A child that only waits for SQS to take a delete does not work. */
static bool
is_working(void)
{
	return row.phase == SCOREBOARD_BUSY ||
	    (row.phase == SCOREBOARD_DRAINING && row.n_held > 0);
}

/* For how long the child in row has been unable to work, though it would. */
static int64_t
idle_ms(int64_t now_ms)
{
	if (is_working() || row.trouble_since_ms == 0)
		return 0;
	return now_ms - row.trouble_since_ms;
}

/* Does a child work at a message, other than the child that makes trials? */
static bool
works_beside_trial(const struct pool *pool, const struct pool_queue *q,
    unsigned holder, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < pool->n; i++) {
		const struct place *p = pool->places[i];

		if (p->queue != q || p->number == holder || !is_up(p))
			continue;
		look_at(p, now_ms);
		if (is_working())
			return true;
	}
	return false;
}

static bool
is_brake_unwell(const struct pool *pool, const struct pool_queue *q,
    int64_t now_ms, char why[STATUS_WHY_MAX])
{
	int when = q->settings->brake_unhealthy;
	struct queue_board_brake_snapshot b;

	queue_board_brake_snapshot(q->shared, now_ms, &b);
	if (!b.is_on || when == BRAKE_UNHEALTHY_NEVER ||
	    (when == BRAKE_UNHEALTHY_START && b.has_succeeded) ||
	    works_beside_trial(pool, q, b.holder, now_ms))
		return false;
	(void)snprintf(why, STATUS_WHY_MAX,
	    "unhealthy: the handler of queue %s %s for %lld s: %s", q->name,
	    b.cannot_start ? "cannot be started" : "fails at everything",
	    (long long)((now_ms - b.since_ms) / 1000), b.why);
	return true;
}

/* How well the children of a queue can serve it. */
struct service {
	size_t n_up;
	int64_t idle_ms; /* that of the child which could work last; 0: now */
	char error[SCOREBOARD_ERROR_MAX + 1]; /* that child's last; or "" */
};

static struct service
look_at_service(const struct pool *pool, const struct pool_queue *q,
    int64_t now_ms)
{
	struct service s = { .idle_ms = INT64_MAX };
	size_t i;

	for (i = 0; i < pool->n; i++) {
		const struct place *p = pool->places[i];

		if (p->queue != q || !is_up(p))
			continue;
		s.n_up++;
		look_at(p, now_ms);
		if (idle_ms(now_ms) >= s.idle_ms)
			continue;
		s.idle_ms = idle_ms(now_ms);
		(void)strlcpy(s.error, row.error, sizeof(s.error));
	}
	if (s.n_up == 0 || q->settings == NULL || q->shared->paused != 0)
		s.idle_ms = 0;
	return s;
}

/* "no child of queue jobs could work for 12 s: NonExistentQueue: ..." */
static void
describe_service(const struct service *s, const struct pool_queue *q,
    const char *before, char *ret, size_t size)
{
	(void)snprintf(ret, size,
	    "%sno child of queue %s could work for %lld "
	    "s: %s",
	    before, q->name, (long long)(s->idle_ms / 1000), s->error);
}

/* Appends to troubles a state that is not bad yet, but may become so. */
static bool
is_queue_well(const struct pool *pool, const struct pool_queue *q,
    int64_t now_ms, char why[STATUS_WHY_MAX], char troubles[STATUS_WHY_MAX])
{
	int64_t limit_ms = pool->config->settings->health_timeout_ms;
	size_t len = strlen(troubles);
	struct service s;

	if (q->settings == NULL || q->shared->paused != 0)
		return true;
	s = look_at_service(pool, q, now_ms);
	if (s.n_up == 0) {
		(void)snprintf(why, STATUS_WHY_MAX,
		    "unhealthy: queue %s has no ready child", q->name);
		return false;
	}
	if (limit_ms != 0 && s.idle_ms >= limit_ms) {
		describe_service(&s, q, "unhealthy: ", why, STATUS_WHY_MAX);
		return false;
	}
	if (s.idle_ms > 0)
		describe_service(&s, q, "; ", troubles + len,
		    STATUS_WHY_MAX - len);
	return !is_brake_unwell(pool, q, now_ms, why);
}

bool
status_health(const struct pool *pool, const struct status_run *run,
    int64_t now_ms, char why[STATUS_WHY_MAX])
{
	char text[STATUS_WHY_MAX - 16], troubles[STATUS_WHY_MAX] = "";
	size_t i;

	if (run->failed) {
		(void)strlcpy(why, "unhealthy: children keep dying",
		    STATUS_WHY_MAX);
		return false;
	}
	for (i = 0; !run->ending && i < pool->n_queues; i++)
		if (!is_queue_well(pool, pool->queues[i], now_ms, why,
			troubles))
			return false;
	status_describe(pool, run->ending ? run->state : NULL, text,
	    sizeof(text));
	(void)snprintf(why, STATUS_WHY_MAX, "healthy: %s%s", text, troubles);
	return true;
}

/* ---- JSON ---- */

static void
put_counters(struct json_write *w, const uint64_t counters[SCOREBOARD_COUNTERS])
{
	int c;

	for (c = 0; c < SCOREBOARD_COUNTERS; c++)
		json_write_int(w,
		    scoreboard_counter_name((enum scoreboard_counter)c),
		    (int64_t)counters[c]);
}

void
status_answer(struct buf *to, bool is_ok, const char *msg)
{
	struct json_write w = JSON_WRITE(to);

	json_write_object(&w, NULL);
	json_write_bool(&w, "ok", is_ok);
	json_write_string(&w, "msg", msg);
	json_write_object_end(&w);
	buf_putc(to, '\n');
}

static const struct scoreboard_held *
oldest(void)
{
	const struct scoreboard_held *h = NULL;
	size_t i;

	for (i = 0; i < row.n_held; i++)
		if (h == NULL || row.held[i].since_ms < h->since_ms)
			h = &row.held[i];
	return h;
}

static void
put_child(struct json_write *w, const struct pool *pool, const struct place *p,
    int64_t now_ms)
{
	const struct scoreboard_held *h = oldest();

	json_write_int(w, "pid", p->slot.pid);
	json_write_int(w, "uptime_ms", now_ms - p->slot.forked_ms);
	json_write_string(w, "phase", scoreboard_phase_name(row.phase));
	json_write_int(w, "phase_age_ms", now_ms - row.phase_since_ms);
	json_write_int(w, "turn_age_ms", now_ms - row.progress_ms);
	json_write_bool(w, "old_settings", pool_is_stale(pool, p));
	if (h == NULL)
		return;
	json_write_string(w, "message", h->id);
	json_write_int(w, "receive_count", h->receive_count);
	json_write_int(w, "message_age_ms", now_ms - h->since_ms);
}

/* Writes the slot of p, whose row is in row. */
static void
put_slot(struct json_write *w, const struct pool *pool, const struct place *p,
    int64_t now_ms)
{
	json_write_object(w, NULL);
	json_write_key(w, "slot");
	buf_printf(w->to, "\"%s/%u\"", p->queue->name, p->number);
	json_write_string(w, "state", slot_state_name(p->slot.state));
	json_write_bool(w, "wanted", p->slot.wanted);
	json_write_int(w, "generation", p->slot.generation);
	json_write_int(w, "failures", p->slot.failures);
	if (p->slot.state == SLOT_BACKOFF)
		json_write_int(w, "restart_in_ms",
		    p->slot.deadline_ms - now_ms);
	if (slot_is_live(&p->slot))
		put_child(w, pool, p, now_ms);
	json_write_int(w, "in_hand", (int64_t)(row.n_held + row.n_recovering));
	put_counters(w, row.counters);
	if (row.trouble_since_ms != 0)
		json_write_int(w, "trouble_ms", now_ms - row.trouble_since_ms);
	if (row.error[0] != '\0') {
		json_write_string(w, "last_error", row.error);
		json_write_int(w, "last_error_age_ms", now_ms - row.error_ms);
	}
	if (p->reason[0] != '\0')
		json_write_string(w, "last_death", p->reason);
	json_write_object_end(w);
}

/* The sums of one queue or of all, taken at the same moment as the slots. */
struct sums {
	uint64_t in_hand;
	uint64_t counters[SCOREBOARD_COUNTERS];
};

static void
put_sums(struct json_write *w, const struct sums *sums)
{
	json_write_int(w, "in_hand", (int64_t)sums->in_hand);
	put_counters(w, sums->counters);
}

static void
put_slots(struct json_write *w, const struct pool *pool,
    const struct pool_queue *q, int64_t now_ms, struct sums *sums)
{
	size_t i;

	json_write_array(w, "slots");
	for (i = 0; i < pool->n; i++) {
		if (pool->places[i]->queue != q)
			continue;
		look_at(pool->places[i], now_ms);
		sums->in_hand += row.n_held + row.n_recovering;
		pool_count_add(sums->counters, row.counters);
		put_slot(w, pool, pool->places[i], now_ms);
	}
	json_write_array_end(w);
}

static void
put_brake(struct json_write *w, const struct pool_queue *q, int64_t now_ms)
{
	struct queue_board_brake_snapshot b;

	queue_board_brake_snapshot(q->shared, now_ms, &b);
	json_write_bool(w, "braked", b.is_on);
	if (!b.is_on)
		return;
	json_write_int(w, "braked_ms", now_ms - b.since_ms);
	json_write_string(w, "brake_reason", b.why);
	json_write_int(w, "brake_trials", b.trials);
}

static void
put_service(struct json_write *w, const struct pool *pool,
    const struct pool_queue *q, int64_t now_ms)
{
	struct service s = look_at_service(pool, q, now_ms);

	if (s.idle_ms == 0)
		return;
	json_write_int(w, "trouble_ms", s.idle_ms);
	json_write_string(w, "trouble_reason", s.error);
}

static void
put_queue(struct json_write *w, const struct pool *pool,
    const struct pool_queue *q, int64_t now_ms, struct sums *all)
{
	struct sums sums = { .in_hand = 0 };

	json_write_object(w, NULL);
	json_write_string(w, "name", q->name);
	json_write_int(w, "children", (int64_t)q->wanted);
	json_write_int(w, "ready", (int64_t)pool_count_in(pool, q, SLOT_READY));
	json_write_bool(w, "paused", q->shared->paused != 0);
	put_brake(w, q, now_ms);
	put_service(w, pool, q, now_ms);
	json_write_bool(w, "leaving", q->settings == NULL);
	put_slots(w, pool, q, now_ms, &sums);
	pool_count_add(sums.counters, q->past.counters);
	put_sums(w, &sums);
	json_write_object_end(w);
	all->in_hand += sums.in_hand;
	pool_count_add(all->counters, sums.counters);
}

static void
put_reporter(struct json_write *w, const struct status_reporter *r,
    int64_t now_ms)
{
	json_write_object(w, "reporter");
	json_write_string(w, "state", r->state);
	if (r->pid != 0) {
		json_write_int(w, "pid", r->pid);
		json_write_int(w, "uptime_ms", now_ms - r->since_ms);
		json_write_int(w, "turn_age_ms", now_ms - r->turned_ms);
	}
	json_write_int(w, "deaths", (int64_t)r->deaths);
	if (r->pid != 0 && r->port != 0)
		json_write_int(w, "port", r->port);
	if (r->protects) {
		json_write_bool(w, "protected", r->protected_until_ms > now_ms);
		json_write_bool(w, "protection_fails", r->protection_fails);
	}
	json_write_object_end(w);
}

static void
put_run(struct json_write *w, const struct pool *pool,
    const struct status_run *run, int64_t now_ms)
{
	char why[STATUS_WHY_MAX];
	bool healthy = status_health(pool, run, now_ms, why);

	json_write_string(w, "version", SQSHERD_VERSION);
	json_write_int(w, "pid", getpid());
	json_write_string(w, "state", run->state);
	json_write_int(w, "uptime_ms", now_ms - run->started_ms);
	json_write_bool(w, "healthy", healthy);
	json_write_string(w, "health", why);
	json_write_int(w, "old_settings", (int64_t)replacement_left(pool));
	json_write_int(w, "deaths", (int64_t)run->deaths);
	if (run->reporter.is_wanted || run->reporter.pid != 0)
		put_reporter(w, &run->reporter, now_ms);
}

void
status_put(struct buf *to, const struct pool *pool,
    const struct status_run *run, int64_t now_ms)
{
	struct json_write w = JSON_WRITE(to);
	struct sums all = { .in_hand = 0 };
	size_t i;

	json_write_object(&w, NULL);
	json_write_bool(&w, "ok", true);
	json_write_object(&w, "status");
	put_run(&w, pool, run, now_ms);
	json_write_array(&w, "queues");
	for (i = 0; i < pool->n_queues; i++)
		put_queue(&w, pool, pool->queues[i], now_ms, &all);
	json_write_array_end(&w);
	pool_count_add(all.counters, pool->past);
	json_write_object(&w, "totals");
	put_sums(&w, &all);
	json_write_object_end(&w);
	json_write_object_end(&w);
	json_write_object_end(&w);
	buf_putc(to, '\n');
}
