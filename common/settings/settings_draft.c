/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings_draft.h. */
#include "common/settings/settings_draft.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/xalloc.h"
#include "common/settings/settings_origins.h"

#include "common/base/banned.h"

enum {
	WHY_MAX_BYTES = 4096
};

static void
set_defaults(enum settings_scope scope, void *owner)
{
	const struct settings_row *row;
	union settings_value v;
	struct buf why = BUF_INIT(WHY_MAX_BYTES);
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (row->scope != scope || row->default_value == NULL)
			continue;
		if (settings_value_parse(row, row->default_value, &v, &why) ==
		    -1)
			assert(!"a default that its own row refuses");
		else
			settings_value_store(row, owner, v);
	}
	buf_release(&why);
}

void
settings_draft_init(struct settings_draft *d, settings_problem_fn *report,
    void *arg)
{
	*d = (struct settings_draft){ .s = xcalloc(1, sizeof(*d->s)),
		.problems = { .report = report, .arg = arg } };
	d->s->origins = settings_origins_new();
	d->base.origins = settings_origins_new();
	set_defaults(SETTINGS_GLOBAL, d->s);
	set_defaults(SETTINGS_QUEUE, &d->base);
}

struct settings *
settings_draft_finish(struct settings_draft *d)
{
	settings_release_queue(&d->base);
	if (d->problems.n == 0)
		return d->s;
	settings_free(d->s);
	return NULL;
}

/* ---- queues ---- */

static void
copy_values(struct queue_settings *to, const struct queue_settings *from)
{
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (row->scope != SETTINGS_QUEUE)
			continue;
		settings_value_store(row, to,
		    settings_value_copy(row, settings_value_load(row, from)));
		settings_origins_copy(to->origins, from->origins, row);
	}
}

struct queue_settings *
settings_draft_add_queue(struct settings_draft *d, const char *name,
    const char *origin)
{
	struct settings *s = d->s;
	struct queue_settings *q;
	size_t i;

	for (i = 0; i < s->n_queues; i++) {
		q = &s->queues[i];
		if (strcmp(q->name, name) == 0) {
			settings_problem_report(&d->problems,
			    "[queue %s] is there twice, first at %s (%s)", name,
			    settings_origins_section(q->origins), origin);
			return NULL;
		}
	}
	s->queues = xreallocarray(s->queues, s->n_queues + 1, sizeof(*q));
	q = &s->queues[s->n_queues++];
	*q = (struct queue_settings){ .origins = settings_origins_new(),
		.name = xstrdup(name) };
	copy_values(q, &d->base);
	settings_origins_set_section(q->origins, origin);
	return q;
}

void
settings_draft_add_only_queue(struct settings_draft *d)
{
	d->s->queues = xcalloc(1, sizeof(*d->s->queues));
	d->s->n_queues = 1;
	d->s->queues[0] = d->base;
	memset(&d->base, 0, sizeof(d->base)); /* transferred */
}

/* ---- values ---- */

void
settings_draft_report_unknown(struct settings_draft *d, const char *name,
    const char *origin)
{
	const struct settings_row *near = settings_table_find_nearest(name);

	if (near != NULL)
		settings_problem_report(&d->problems,
		    "unknown setting \"%s\"; did you mean \"%s\"? (%s)", name,
		    near->name, origin);
	else
		settings_problem_report(&d->problems,
		    "unknown setting \"%s\" (%s)", name, origin);
}

static void
store_copy(const struct settings_row *row, void *owner,
    struct settings_origins *origins, union settings_value v,
    const char *origin)
{
	settings_value_release(row, settings_value_load(row, owner));
	settings_value_store(row, owner, settings_value_copy(row, v));
	settings_origins_set(origins, row, origin);
}

void
settings_draft_store(struct settings_draft *d, const struct settings_row *row,
    struct queue_settings *q, union settings_value v, const char *origin)
{
	struct settings *s = d->s;
	size_t i;

	if (row->scope == SETTINGS_GLOBAL)
		store_copy(row, s, s->origins, v, origin);
	else if (q != NULL)
		store_copy(row, q, q->origins, v, origin);
	else
		for (i = 0; i < s->n_queues; i++)
			settings_draft_store(d, row, &s->queues[i], v, origin);
}

/* The row counts as given, with the value that it has. */
static void
mark_given(struct settings_draft *d, const struct settings_row *row,
    struct queue_settings *q, const char *origin)
{
	struct settings *s = d->s;
	size_t i;

	if (row->scope == SETTINGS_GLOBAL)
		settings_origins_set(s->origins, row, origin);
	else if (q != NULL)
		settings_origins_set(q->origins, row, origin);
	else
		for (i = 0; i < s->n_queues; i++)
			settings_origins_set(s->queues[i].origins, row, origin);
}

void
settings_draft_assign(struct settings_draft *d, const struct settings_row *row,
    struct queue_settings *q, const char *text, const char *origin)
{
	struct buf why = BUF_INIT(WHY_MAX_BYTES);
	char *trimmed = settings_value_trim(text, strlen(text));
	union settings_value v;

	if (settings_value_parse(row, trimmed, &v, &why) == 0) {
		settings_draft_store(d, row, q, v, origin);
		settings_value_release(row, v);
	} else {
		settings_problem_report(&d->problems, "%s: \"%s\" %s (%s)",
		    row->name, trimmed, buf_str(&why), origin);
		mark_given(d, row, q, origin);
	}
	free(trimmed);
	buf_release(&why);
}
