/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings.h. */
#include "common/settings/settings.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/settings/settings_origins.h"
#include "common/settings/settings_table.h"
#include "common/settings/settings_value.h"

#include "common/base/banned.h"

enum {
	TEXT_MAX_BYTES = 1024 * 1024
};

static void
release_values(enum settings_scope scope, void *owner)
{
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (row->scope == scope)
			settings_value_release(row,
			    settings_value_load(row, owner));
	}
}

void
settings_release_queue(struct queue_settings *q)
{
	release_values(SETTINGS_QUEUE, q);
	settings_origins_free(q->origins);
	free(q->name);
}

void
settings_free(struct settings *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->n_queues; i++)
		settings_release_queue(&s->queues[i]);
	free(s->queues);
	release_values(SETTINGS_GLOBAL, s);
	settings_origins_free(s->origins);
	free(s);
}

int64_t
settings_all_children(const struct settings *s)
{
	int64_t sum = 0;
	size_t i;

	for (i = 0; i < s->n_queues; i++)
		sum += s->queues[i].children;
	return sum;
}

bool
settings_is_given(const struct settings *s, const char *name)
{
	return settings_origins_is_given(s->origins, settings_table_find(name));
}

/* ---- another load ---- */

static bool
is_same(const struct settings_row *row, const void *a, const void *b)
{
	struct buf text_a = BUF_INIT(TEXT_MAX_BYTES);
	struct buf text_b = BUF_INIT(TEXT_MAX_BYTES);
	bool same;

	settings_value_format(row, settings_value_load(row, a), &text_a);
	settings_value_format(row, settings_value_load(row, b), &text_b);
	same = strcmp(buf_str(&text_a), buf_str(&text_b)) == 0;
	buf_release(&text_a);
	buf_release(&text_b);
	return same;
}

void
settings_report_fixed(const struct settings *then, const struct settings *now,
    settings_problem_fn *report, void *arg)
{
	struct settings_problems changes = { .report = report, .arg = arg };
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		/* A setting that is not reloadable has global scope. */
		if (row->reloadable || row->scope != SETTINGS_GLOBAL ||
		    is_same(row, then, now))
			continue;
		settings_problem_report(&changes,
		    "%s: needs a restart to change (%s)", row->name,
		    settings_origins_text(now->origins, row));
	}
}
