/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A row of any bytes, as a child gone mad could leave it: the snapshot is
 * well formed all the same.  Bytes that are missing are 0.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/ipc/scoreboard_snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_text(const char *s, size_t size)
{
	assert(memchr(s, '\0', size) != NULL);
	for (; *s != '\0'; s++)
		assert(*s >= ' ' && *s <= '~');
}

static void
check_time(int64_t ms, int64_t now_ms)
{
	assert(ms >= 0 && ms <= now_ms);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct scoreboard_row row;
	static struct scoreboard_snapshot s;
	const int64_t now_ms = 1000000;
	size_t i;

	memset(&row, 0, sizeof(row));
	memcpy(&row, data, size < sizeof(row) ? size : sizeof(row));
	memset(&s, 0xA5, sizeof(s));
	scoreboard_snapshot(&row, now_ms, &s);
	assert(s.phase < SCOREBOARD_PHASES);
	check_time(s.progress_ms, now_ms);
	check_time(s.phase_since_ms, now_ms);
	check_time(s.trouble_since_ms, now_ms);
	check_time(s.error_ms, now_ms);
	check_text(s.error, sizeof(s.error));
	assert(s.n_held <= SCOREBOARD_HANDS);
	for (i = 0; i < s.n_held; i++) {
		assert(s.held[i].state > SCOREBOARD_HAND_FREE);
		assert(s.held[i].state < SCOREBOARD_HAND_STATES);
		assert(s.held[i].receive_count >= 1);
		assert(s.held[i].receive_count <= 1000000);
		check_time(s.held[i].since_ms, now_ms);
		check_text(s.held[i].id, sizeof(s.held[i].id));
		check_text(s.held[i].receipt_handle,
		    sizeof(s.held[i].receipt_handle));
	}
	return 0;
}
