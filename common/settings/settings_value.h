/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The value of a row while it is not in its owner, a struct settings or a
 * struct queue_settings.  Pure.
 */
#ifndef COMMON_SETTINGS_SETTINGS_VALUE_H
#define COMMON_SETTINGS_SETTINGS_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/settings/settings_table.h"

union settings_value {
	char *text;     /* STRING; NULL: not set */
	bool flag;      /* BOOL */
	int64_t number; /* INT, DURATION, SIZE */
	int word;       /* ENUM */
	char **argv;    /* COMMAND; NULL: not set */
};

/* Move a value out of its owner and into it, without copying what it holds. */
union settings_value settings_value_load(const struct settings_row *row,
    const void *owner);
void settings_value_store(const struct settings_row *row, void *owner,
    union settings_value v);

/* To be released. */
union settings_value settings_value_copy(const struct settings_row *row,
    union settings_value v);
void settings_value_release(const struct settings_row *row,
    union settings_value v);

/* A copy of a text without the white space around it; to be freed. */
char *settings_value_trim(const char *p, size_t len);
/*
 * Returns 0 with a value to be released, or -1 with what is wrong with the text
 * in why, as the end of a sentence.
 */
int settings_value_parse(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why);

/*
 * Appends the value as a user would write it; nothing for a string that is not
 * set.
 */
void settings_value_format(const struct settings_row *row,
    union settings_value v, struct buf *to);
/* "a whole number from 0 to 1000", "one of auto, json, text", ... */
void settings_value_describe(const struct settings_row *row, struct buf *to);

#endif
