/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See poison.h.
 */
#include "supervisor/slots/poison.h"

#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

static bool
is_less_guilty(const struct poison_entry *a, const struct poison_entry *b)
{
	if (a->deaths != b->deaths)
		return a->deaths < b->deaths;
	return a->last_ms < b->last_ms;
}

/* The entry of this message, or a new one in the place of the least guilty. */
static struct poison_entry *
find_or_add(struct poison *p, const char *id)
{
	struct poison_entry *e, *least = &p->list[0];
	size_t i;

	for (i = 0; i < nitems(p->list); i++) {
		e = &p->list[i];
		if (e->deaths > 0 && strcmp(e->id, id) == 0)
			return e;
		if (is_less_guilty(e, least))
			least = e;
	}
	least->deaths = 0;
	(void)strlcpy(least->id, id, sizeof(least->id));
	return least;
}

unsigned
poison_blame(struct poison *p, const char *id, int64_t now_ms)
{
	struct poison_entry *e = find_or_add(p, id);

	e->last_ms = now_ms;
	return ++e->deaths;
}
