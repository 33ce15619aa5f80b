/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See stop_requests.h.
 */
#include "supervisor/stop_requests.h"

#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "supervisor/slots/pool_count.h"
#include "supervisor/state.h"

#include "common/base/banned.h"

static void
begin(struct supervisor *s, int status, int64_t now_ms)
{
	int64_t grace_ms = pool_settings(&s->pool)->grace_timeout_ms;

	s->status = status;
	stop_begin(&s->stop, grace_ms, now_ms);
	notify_stopping(s->notify, grace_ms + STOP_LAST_REAP_MS, now_ms);
}

void
stop_requests_begin(struct supervisor *s, const struct stop_request *r,
    int64_t now_ms)
{
	if (stop_is_timed(&s->stop))
		return;
	log_info("stop_began", log_str("signal", r->signal),
	    log_int(r->sender_pid != -1 ? "sender_pid" : NULL, r->sender_pid),
	    log_str("msg", r->msg),
	    log_ms("grace", pool_settings(&s->pool)->grace_timeout_ms),
	    log_int("children", (long long)pool_count_live(&s->pool)));
	begin(s, EXITCODE_OK, now_ms);
}

void
stop_requests_drain(struct supervisor *s, int64_t now_ms)
{
	if (stop_is_begun(&s->stop))
		return;
	log_info("drain_began",
	    log_int("children", (long long)pool_count_live(&s->pool)));
	stop_begin_drain(&s->stop, now_ms);
}

void
stop_requests_give_up(struct supervisor *s, const char *why, int64_t now_ms)
{
	char reasons[BUDGET_REASONS * (BUDGET_REASON_MAX + 2)];

	if (stop_is_begun(&s->stop))
		return;
	budget_reasons(&s->budget, reasons, sizeof(reasons));
	log_error("crash_loop", log_str("msg", why),
	    log_int("deaths", (long long)s->budget.deaths),
	    log_int("limit", (long long)s->budget.limit),
	    log_ms("window", s->budget.window_ms),
	    log_str("last_deaths", reasons));
	begin(s, EXITCODE_CRASHLOOP, now_ms);
}

void
stop_requests_cannot_fork(struct supervisor *s, int64_t now_ms)
{
	if (stop_is_begun(&s->stop))
		return;
	log_error("cannot_fork",
	    log_str("msg", "no child could be started for a whole window"));
	begin(s, EXITCODE_INTERNAL, now_ms);
}

const char *
stop_requests_end_name(const struct supervisor *s)
{
	if (!stop_is_begun(&s->stop))
		return NULL;
	return stop_is_timed(&s->stop) ? "stopping" : "draining";
}
