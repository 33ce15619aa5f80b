/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See budget.h.
 */
#include "supervisor/slots/budget.h"

#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

void
budget_init(struct budget *b, size_t limit, int64_t window_ms)
{
	*b = (struct budget){ .limit = limit, .window_ms = window_ms };
	b->died_ms = xcalloc(limit + 1, sizeof(b->died_ms[0]));
}

void
budget_release(struct budget *b)
{
	free(b->died_ms);
	b->died_ms = NULL;
}

void
budget_change(struct budget *b, size_t limit, int64_t window_ms)
{
	size_t i, kept, ring = limit + 1, old_ring = b->limit + 1;
	int64_t *died_ms;

	b->window_ms = window_ms;
	if (limit == b->limit)
		return;
	died_ms = xcalloc(ring, sizeof(died_ms[0]));
	kept = ring < old_ring ? ring : old_ring;
	kept = kept < b->spent ? kept : b->spent;
	for (i = b->spent - kept; i < b->spent; i++)
		died_ms[i % ring] = b->died_ms[i % old_ring];
	/* A longer ring has places for deaths that were not kept: they count as
	   long ago. */
	for (i = kept; i < ring && i < b->spent; i++)
		died_ms[(b->spent - 1 - i) % ring] = INT64_MIN / 2;
	free(b->died_ms);
	b->died_ms = died_ms;
	b->limit = limit;
}

void
budget_count_excused(struct budget *b, const char *reason)
{
	(void)strlcpy(b->reasons[b->deaths++ % BUDGET_REASONS], reason,
	    BUDGET_REASON_MAX);
}

bool
budget_count(struct budget *b, const char *reason, int64_t now_ms)
{
	size_t ring = b->limit + 1;

	budget_count_excused(b, reason);
	b->died_ms[b->spent++ % ring] = now_ms;
	/* Once the ring is full the next place holds its oldest death. */
	return b->spent < ring ||
	    now_ms - b->died_ms[b->spent % ring] > b->window_ms;
}

void
budget_reasons(const struct budget *b, char *ret, size_t size)
{
	size_t i = b->deaths < BUDGET_REASONS ? 0 : b->deaths - BUDGET_REASONS;

	ret[0] = '\0';
	for (; i < b->deaths; i++) {
		if (ret[0] != '\0')
			(void)strlcat(ret, "; ", size);
		(void)strlcat(ret, b->reasons[i % BUDGET_REASONS], size);
	}
}
