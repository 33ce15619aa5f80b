/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See stage.h. */
#include "child/stage.h"

#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/grace.h"

#include "common/base/banned.h"

enum {
	CANCEL_KILL_MS = 1000 /* a cancelled handler's time to stop */
};

int64_t
stage_stop_began_ms(const struct child *c)
{
	if (c->stop_ms != 0 || c->args->shared == NULL)
		return c->stop_ms;
	return atomic_load(&c->args->shared->stop_ms);
}

/*
 * A child that is replaced, or that is surplus, works the messages that it has
 * and those that its last poll brings: to give them back would count as one
 * more receive towards the redrive policy of the queue, for nothing.
 */
bool
stage_is_at_work(const struct child *c)
{
	return c->stage == STAGE_RUN ||
	    (c->stage == STAGE_DRAIN && stage_stop_began_ms(c) == 0);
}

/* False in a stop, which has a limit of its own: grace_timeout. */
bool
stage_is_awaited(const struct child *c)
{
	return c->leaving ||
	    (c->stage != STAGE_RUN && stage_stop_began_ms(c) == 0);
}

/*
 * The last poll is waited for, except when the supervisor that would wait for
 * this child is gone, or the time is up.
 */
bool
stage_is_over(const struct child *c, int64_t now_ms)
{
	if (c->give_up_at_ms <= now_ms)
		return true;
	if (c->stage == STAGE_RUN || c->jobs.n > 0)
		return false;
	return !receive_is_polling(c->receive) || c->orphaned ||
	    c->stage == STAGE_RELEASE;
}

/*
 * Sets the times of the later stages, for a child without a supervisor that
 * would send signals.
 */
static void
keep_time(struct child *c, int64_t now_ms)
{
	struct grace g = grace_split(c->settings->grace_timeout_ms);

	c->release_at_ms = now_ms + g.release_ms;
	c->give_up_at_ms = now_ms + g.exit_ms;
}

void
stage_begin_drain(struct child *c, int64_t now_ms)
{
	if (c->stage != STAGE_RUN)
		return;
	c->stage = STAGE_DRAIN;
	receive_end(c->receive);
	if (c->args->parent == 0) {
		c->stop_ms = now_ms;
		keep_time(c, now_ms);
	}
	log_debug("drain", log_int("in_hand", (long long)c->jobs.n));
}

void
stage_begin_release(struct child *c, int64_t now_ms)
{
	stage_begin_drain(c, now_ms);
	c->release_at_ms = CLOCK_NEVER;
	if (c->stage == STAGE_RELEASE)
		return;
	c->stage = STAGE_RELEASE;
	if (c->jobs.n_unsettled > 0)
		c->forced = true;
	deadletter_give_up(c->deadletter, "stopped");
	c->ops->cancel(c->handler, NULL, CANCEL_KILL_MS, now_ms);
}

static void
check_parent(struct child *c, int64_t now_ms)
{
	if (c->orphaned || c->args->parent == 0 || getppid() == c->args->parent)
		return;
	c->orphaned = true;
	c->stop_ms = now_ms;
	log_warn("supervisor_gone", log_int("in_hand", (long long)c->jobs.n),
	    log_str("msg", "finishing what is in hand"));
	stage_begin_drain(c, now_ms);
	keep_time(c, now_ms);
}

int64_t
stage_step(struct child *c, int64_t now_ms)
{
	check_parent(c, now_ms);
	if (c->release_at_ms <= now_ms)
		stage_begin_release(c, now_ms);
	return clock_earlier(c->release_at_ms, c->give_up_at_ms);
}
