/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What an operator asks for.  See operator.h.
 */
#include "supervisor/operator.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "child/child.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "supervisor/control/control_request.h"
#include "supervisor/report/pool_metrics.h"
#include "supervisor/report/status.h"
#include "supervisor/slots/replacement.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"

#include "common/base/banned.h"

enum {
	CRASH_LIMIT_MIN = 5,
	/* A child can die again while SQS keeps the releasers of its earlier
	   deaths waiting. */
	RELEASERS_PER_PLACE = 8
};

/* ---- as many as are wanted, by the settings in force ---- */

/* What depends on the number of children. */
void
operator_fit(struct supervisor *s)
{
	size_t limit = (size_t)supervisor_in_force(s)->crash_limit;

	if (limit == 0)
		limit =
		    s->pool.n > CRASH_LIMIT_MIN ? s->pool.n : CRASH_LIMIT_MIN;
	budget_change(&s->budget, limit,
	    supervisor_in_force(s)->crash_window_ms);
	releasers_grow(&s->releasers, RELEASERS_PER_PLACE * s->pool.n);
}

static void
grow(struct supervisor *s, struct pool_queue *q, int64_t now_ms)
{
	while (replacement_places(&s->pool, q) < q->wanted)
		if (pool_add(&s->pool, q, now_ms) == NULL) {
			log_error("cannot_grow", log_str("queue", q->name),
			    log_str("error", strerror(errno)));
			q->wanted = replacement_places(&s->pool, q);
		}
}

static void
balance_queue(struct supervisor *s, struct pool_queue *q, int64_t now_ms)
{
	struct place *p;

	grow(s, q, now_ms);
	while ((p = replacement_surplus(&s->pool, q)) != NULL)
		(void)supervisor_apply(s, p, SLOT_EVENT_STOP, now_ms);
	while ((p = replacement_next(&s->pool, q)) != NULL) {
		slot_record_replacement(p, now_ms);
		(void)supervisor_apply(s, p, SLOT_EVENT_DRAIN, now_ms);
	}
}

/* After each change of what is wanted, too, before anything is filled. */
void
operator_balance(struct supervisor *s, int64_t now_ms)
{
	size_t i;

	if (stop_is_begun(&s->stop))
		return;
	for (i = 0; i < s->pool.n_queues; i++)
		balance_queue(s, s->pool.queues[i], now_ms);
	pool_sweep(&s->pool, now_ms);
	operator_fit(s);
	if (s->rolling && replacement_left(&s->pool) == 0) {
		s->rolling = false;
		log_info("reload_done",
		    log_int("children", (long long)s->pool.n));
	}
}

/* ---- what an operator asks for; -1: refused, why says the reason ---- */

static int
reload_into(struct supervisor *s, char why[RELOAD_WHY_MAX])
{
	struct settings *fresh =
	    reload_settings(s->input, supervisor_in_force(s), why);

	if (fresh == NULL)
		return -1;
	if (pool_adopt(&s->pool, fresh) == -1) {
		(void)strlcpy(why, strerror(errno), RELOAD_WHY_MAX);
		settings_free(fresh);
		return -1;
	}
	log_init((enum log_format)fresh->log_format,
	    (enum log_level)fresh->log_level);
	return 0;
}

int
operator_reload(struct supervisor *s, char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	int result;

	if (stop_is_begun(&s->stop)) {
		(void)strlcpy(why, "a stop is under way", RELOAD_WHY_MAX);
		log_info("reload_ignored", log_str("msg", why));
		return -1;
	}
	if (s->told_ready)
		notify_reloading(s->notify, clock_us(), now_ms);
	result = reload_into(s, why);
	if (result == 0) {
		s->rolling = true;
		log_info("reload_began",
		    log_int("children", (long long)pool_live(&s->pool)));
		operator_balance(s, now_ms);
		reporter_process_reload(s, now_ms);
	} else
		log_error("reload_failed",
		    log_str("msg", "the old settings stay in force"),
		    log_str("error", why));
	if (s->told_ready)
		notify_ready(s->notify, now_ms);
	return result;
}

int
operator_scale(struct supervisor *s, struct pool_queue *q, size_t children,
    char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	size_t others = pool_wanted(&s->pool) - q->wanted;

	if (stop_is_begun(&s->stop)) {
		(void)strlcpy(why, "a stop is under way", RELOAD_WHY_MAX);
		return -1;
	}
	if (children < 1 || children > SETTINGS_CHILDREN_MAX ||
	    others + children > SETTINGS_ALL_CHILDREN_MAX) {
		(void)snprintf(why, RELOAD_WHY_MAX,
		    "a queue has 1 to %d children, and all queues %d at most",
		    SETTINGS_CHILDREN_MAX, SETTINGS_ALL_CHILDREN_MAX);
		return -1;
	}
	log_info("scaled", log_str("queue", q->name),
	    log_int("from", (long long)q->wanted),
	    log_int("children", (long long)children));
	q->wanted = children;
	operator_balance(s, now_ms);
	return 0;
}

/* Returns 0: there is always a way to end. */
static int
ask_to_stop(struct supervisor *s, int64_t now_ms)
{
	if (stop_is_timed(&s->stop))
		return 0;
	log_info("stop_began", log_str("msg", "asked on the control socket"),
	    log_ms("grace", supervisor_in_force(s)->grace_timeout_ms),
	    log_int("children", (long long)pool_live(&s->pool)));
	supervisor_begin_stop(s, EXITCODE_OK, now_ms);
	return 0;
}

static int
ask_to_drain(struct supervisor *s, int64_t now_ms)
{
	if (stop_is_begun(&s->stop))
		return 0;
	log_info("drain_began",
	    log_int("children", (long long)pool_live(&s->pool)));
	stop_begin_drain(&s->stop, now_ms);
	return 0;
}

/* Children that look up late see it all the same: they look at each turn. */
static void
set_paused(struct supervisor *s, struct pool_queue *q, bool paused)
{
	size_t i;

	log_info(paused ? "paused" : "resumed", log_str("queue", q->name));
	q->shared->paused = paused;
	for (i = 0; i < s->pool.n; i++)
		if (s->pool.places[i]->queue == q &&
		    slot_is_live(&s->pool.places[i]->slot))
			supervisor_ask(s->pool.places[i]->slot.pid, SIGUSR2);
}

static int
restart(struct supervisor *s, struct place *p, char why[RELOAD_WHY_MAX],
    int64_t now_ms)
{
	if (stop_is_begun(&s->stop) || !p->slot.wanted) {
		(void)strlcpy(why, "this slot is ending", RELOAD_WHY_MAX);
		return -1;
	}
	log_info("restart_asked", SLOT_RECORD_PLACE(p),
	    log_str("state", slot_state_name(p->slot.state)));
	(void)supervisor_apply(s, p, SLOT_EVENT_DRAIN, now_ms);
	return 0;
}

/* ---- requests on the control socket ---- */

static struct status_reporter
reporter_so_far(const struct supervisor *s)
{
	const struct reporter_process *r = &s->reporter;

	return (struct status_reporter){ .is_wanted = reporter_is_wanted(
					     supervisor_in_force(s)),
		.state = reporter_process_state_name(r->state),
		.pid = r->pid,
		.since_ms = r->forked_ms,
		.turned_ms = atomic_load(&r->board->progress_ms),
		.deaths = r->deaths,
		.port = atomic_load(&r->board->port) & UINT16_MAX,
		.protects = reporter_protects(supervisor_in_force(s)),
		.protected_until_ms =
		    atomic_load(&r->board->protected_until_ms),
		.protection_fails =
		    atomic_load(&r->board->protection_fails) != 0 };
}

static struct status_run
run_so_far(const struct supervisor *s)
{
	const char *end = supervisor_end_name(s);

	return (struct status_run){ .state = end != NULL ? end : "running",
		.ending = end != NULL,
		.failed = s->status != EXITCODE_OK,
		.started_ms = s->started_ms,
		.deaths = s->budget.deaths,
		.reporter = reporter_so_far(s) };
}

static void
report_metrics(const struct supervisor *s, const struct status_run *run,
    struct buf *to, int64_t now_ms)
{
	char why[STATUS_WHY_MAX];

	pool_metrics_put_open(to, &s->pool,
	    &(struct metrics_run){ .version = SQSHERD_VERSION,
		.uptime_ms = now_ms - s->started_ms,
		.healthy = status_health(&s->pool, run, now_ms, why),
		.reporter = run->reporter.is_wanted,
		.reporter_deaths = s->reporter.deaths },
	    now_ms);
}

/* Reports say everything themselves; returns whether r asks for one. */
static bool
report(struct supervisor *s, const struct control_request *r, struct buf *to,
    int64_t now_ms)
{
	struct status_run run = run_so_far(s);
	char why[STATUS_WHY_MAX];

	if (r->kind == CONTROL_REQUEST_STATUS)
		status_put(to, &s->pool, &run, now_ms);
	else if (r->kind == CONTROL_REQUEST_HEALTH)
		status_answer(to, status_health(&s->pool, &run, now_ms, why),
		    why);
	else if (r->kind == CONTROL_REQUEST_METRICS)
		report_metrics(s, &run, to, now_ms);
	else
		return false;
	return true;
}

static int
obey_for_queue(struct supervisor *s, const struct control_request *r,
    char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	struct pool_queue *q = pool_find_queue(&s->pool, r->queue);

	if (q == NULL) {
		(void)snprintf(why, RELOAD_WHY_MAX, "there is no queue %s",
		    r->queue);
		return -1;
	}
	if (r->kind == CONTROL_REQUEST_SCALE)
		return operator_scale(s, q, r->number, why, now_ms);
	set_paused(s, q, r->kind == CONTROL_REQUEST_PAUSE);
	return 0;
}

static int
obey_for_slot(struct supervisor *s, const struct control_request *r,
    char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	struct place *p = pool_find_slot(&s->pool, r->queue, r->number);

	if (p != NULL)
		return restart(s, p, why, now_ms);
	(void)snprintf(why, RELOAD_WHY_MAX, "there is no slot %s/%u", r->queue,
	    r->number);
	return -1;
}

/* 0, or -1 with the reason; why may also say more about what was done. */
static int
obey(struct supervisor *s, const struct control_request *r,
    char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	switch (r->kind) {
	case CONTROL_REQUEST_SCALE:
	case CONTROL_REQUEST_PAUSE:
	case CONTROL_REQUEST_RESUME:
		return obey_for_queue(s, r, why, now_ms);
	case CONTROL_REQUEST_RESTART:
		return obey_for_slot(s, r, why, now_ms);
	case CONTROL_REQUEST_RELOAD:
		return operator_reload(s, why, now_ms);
	case CONTROL_REQUEST_DRAIN:
		return ask_to_drain(s, now_ms);
	case CONTROL_REQUEST_STOP:
		return ask_to_stop(s, now_ms);
	case CONTROL_REQUEST_STATUS:
	case CONTROL_REQUEST_HEALTH:
	case CONTROL_REQUEST_METRICS:
	case CONTROL_REQUEST_KINDS:
		break;
	}
	return -1;
}

void
operator_answer(void *arg, struct span line, struct buf *to, int64_t now_ms)
{
	struct supervisor *s = arg;
	char why[RELOAD_WHY_MAX] = "";
	const char *wrong;
	struct control_request r;

	if (control_request_parse(line, &r, &wrong) == -1)
		status_answer(to, false, wrong);
	else if (report(s, &r, to, now_ms))
		return;
	else if (obey(s, &r, why, now_ms) == -1)
		status_answer(to, false, why);
	else
		status_answer(to, true, control_request_done_text(r.kind));
}
