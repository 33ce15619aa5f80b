/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The division of the grace timeout.  See grace.h.
 */
#include "common/ipc/grace.h"

#include "common/base/banned.h"

enum {
	STAGE_MAX_MS = 2000, /* enough to stop a handler and make two calls */
	POLL_MARGIN_MS = 1000
};

struct grace
grace_split(int64_t grace_timeout_ms)
{
	int64_t stage = grace_timeout_ms / 5;

	if (stage > STAGE_MAX_MS)
		stage = STAGE_MAX_MS;
	return (struct grace){ .release_ms = grace_timeout_ms - 2 * stage,
		.kill_ms = grace_timeout_ms - stage,
		.exit_ms = grace_timeout_ms };
}

int
grace_wait_time_s(int64_t grace_timeout_ms, int wait_time_s)
{
	int64_t room =
	    grace_split(grace_timeout_ms).release_ms - POLL_MARGIN_MS;

	if (room < 0)
		room = 0;
	return room / 1000 < wait_time_s ? (int)(room / 1000) : wait_time_s;
}

int
grace_hide_s(int64_t stop_ms, unsigned children, int wait_time_s,
    int64_t now_ms)
{
	int64_t left_ms = stop_ms + wait_time_s * INT64_C(1000) - now_ms;

	if (stop_ms == 0 || children <= 1 || left_ms <= 0)
		return 0;
	return (int)((left_ms + 999) / 1000);
}
