/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See child_status.h. */
#include "child/child_status.h"

#include <unistd.h>

#include "child/receiving.h"
#include "common/base/clock.h"
#include "common/ipc/scoreboard_child.h"

#include "common/base/banned.h"

enum {
	TITLE_EVERY_MS = 100
};

static enum scoreboard_phase
current_phase(const struct child *c, int64_t now_ms)
{
	if (c->stage != STAGE_RUN)
		return SCOREBOARD_DRAINING;
	if (c->jobs.n_unsettled > 0)
		return SCOREBOARD_BUSY;
	if (receiving_is_paused(c) && !receive_is_polling(c->receive))
		return SCOREBOARD_PAUSED;
	if (brake_is_on(&c->brake) && !receive_is_polling(c->receive))
		return SCOREBOARD_BRAKED;
	if (receive_is_pausing(c->receive, now_ms) ||
	    receive_trouble(c->receive) != NULL || settle_is_stuck(c->settle))
		return SCOREBOARD_WAITING;
	if (receive_is_polling(c->receive))
		return SCOREBOARD_POLLING;
	if (idle_pollers_sleeps(&c->idle_pollers))
		return SCOREBOARD_IDLE;
	return SCOREBOARD_READY;
}

static void
set_title(const struct child *c)
{
	const struct job *j = TAILQ_FIRST(&c->jobs.list);

	if (c->phase == SCOREBOARD_BUSY && j != NULL)
		setproctitle("-sqsherd: %s/%u [busy %.8s]", c->queue->name,
		    c->args->slot, j->message.id);
	else
		setproctitle("-sqsherd: %s/%u [%s]", c->queue->name,
		    c->args->slot, scoreboard_phase_name(c->phase));
}

void
child_status_open(struct child *c, int64_t now_ms)
{
	scoreboard_set_phase(c->row, SCOREBOARD_READY, now_ms);
	c->phase = c->titled = SCOREBOARD_READY;
	set_title(c);
}

static void
set_phase(struct child *c, int64_t now_ms)
{
	enum scoreboard_phase phase = current_phase(c, now_ms);

	if (phase != c->phase)
		scoreboard_set_phase(c->row, phase, now_ms);
	c->phase = phase;
}

/*
 * To set the process title takes a microsecond, which is too much for each
 * message of a fast handler.  Returns when to set it.
 */
static int64_t
set_title_if_due(struct child *c, int64_t now_ms)
{
	if (c->titled == c->phase)
		return CLOCK_NEVER;
	if (c->titled_ms + TITLE_EVERY_MS > now_ms)
		return c->titled_ms + TITLE_EVERY_MS;
	set_title(c);
	c->titled = c->phase;
	c->titled_ms = now_ms;
	return CLOCK_NEVER;
}

static void
count_calls(struct child *c, int64_t now_ms)
{
	static struct receive_counts last;
	struct receive_counts counts = receive_counts(c->receive);

	scoreboard_count(c->row, SCOREBOARD_RECEIVES,
	    counts.receives - last.receives);
	scoreboard_count(c->row, SCOREBOARD_ERRORS,
	    counts.errors - last.errors);
	if (counts.errors != last.errors && receive_trouble(c->receive) != NULL)
		scoreboard_set_failure(c->row, receive_trouble(c->receive),
		    now_ms);
	last = counts;
}

int64_t
child_status_step(struct child *c, int64_t now_ms)
{
	count_calls(c, now_ms);
	scoreboard_set_trouble(c->row,
	    receive_trouble(c->receive) != NULL || settle_in_trouble(c->settle),
	    now_ms);
	set_phase(c, now_ms);
	return set_title_if_due(c, now_ms);
}
