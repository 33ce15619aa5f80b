/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The stages of a stop.  See stop.h.
 */
#include "supervisor/stop.h"

#include "common/base/clock.h"
#include "common/ipc/grace.h"

#include "common/base/banned.h"

bool
stop_is_begun(const struct stop *s)
{
	return s->began_ms != 0;
}

void
stop_begin(struct stop *s, int64_t grace_timeout_ms, int64_t now_ms)
{
	struct grace g = grace_split(grace_timeout_ms);

	if (stop_is_timed(s))
		return;
	s->began_ms = now_ms;
	s->at_ms[STOP_FINISH] = now_ms;
	s->at_ms[STOP_RELEASE] = now_ms + g.release_ms;
	s->at_ms[STOP_KILL] = now_ms + g.kill_ms;
	s->at_ms[STOP_EXIT] = now_ms + g.exit_ms;
}

void
stop_begin_drain(struct stop *s, int64_t now_ms)
{
	if (stop_is_begun(s))
		return;
	s->began_ms = now_ms;
	s->at_ms[STOP_FINISH] = now_ms;
	s->at_ms[STOP_RELEASE] = CLOCK_NEVER;
	s->at_ms[STOP_KILL] = CLOCK_NEVER;
	s->at_ms[STOP_EXIT] = CLOCK_NEVER;
}

bool
stop_is_timed(const struct stop *s)
{
	return stop_is_begun(s) && s->at_ms[STOP_EXIT] != CLOCK_NEVER;
}

void
stop_hurry(struct stop *s, int64_t now_ms)
{
	int64_t earlier = s->at_ms[STOP_RELEASE] - now_ms;
	int stage;

	if (!stop_is_timed(s) || s->stage >= STOP_RELEASE || earlier <= 0)
		return;
	for (stage = STOP_RELEASE; stage < STOP_STAGES; stage++)
		s->at_ms[stage] -= earlier;
}

bool
stop_advance(struct stop *s, int64_t now_ms)
{
	if (stop_deadline(s) > now_ms)
		return false;
	s->stage++;
	return true;
}

int64_t
stop_deadline(const struct stop *s)
{
	if (!stop_is_begun(s) || s->stage == STOP_EXIT)
		return CLOCK_NEVER;
	return s->at_ms[s->stage + 1];
}

const char *
stop_stage_name(enum stop_stage stage)
{
	static const char *const names[STOP_STAGES] = {
		[STOP_NONE] = "none",
		[STOP_FINISH] = "finish",
		[STOP_RELEASE] = "release",
		[STOP_KILL] = "kill",
		[STOP_EXIT] = "exit",
	};

	return names[stage];
}
