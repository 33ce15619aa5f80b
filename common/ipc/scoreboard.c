/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The memory of the scoreboard.  See scoreboard.h.
 */
#include "common/ipc/scoreboard.h"

#include <sys/mman.h>

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

void *
scoreboard_map(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

struct scoreboard_row *
scoreboard_row_new(void)
{
	return scoreboard_map(sizeof(struct scoreboard_row));
}

void
scoreboard_row_free(struct scoreboard_row *row)
{
	if (row != NULL)
		(void)munmap(row, sizeof(*row));
}

void
scoreboard_seal(struct scoreboard_row *row)
{
	const size_t before = offsetof(struct scoreboard_row, recovering);

	/* A larger page would hold fields that the child writes as well. */
	if (sysconf(_SC_PAGESIZE) <= SCOREBOARD_PAGE)
		(void)mprotect((char *)row + before, sizeof(*row) - before,
		    PROT_READ);
}

bool
scoreboard_copy_text(char *ret, const char *text, size_t size)
{
	bool is_good;

	memcpy(ret, text, size);
	is_good = memchr(ret, '\0', size) != NULL;
	ret[size - 1] = '\0';
	for (; *ret != '\0'; ret++)
		if (*ret < ' ' || *ret > '~') {
			*ret = '?';
			is_good = false;
		}
	return is_good;
}

const char *
scoreboard_phase_name(enum scoreboard_phase phase)
{
	switch (phase) {
	case SCOREBOARD_EMPTY:
		return "starting";
	case SCOREBOARD_READY:
		return "ready";
	case SCOREBOARD_POLLING:
		return "polling";
	case SCOREBOARD_BUSY:
		return "busy";
	case SCOREBOARD_WAITING:
		return "waiting";
	case SCOREBOARD_DRAINING:
		return "draining";
	case SCOREBOARD_PAUSED:
		return "paused";
	case SCOREBOARD_BRAKED:
		return "braked";
	case SCOREBOARD_IDLE:
		return "idle";
	case SCOREBOARD_PHASES:
		break;
	}
	return "unknown";
}

const char *
scoreboard_counter_name(enum scoreboard_counter c)
{
	switch (c) {
	case SCOREBOARD_RECEIVED:
		return "received";
	case SCOREBOARD_DELETED:
		return "deleted";
	case SCOREBOARD_RETRIED:
		return "retried";
	case SCOREBOARD_RELEASED:
		return "released";
	case SCOREBOARD_REJECTED:
		return "rejected";
	case SCOREBOARD_EXPIRED:
		return "expired";
	case SCOREBOARD_RECEIVES:
		return "receives";
	case SCOREBOARD_ERRORS:
		return "errors";
	case SCOREBOARD_JOB_TIMEOUTS:
		return "job_timeouts";
	case SCOREBOARD_OOM_KILLS:
		return "oom_kills";
	case SCOREBOARD_BUSY_MS:
		return "busy_ms";
	case SCOREBOARD_COUNTERS:
		break;
	}
	return "unknown";
}
