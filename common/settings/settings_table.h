/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The table of all settings.  A row holds the name, type, default, bounds,
 * scope and help of a setting; the file, the environment, -o, --print, --help
 * and the tests of the manual read this table and nothing else.
 */
#ifndef COMMON_SETTINGS_SETTINGS_TABLE_H
#define COMMON_SETTINGS_SETTINGS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/settings/settings.h"

enum settings_type {
	SETTINGS_STRING,
	SETTINGS_BOOL,     /* yes/no, true/false, on/off, 1/0 */
	SETTINGS_INT,      /* decimal */
	SETTINGS_DURATION, /* int64_t ms; see settings_unit.h */
	SETTINGS_SIZE,     /* int64_t bytes; see settings_unit.h */
	SETTINGS_ENUM,     /* one of the row's words, stored as int */
	SETTINGS_COMMAND   /* argv; see words.h */
};

enum settings_scope {
	SETTINGS_GLOBAL, /* a member of struct settings */
	SETTINGS_QUEUE   /* a member of struct queue_settings */
};

/*
 * Returns what is wrong with a string, as the end of a sentence; NULL: nothing.
 */
typedef const char *settings_check_fn(const char *text);

struct settings_row {
	const char *name;
	enum settings_type type;
	enum settings_scope scope;
	const char *default_value; /* as a user would write it; NULL: unset */
	int64_t min, max;          /* of INT; of DURATION in ms; of SIZE */
	settings_check_fn *check;  /* of STRING; NULL: any */
	const char *const *words;  /* of ENUM, ends with NULL */
	const char *zero_word;     /* of INT: stands for 0; NULL: nothing */
	const char *const *env;    /* further environment names, in order */
	bool whole_seconds;        /* of DURATION */
	bool reloadable;           /* SIGHUP may change it */
	bool required;             /* of each queue */
	size_t offset;             /* of the member, see scope */
	const char *help;          /* one line, no full stop */
};

extern const struct settings_row settings_table[];
extern const size_t settings_table_size;

/* The row of that name, or NULL. */
const struct settings_row *settings_table_find(const char *name);
/* The row whose name was probably meant, or NULL. */
const struct settings_row *settings_table_find_nearest(const char *name);

/* The row of a member, which there must be. */
const struct settings_row *settings_table_row_at(enum settings_scope scope,
    size_t offset);
#define SETTINGS_QUEUE_ROW(member)                                             \
	settings_table_row_at(SETTINGS_QUEUE,                                  \
	    offsetof(struct queue_settings, member))
#define SETTINGS_GLOBAL_ROW(member)                                            \
	settings_table_row_at(SETTINGS_GLOBAL,                                 \
	    offsetof(struct settings, member))

#define SETTINGS_ENV_PREFIX "SQSHERD_"
/* The prefix and the row's name in upper case; to be freed. */
char *settings_table_env_name(const struct settings_row *row);

#endif
