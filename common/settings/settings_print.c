/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings_print.h. */
#include "common/settings/settings_print.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/settings/settings_origins.h"
#include "common/settings/settings_table.h"
#include "common/settings/settings_value.h"

#include "common/base/banned.h"

enum {
	TEXT_MAX_BYTES = 1024 * 1024,
	ALLOWED_MAX_BYTES = 4096
};

static void
print_values(enum settings_scope scope, const void *owner,
    const struct settings_origins *origins, FILE *to)
{
	struct buf value = BUF_INIT(TEXT_MAX_BYTES);
	const struct settings_row *row;
	size_t i;

	for (i = 0; i < settings_table_size; i++) {
		row = &settings_table[i];
		if (row->scope != scope)
			continue;
		buf_reset(&value);
		settings_value_format(row, settings_value_load(row, owner),
		    &value);
		if (value.len == 0)
			(void)fprintf(to, "# %s is not set\n", row->name);
		else
			(void)fprintf(to, "%s = %s    # %s\n", row->name,
			    buf_str(&value),
			    settings_origins_text(origins, row));
	}
	buf_release(&value);
}

void
settings_print(const struct settings *s, FILE *to)
{
	const struct queue_settings *q;
	size_t i;

	print_values(SETTINGS_GLOBAL, s, s->origins, to);
	for (i = 0; i < s->n_queues; i++) {
		q = &s->queues[i];
		(void)fprintf(to, "\n[queue %s]\n", q->name);
		print_values(SETTINGS_QUEUE, q, q->origins, to);
	}
}

static void
print_row_help(const struct settings_row *row, FILE *to)
{
	struct buf allowed = BUF_INIT(ALLOWED_MAX_BYTES);
	const char *const *more;
	char *name = settings_table_env_name(row);

	settings_value_describe(row, &allowed);
	(void)fprintf(to, "%s = %s\n", row->name,
	    row->default_value != NULL
		? row->default_value
		: (row->required ? "(required)" : "(not set)"));
	(void)fprintf(to, "        %s\n        %s; %s", row->help,
	    buf_str(&allowed), name);
	for (more = row->env; more != NULL && *more != NULL; more++)
		(void)fprintf(to, ", %s", *more);
	(void)fprintf(to, "\n");
	free(name);
	buf_release(&allowed);
}

static void
print_scope_help(const char *title, enum settings_scope scope, FILE *to)
{
	size_t i;

	(void)fprintf(to, "%s\n", title);
	for (i = 0; i < settings_table_size; i++)
		if (settings_table[i].scope == scope)
			print_row_help(&settings_table[i], to);
}

void
settings_print_help(FILE *to)
{
	print_scope_help("Settings of sqsherd as a whole:\n", SETTINGS_GLOBAL,
	    to);
	print_scope_help("\nSettings of each queue:\n", SETTINGS_QUEUE, to);
}
