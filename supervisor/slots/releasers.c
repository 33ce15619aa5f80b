/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The table of helper processes.  See helpers.h.
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
helpers_init(struct helpers *hs, size_t size)
{
	*hs = (struct helpers){ .size = size };
	hs->list = xcalloc(size, sizeof(hs->list[0]));
}

void
helpers_grow(struct helpers *hs, size_t size)
{
	if (size <= hs->size)
		return;
	hs->list = xreallocarray(hs->list, size, sizeof(hs->list[0]));
	memset(hs->list + hs->size, 0, (size - hs->size) * sizeof(hs->list[0]));
	hs->size = size;
}

void
helpers_release(struct helpers *hs)
{
	free(hs->list);
	*hs = (struct helpers){ .n = 0 };
}

static struct helper *
find(const struct helpers *hs, pid_t pid)
{
	size_t i;

	for (i = 0; i < hs->size; i++)
		if (hs->list[i].pid == pid)
			return &hs->list[i];
	return NULL;
}

bool
helpers_have_room(const struct helpers *hs)
{
	return hs->n < hs->size;
}

void
helpers_add(struct helpers *hs, pid_t pid, struct place *place,
    int64_t kill_at_ms)
{
	struct helper *h = find(hs, 0);

	assert(h != NULL);
	*h = (struct helper){ pid, kill_at_ms, place };
	hs->n++;
}

bool
helpers_know(const struct helpers *hs, pid_t pid)
{
	return find(hs, pid) != NULL;
}

struct place *
helpers_remove(struct helpers *hs, pid_t pid)
{
	struct helper *h = find(hs, pid);

	if (h == NULL)
		return NULL;
	h->pid = 0;
	hs->n--;
	return h->place;
}

static void
kill_helper(struct helper *h)
{
	log_warn("helper_killed", log_int("helper_pid", h->pid),
	    log_str("msg", "it did not end in time"));
	(void)kill(h->pid, SIGKILL);
	h->kill_at_ms = CLOCK_NEVER;
}

void
helpers_kill_due(struct helpers *hs, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < hs->size; i++)
		if (hs->list[i].pid != 0 && hs->list[i].kill_at_ms <= now_ms)
			kill_helper(&hs->list[i]);
}

void
helpers_kill_all(struct helpers *hs)
{
	size_t i;

	for (i = 0; i < hs->size; i++)
		if (hs->list[i].pid != 0)
			kill_helper(&hs->list[i]);
}

int64_t
helpers_deadline(const struct helpers *hs)
{
	int64_t deadline = CLOCK_NEVER;
	size_t i;

	for (i = 0; i < hs->size; i++)
		if (hs->list[i].pid != 0)
			deadline =
			    clock_earlier(deadline, hs->list[i].kill_at_ms);
	return deadline;
}
