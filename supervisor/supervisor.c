/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The supervisor's loop, and the start and the end of it.  See supervisor.h.
 */
#include "supervisor/supervisor.h"

#include <sys/prctl.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/ipc/scoreboard_death.h"
#include "supervisor/balance.h"
#include "supervisor/deaths.h"
#include "supervisor/operator.h"
#include "supervisor/report/status.h"
#include "supervisor/signal_requests.h"
#include "supervisor/slot_actions.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"
#include "supervisor/stop_requests.h"
#include "supervisor/stopping.h"
#include "supervisor/watch.h"

#include "common/base/banned.h"

enum {
	WAIT_MAX_MS = 3600 * 1000,
	LATE_MS = 5000, /* woken so much too late, we had been stopped */
	BUDGET_MIN = 1  /* until the pool is known */
};

/* ---- the loop ---- */

/* Returns the time at which something happened, or deadline_ms had come. */
static int64_t
wait_for_events(struct supervisor *s, int64_t deadline_ms)
{
	struct pollfd fds[3 + CONTROL_POLLFDS] = { { .fd = s->ends.signal_fd,
						       .events = POLLIN },
		{ .fd = s->ends.wake_fd, .events = POLLIN },
		reporter_process_pollfd(s) };
	int64_t began = clock_ms(), ended;
	int timeout = clock_timeout_ms(began, deadline_ms, WAIT_MAX_MS);

	(void)poll(fds, 3 + control_pollfds(&s->control, began, fds + 3),
	    timeout);
	ended = clock_ms();
	if (ended - began - timeout > LATE_MS)
		watch_start_over(s, ended - began - timeout, ended);
	return ended;
}

static int64_t
announce_state(struct supervisor *s, int64_t now_ms)
{
	char title[NOTIFY_STATUS_MAX];

	status_describe(&s->pool, stop_requests_end_name(s), title,
	    sizeof(title));
	if (strcmp(title, s->title) != 0) {
		(void)strlcpy(s->title, title, sizeof(s->title));
		setproctitle("-sqsherd: supervisor [%s]", title);
		notify_status(s->notify, title);
	}
	if (!s->told_ready && !stop_is_begun(&s->stop) &&
	    pool_is_served(&s->pool)) {
		s->told_ready = true;
		log_info("ready", log_int("children", (long long)s->pool.n));
		notify_ready(s->notify, now_ms);
	}
	return notify_step(s->notify, watch_is_healthy(s, now_ms), now_ms);
}

/*
 * Steps each part once, and returns when to do so again if nothing happens
 * before.  Each part returns when it wants to be called next, by what it knows
 * at the end of its step, so a part may give work only to parts behind it:
 *
 *   - Requests, deaths, hangs and a pool that does not serve come first: each
 *     may begin a stop, and change how many children there are to be.
 *   - The stop enters its stage before empty slots are refilled, so no child is
 *     born in a stop.
 *   - All of these move deadlines of slots.  The refill is the last that does,
 *     and returns the earliest.
 */
static int64_t
step_parts(struct supervisor *s, int64_t now_ms)
{
	int64_t next_ms = signal_requests_step(s, now_ms);

	next_ms = clock_earlier(next_ms, control_step(&s->control, now_ms));
	deaths_step(s, now_ms);
	watch_children(s, now_ms);
	next_ms = clock_earlier(next_ms, watch_service(s, now_ms));
	balance_pool(s, now_ms);
	next_ms = clock_earlier(next_ms, stopping_step(s, now_ms));
	next_ms = clock_earlier(next_ms, slot_actions_refill(s, now_ms));
	next_ms = clock_earlier(next_ms, releasers_step(&s->releasers, now_ms));
	next_ms = clock_earlier(next_ms, reporter_process_step(s, now_ms));
	return clock_earlier(next_ms, announce_state(s, now_ms));
}

/* ---- start and end ---- */

static int
open_supervisor(struct supervisor *s, struct settings *settings)
{
	s->started_ms = clock_ms();
	s->unserved_since_ms = s->started_ms;
	s->terminal_look_ms = CLOCK_NEVER;
	oom_open(&s->oom);
	s->oom_kills = oom_count(&s->oom);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		log_warn("no_subreaper", log_str("error", strerror(errno)));
	if (fork_open(&s->ends) == -1) {
		settings_free(settings);
		return -1;
	}
	if (pool_open(&s->pool, settings, s->started_ms) == -1) {
		fork_close(&s->ends);
		return -1;
	}
	if (reporter_process_open(s, operator_answer) == -1) {
		pool_release(&s->pool);
		fork_close(&s->ends);
		return -1;
	}
	budget_init(&s->budget, BUDGET_MIN, 0);
	releasers_init(&s->releasers, s->pool.n);
	balance_fit(s);
	return 0;
}

static int
open_control(struct supervisor *s)
{
	s->ends.control = &s->control;
	return control_open(&s->control,
	    pool_settings(&s->pool)->control_socket, operator_answer, s);
}

static void
close_recoveries(struct supervisor *s)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		scoreboard_abandon(s->pool.places[i]->row);
}

static void
release_supervisor(struct supervisor *s)
{
	control_close(&s->control);
	reporter_process_release(s);
	releasers_release(&s->releasers);
	budget_release(&s->budget);
	pool_release(&s->pool);
	fork_close(&s->ends);
}

static int
close_supervisor(struct supervisor *s)
{
	char reasons[BUDGET_REASONS * (BUDGET_REASON_MAX + 2)];
	int64_t now_ms = clock_ms();
	int status = stopping_exit_status(s);

	close_recoveries(s);
	budget_reasons(&s->budget, reasons, sizeof(reasons));
	slot_record_stopped(&s->pool,
	    &(struct slot_record_run){ .status = status,
		.duration_ms = now_ms - s->started_ms,
		.deaths = s->budget.deaths,
		.orphans = s->orphans,
		.reasons = reasons },
	    now_ms);
	release_supervisor(s);
	return status;
}

int
supervisor_run(struct settings *settings, const struct settings_input *input,
    struct notify *notify, bool ends_with_terminal)
{
	static struct supervisor s; /* zero; one a process */
	int64_t next_ms;

	s.input = input;
	s.notify = notify;
	s.ends_with_terminal = ends_with_terminal;
	if (open_supervisor(&s, settings) == -1) {
		log_error("cannot_start", log_str("error", strerror(errno)));
		return EXITCODE_INTERNAL;
	}
	if (open_control(&s) == -1) {
		release_supervisor(&s);
		return EXITCODE_CONFIG;
	}
	log_info("started", log_str("version", SQSHERD_VERSION),
	    log_int("children", (long long)s.pool.n),
	    log_int("queues", (long long)s.pool.n_queues));
	next_ms = s.started_ms;
	while (!stopping_is_over(&s))
		next_ms = step_parts(&s, wait_for_events(&s, next_ms));
	return close_supervisor(&s);
}
