/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See stopping.h.
 */
#include "supervisor/stopping.h"

#include <stdatomic.h>

#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "supervisor/slot_actions.h"
#include "supervisor/slots/orphan.h"
#include "supervisor/slots/pool_count.h"
#include "supervisor/state.h"

#include "common/base/banned.h"

enum {
	DEATH_MIN_MS = 100 /* from a SIGKILL to doubts about it */
};

/* ---- the stages ---- */

/*
 * Half of the time that is left is for a child to die of its SIGKILL; if it
 * does not, the other half is for a releaser.
 */
static void
expect_death_soon(struct supervisor *s)
{
	int64_t left = s->stop.at_ms[STOP_EXIT] - s->stop.at_ms[STOP_KILL];
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		s->pool.places[i]->policy.kill_again_ms =
		    left / 2 > DEATH_MIN_MS ? left / 2 : DEATH_MIN_MS;
}

/* A child that no signal ends is left alone, but its handlers are killed. */
static void
kill_below_survivors(const struct supervisor *s)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		if (slot_is_live(&s->pool.places[i]->slot))
			(void)orphan_kill_below(s->pool.places[i]->slot.pid);
}

/*
 * This is set before children are told to end: release_delay_s in
 * child/outcome.c reads it.
 */
static void
announce_stop(struct supervisor *s, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		if (slot_is_live(&s->pool.places[i]->slot))
			s->pool.places[i]->queue->shared->stop_children++;
	for (i = 0; i < s->pool.n_queues; i++)
		atomic_store(&s->pool.queues[i]->shared->stop_ms, now_ms);
}

static void
enter_stage(struct supervisor *s, int64_t now_ms)
{
	static const enum slot_event events[STOP_STAGES] = {
		[STOP_FINISH] = SLOT_EVENT_STOP,
		[STOP_RELEASE] = SLOT_EVENT_RELEASE,
		[STOP_KILL] = SLOT_EVENT_KILL,
		[STOP_EXIT] = SLOT_EVENT_KILL,
	};

	LOG_RECORD(s->stop.stage == STOP_FINISH ? LOG_LEVEL_DEBUG
						: LOG_LEVEL_WARN,
	    "stop_stage", log_str("stage", stop_stage_name(s->stop.stage)),
	    log_int("children", (long long)pool_count_live(&s->pool)),
	    log_int("releasers", (long long)s->releasers.n));
	if (s->stop.stage == STOP_FINISH)
		announce_stop(s, now_ms);
	if (s->stop.stage == STOP_KILL)
		expect_death_soon(s);
	slot_actions_apply_to_all(s, events[s->stop.stage], now_ms);
	if (s->stop.stage == STOP_EXIT) {
		kill_below_survivors(s);
		releasers_kill_all(&s->releasers);
		reporter_process_kill(s);
	}
}

/* ---- the processes below children ---- */

static bool
is_spared(void *arg, pid_t pid)
{
	const struct supervisor *s = arg;

	return pid == s->reporter.pid || releasers_has(&s->releasers, pid);
}

/*
 * Once no child is to live any more, only releasers and the reporter are
 * spared.  The children that a killed process leaves are killed after its
 * SIGCHLD.
 */
static void
kill_strays(struct supervisor *s)
{
	if (s->childless || s->stop.stage == STOP_NONE)
		return;
	if (s->stop.stage >= STOP_KILL || pool_count_is_stopped(&s->pool))
		(void)orphan_kill_all(is_spared, s);
}

/* ---- its course and its end ---- */

int64_t
stopping_step(struct supervisor *s, int64_t now_ms)
{
	while (stop_advance(&s->stop, now_ms))
		enter_stage(s, now_ms);
	kill_strays(s);
	if (s->stop.stage == STOP_EXIT)
		return s->stop.at_ms[STOP_EXIT] + STOP_LAST_REAP_MS;
	return stop_deadline(&s->stop);
}

bool
stopping_is_over(const struct supervisor *s)
{
	if (s->stop.stage == STOP_NONE)
		return false;
	if (s->stop.at_ms[STOP_EXIT] <= clock_ms() - STOP_LAST_REAP_MS)
		return true;
	return s->childless && s->releasers.n == 0 &&
	    pool_count_is_stopped(&s->pool);
}

int
stopping_exit_status(const struct supervisor *s)
{
	if (s->status == EXITCODE_OK &&
	    (s->forced || !pool_count_is_stopped(&s->pool) ||
		s->releasers.n > 0))
		return EXITCODE_FORCED;
	return s->status;
}
