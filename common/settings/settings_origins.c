/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings_origins.h. */
#include "common/settings/settings_origins.h"

#include <stdlib.h>

#include "common/base/buf.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	ORIGIN_MAX_BYTES = 64 * 1024
};

struct settings_origins {
	char *section;
	char *texts[]; /* by row of the table; NULL: the default */
};

struct settings_origins *
settings_origins_new(void)
{
	return xcalloc(1,
	    sizeof(struct settings_origins) +
		settings_table_size * sizeof(char *));
}

void
settings_origins_free(struct settings_origins *o)
{
	size_t i;

	if (o == NULL)
		return;
	for (i = 0; i < settings_table_size; i++)
		free(o->texts[i]);
	free(o->section);
	free(o);
}

/* The name of a file may hold control characters; settings_print shows it. */
static void
replace(char **at, const char *text)
{
	struct buf plain = BUF_INIT(ORIGIN_MAX_BYTES);
	char *copy = NULL;

	if (text != NULL) {
		plain_puts(&plain, text);
		copy = xstrdup(buf_str(&plain));
		buf_release(&plain);
	}
	free(*at); /* text may be the old text itself */
	*at = copy;
}

void
settings_origins_set(struct settings_origins *o, const struct settings_row *row,
    const char *text)
{
	replace(&o->texts[row - settings_table], text);
}

void
settings_origins_copy(struct settings_origins *to,
    const struct settings_origins *from, const struct settings_row *row)
{
	settings_origins_set(to, row, from->texts[row - settings_table]);
}

bool
settings_origins_is_given(const struct settings_origins *o,
    const struct settings_row *row)
{
	return o->texts[row - settings_table] != NULL;
}

const char *
settings_origins_text(const struct settings_origins *o,
    const struct settings_row *row)
{
	const char *text = o->texts[row - settings_table];

	return text != NULL ? text : "default";
}

void
settings_origins_set_section(struct settings_origins *o, const char *text)
{
	replace(&o->section, text);
}

const char *
settings_origins_section(const struct settings_origins *o)
{
	return o->section;
}
