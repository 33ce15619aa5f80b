/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* Each operation on a value is a table or a switch by type. */
#include "common/settings/settings_value.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/words.h"
#include "common/base/xalloc.h"
#include "common/settings/settings_unit.h"

#include "common/base/banned.h"

#define DIGITS "0123456789"

/* ---- text to value, a function each type ---- */

typedef int parse_fn(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why);

/*
 * For a text of another type or out of bounds: writes into why what is allowed.
 */
static int
refuse(const struct settings_row *row, struct buf *why)
{
	buf_puts(why, "is not ");
	settings_value_describe(row, why);
	return -1;
}

static int
refuse_for(const char *reason, struct buf *why)
{
	buf_puts(why, reason);
	return -1;
}

static int
parse_string(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why)
{
	const char *p, *wrong;

	for (p = text; *p != '\0'; p++) {
		if (iscntrl((unsigned char)*p))
			return refuse_for("holds a control character", why);
		if (*p == ' ' && (p[1] == '#' || p[1] == ';'))
			return refuse_for("holds a blank before # or ;, which "
					  "begins a comment in a file",
			    why);
	}
	wrong = row->check != NULL ? row->check(text) : NULL;
	if (wrong != NULL)
		return refuse_for(wrong, why);
	ret->text = xstrdup(text);
	return 0;
}

static int
parse_bool(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why)
{
	static const char *const no_yes[][2] = { { "no", "yes" },
		{ "false", "true" }, { "off", "on" }, { "0", "1" } };
	size_t i;

	for (i = 0; i < nitems(no_yes); i++) {
		ret->flag = strcasecmp(text, no_yes[i][1]) == 0;
		if (ret->flag || strcasecmp(text, no_yes[i][0]) == 0)
			return 0;
	}
	return refuse(row, why);
}

static int
parse_int(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why)
{
	const char *wrong = NULL;

	if (row->zero_word != NULL && strcmp(text, row->zero_word) == 0)
		return 0; /* *ret is 0 already */
	/* strtonum would accept blanks and signs, too. */
	if (text[strspn(text, DIGITS)] == '\0')
		ret->number = strtonum(text, row->min, row->max, &wrong);
	else
		wrong = "not digits";
	return wrong == NULL ? 0 : refuse(row, why);
}

static int
parse_duration(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why)
{
	int64_t ms;

	if (settings_unit_parse_duration(text, &ms) == -1 || ms < row->min ||
	    ms > row->max || (row->whole_seconds && ms % 1000 != 0))
		return refuse(row, why);
	ret->number = ms;
	return 0;
}

static int
parse_size(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why)
{
	int64_t bytes;

	if (settings_unit_parse_size(text, &bytes) == -1 || bytes < row->min ||
	    bytes > row->max)
		return refuse(row, why);
	ret->number = bytes;
	return 0;
}

static int
parse_enum(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why)
{
	int i;

	for (i = 0; row->words[i] != NULL; i++)
		if (strcmp(row->words[i], text) == 0) {
			ret->word = i;
			return 0;
		}
	return refuse(row, why);
}

static int
parse_command(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why)
{
	char **argv = words_split(text);

	(void)row;
	if (argv == NULL)
		return refuse_for("has a quote or a backslash that is not "
				  "closed; in a file, a blank before # or ; "
				  "begins a comment",
		    why);
	if (argv[0] == NULL || argv[0][0] == '\0') {
		words_free(argv);
		return refuse_for("names no program", why);
	}
	ret->argv = argv;
	return 0;
}

char *
settings_value_trim(const char *p, size_t len)
{
	while (len > 0 && isspace((unsigned char)p[0])) {
		p++;
		len--;
	}
	while (len > 0 && isspace((unsigned char)p[len - 1]))
		len--;
	return xmemdup0(p, len);
}

int
settings_value_parse(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why)
{
	static parse_fn *const parsers[] = {
		[SETTINGS_STRING] = parse_string,
		[SETTINGS_BOOL] = parse_bool,
		[SETTINGS_INT] = parse_int,
		[SETTINGS_DURATION] = parse_duration,
		[SETTINGS_SIZE] = parse_size,
		[SETTINGS_ENUM] = parse_enum,
		[SETTINGS_COMMAND] = parse_command,
	};

	*ret = (union settings_value){ NULL };
	if (text[0] == '\0')
		return refuse_for("is empty", why);
	return parsers[row->type](row, text, ret, why);
}

/* ---- values in and out of their owners ---- */

static const size_t value_sizes[] = {
	[SETTINGS_STRING] = sizeof(char *),
	[SETTINGS_BOOL] = sizeof(bool),
	[SETTINGS_INT] = sizeof(int64_t),
	[SETTINGS_DURATION] = sizeof(int64_t),
	[SETTINGS_SIZE] = sizeof(int64_t),
	[SETTINGS_ENUM] = sizeof(int),
	[SETTINGS_COMMAND] = sizeof(char **),
};

union settings_value
settings_value_load(const struct settings_row *row, const void *owner)
{
	union settings_value v = { NULL };

	memcpy(&v, (const char *)owner + row->offset, value_sizes[row->type]);
	return v;
}

void
settings_value_store(const struct settings_row *row, void *owner,
    union settings_value v)
{
	memcpy((char *)owner + row->offset, &v, value_sizes[row->type]);
}

union settings_value
settings_value_copy(const struct settings_row *row, union settings_value v)
{
	if (row->type == SETTINGS_STRING && v.text != NULL)
		v.text = xstrdup(v.text);
	else if (row->type == SETTINGS_COMMAND)
		v.argv = words_copy(v.argv);
	return v;
}

void
settings_value_release(const struct settings_row *row, union settings_value v)
{
	if (row->type == SETTINGS_STRING)
		free(v.text);
	else if (row->type == SETTINGS_COMMAND)
		words_free(v.argv);
}

void
settings_value_format(const struct settings_row *row, union settings_value v,
    struct buf *to)
{
	switch (row->type) {
	case SETTINGS_STRING:
		buf_puts(to, v.text != NULL ? v.text : "");
		break;
	case SETTINGS_BOOL:
		buf_puts(to, v.flag ? "yes" : "no");
		break;
	case SETTINGS_INT:
		if (row->zero_word != NULL && v.number == 0)
			buf_puts(to, row->zero_word);
		else
			buf_put_int(to, v.number);
		break;
	case SETTINGS_DURATION:
		settings_unit_put_duration(to, v.number);
		break;
	case SETTINGS_SIZE:
		settings_unit_put_size(to, v.number);
		break;
	case SETTINGS_ENUM:
		buf_puts(to, row->words[v.word]);
		break;
	case SETTINGS_COMMAND:
		words_put(to, v.argv);
		break;
	}
}

static void
describe_words(const struct settings_row *row, struct buf *to)
{
	size_t i;

	buf_puts(to, row->words[1] != NULL ? "one of " : "");
	for (i = 0; row->words[i] != NULL; i++)
		buf_printf(to, "%s%s", i > 0 ? ", " : "", row->words[i]);
}

void
settings_value_describe(const struct settings_row *row, struct buf *to)
{
	switch (row->type) {
	case SETTINGS_STRING:
		buf_puts(to, "text");
		break;
	case SETTINGS_BOOL:
		buf_puts(to, "yes or no");
		break;
	case SETTINGS_INT:
		buf_printf(to, "a whole number from %" PRId64 " to %" PRId64,
		    row->min, row->max);
		if (row->zero_word != NULL)
			buf_printf(to, ", or %s", row->zero_word);
		break;
	case SETTINGS_DURATION:
		buf_printf(to, "a duration%s from ",
		    row->whole_seconds ? " of whole seconds" : "");
		settings_unit_put_duration(to, row->min);
		buf_puts(to, " to ");
		settings_unit_put_duration(to, row->max);
		break;
	case SETTINGS_SIZE:
		buf_puts(to, "a size from ");
		settings_unit_put_size(to, row->min);
		buf_puts(to, " to ");
		settings_unit_put_size(to, row->max);
		break;
	case SETTINGS_ENUM:
		describe_words(row, to);
		break;
	case SETTINGS_COMMAND:
		buf_puts(to, "a program and its arguments");
		break;
	}
}
