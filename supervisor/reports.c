/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See reports.h.
 */
#include "supervisor/reports.h"

#include "child/reporter/reporter.h"
#include "common/base/exitcode.h"
#include "supervisor/report/pool_metrics.h"
#include "supervisor/report/status.h"
#include "supervisor/state.h"
#include "supervisor/stop_requests.h"

#include "common/base/banned.h"

static struct status_reporter
reporter_now(const struct supervisor *s)
{
	const struct reporter_process *r = &s->reporter;

	return (struct status_reporter){ .is_wanted = reporter_is_wanted(
					     pool_settings(&s->pool)),
		.state = reporter_process_state_name(r->state),
		.pid = r->pid,
		.since_ms = r->forked_ms,
		.turned_ms = atomic_load(&r->board->progress_ms),
		.deaths = r->deaths,
		.port = atomic_load(&r->board->port) & UINT16_MAX,
		.protects = reporter_protects(pool_settings(&s->pool)),
		.protected_until_ms =
		    atomic_load(&r->board->protected_until_ms),
		.protection_fails =
		    atomic_load(&r->board->protection_fails) != 0 };
}

static struct status_run
run_now(const struct supervisor *s)
{
	const char *end = stop_requests_end_name(s);

	return (struct status_run){ .state = end != NULL ? end : "running",
		.ending = end != NULL,
		.failed = s->status != EXITCODE_OK,
		.started_ms = s->started_ms,
		.deaths = s->budget.deaths,
		.reporter = reporter_now(s) };
}

static void
put_metrics(const struct supervisor *s, const struct status_run *run,
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

bool
reports_put(struct supervisor *s, const struct control_request *r,
    struct buf *to, int64_t now_ms)
{
	struct status_run run = run_now(s);
	char why[STATUS_WHY_MAX];

	if (r->kind == CONTROL_REQUEST_STATUS)
		status_put(to, &s->pool, &run, now_ms);
	else if (r->kind == CONTROL_REQUEST_HEALTH)
		status_answer(to, status_health(&s->pool, &run, now_ms, why),
		    why);
	else if (r->kind == CONTROL_REQUEST_METRICS)
		put_metrics(s, &run, to, now_ms);
	else
		return false;
	return true;
}
