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
releasers_init(struct releasers *hs, size_t size)
{
	*hs = (struct releasers){ .size = size };
	hs->list = xcalloc(size, sizeof(hs->list[0]));
}

void
releasers_grow(struct releasers *hs, size_t size)
{
	if (size <= hs->size)
		return;
	hs->list = xreallocarray(hs->list, size, sizeof(hs->list[0]));
	memset(hs->list + hs->size, 0, (size - hs->size) * sizeof(hs->list[0]));
	hs->size = size;
}

void
releasers_release(struct releasers *hs)
{
	free(hs->list);
	*hs = (struct releasers){ .n = 0 };
}

static struct releaser *
find(const struct releasers *hs, pid_t pid)
{
	size_t i;

	for (i = 0; i < hs->size; i++)
		if (hs->list[i].pid == pid)
			return &hs->list[i];
	return NULL;
}

bool
releasers_have_room(const struct releasers *hs)
{
	return hs->n < hs->size;
}

void
releasers_add(struct releasers *hs, pid_t pid, struct place *place,
    int64_t kill_at_ms)
{
	struct releaser *h = find(hs, 0);

	assert(h != NULL);
	*h = (struct releaser){ pid, kill_at_ms, place };
	hs->n++;
}

bool
releasers_know(const struct releasers *hs, pid_t pid)
{
	return find(hs, pid) != NULL;
}

struct place *
releasers_remove(struct releasers *hs, pid_t pid)
{
	struct releaser *h = find(hs, pid);

	if (h == NULL)
		return NULL;
	h->pid = 0;
	hs->n--;
	return h->place;
}

static void
kill_helper(struct releaser *h)
{
	log_warn("helper_killed", log_int("helper_pid", h->pid),
	    log_str("msg", "it did not end in time"));
	(void)kill(h->pid, SIGKILL);
	h->kill_at_ms = CLOCK_NEVER;
}

int64_t
releasers_step(struct releasers *hs, int64_t now_ms)
{
	int64_t next_ms = CLOCK_NEVER;
	size_t i;

	for (i = 0; i < hs->size; i++) {
		if (hs->list[i].pid == 0)
			continue;
		if (hs->list[i].kill_at_ms <= now_ms)
			kill_helper(&hs->list[i]);
		next_ms = clock_earlier(next_ms, hs->list[i].kill_at_ms);
	}
	return next_ms;
}

void
releasers_kill_all(struct releasers *hs)
{
	size_t i;

	for (i = 0; i < hs->size; i++)
		if (hs->list[i].pid != 0)
			kill_helper(&hs->list[i]);
}
