/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The budget of abnormal deaths: more than limit deaths within window_ms are a
 * crash loop, which ends sqsherd.  Keeps the last reasons for the log.  Pure
 * but for its memory.
 */
#ifndef SUPERVISOR_SLOTS_BUDGET_H
#define SUPERVISOR_SLOTS_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BUDGET_REASONS = 3,
	BUDGET_REASON_MAX = 96
};

struct budget {
	int64_t *died_ms; /* a ring of the last limit + 1 that cost something */
	size_t limit;
	int64_t window_ms;
	size_t spent;  /* deaths that cost something */
	size_t deaths; /* all deaths */
	char reasons[BUDGET_REASONS][BUDGET_REASON_MAX];
};

void budget_init(struct budget *b, size_t limit, int64_t window_ms);
void budget_release(struct budget *b);

/*
 * Changes the budget for a pool of another size or other settings; the last
 * deaths still count.
 */
void budget_change(struct budget *b, size_t limit, int64_t window_ms);

/* Counts a death that costs the budget nothing. */
void budget_count_excused(struct budget *b, const char *reason);
/* Counts a death; returns false when the budget is exceeded. */
bool budget_count(struct budget *b, const char *reason, int64_t now_ms);

/* "oldest; ...; latest" of the last reasons, cut to size; "": none. */
void budget_reasons(const struct budget *b, char *ret, size_t size);

#endif
