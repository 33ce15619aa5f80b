/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The table of helper processes.  See releasers.h.
 */
#include "supervisor/slots/releasers.h"

#include <assert.h>
#include <signal.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

void
releasers_init(struct releasers *rs, size_t size)
{
	*rs = (struct releasers){ .size = size };
	rs->list = xcalloc(size, sizeof(rs->list[0]));
}

void
releasers_grow(struct releasers *rs, size_t size)
{
	if (size <= rs->size)
		return;
	rs->list = xreallocarray(rs->list, size, sizeof(rs->list[0]));
	memset(rs->list + rs->size, 0, (size - rs->size) * sizeof(rs->list[0]));
	rs->size = size;
}

void
releasers_release(struct releasers *rs)
{
	free(rs->list);
	*rs = (struct releasers){ .n = 0 };
}

static struct releaser *
find(const struct releasers *rs, pid_t pid)
{
	size_t i;

	for (i = 0; i < rs->size; i++)
		if (rs->list[i].pid == pid)
			return &rs->list[i];
	return NULL;
}

bool
releasers_have_room(const struct releasers *rs)
{
	return rs->n < rs->size;
}

void
releasers_add(struct releasers *rs, pid_t pid, struct place *place,
    int64_t kill_at_ms)
{
	struct releaser *r = find(rs, 0);

	assert(r != NULL);
	*r = (struct releaser){ pid, kill_at_ms, place };
	rs->n++;
}

bool
releasers_has(const struct releasers *rs, pid_t pid)
{
	return find(rs, pid) != NULL;
}

struct place *
releasers_remove(struct releasers *rs, pid_t pid)
{
	struct releaser *r = find(rs, pid);

	if (r == NULL)
		return NULL;
	r->pid = 0;
	rs->n--;
	return r->place;
}

static void
kill_releaser(struct releaser *r)
{
	log_warn("helper_killed", log_int("helper_pid", r->pid),
	    log_str("msg", "it did not end in time"));
	(void)kill(r->pid, SIGKILL);
	r->kill_at_ms = CLOCK_NEVER;
}

int64_t
releasers_step(struct releasers *rs, int64_t now_ms)
{
	int64_t next_ms = CLOCK_NEVER;
	size_t i;

	for (i = 0; i < rs->size; i++) {
		if (rs->list[i].pid == 0)
			continue;
		if (rs->list[i].kill_at_ms <= now_ms)
			kill_releaser(&rs->list[i]);
		next_ms = clock_earlier(next_ms, rs->list[i].kill_at_ms);
	}
	return next_ms;
}

void
releasers_kill_all(struct releasers *rs)
{
	size_t i;

	for (i = 0; i < rs->size; i++)
		if (rs->list[i].pid != 0)
			kill_releaser(&rs->list[i]);
}
