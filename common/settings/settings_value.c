/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * One value of a setting: from text, to text, copied and released, each by a
 * table of its type.  Pure: who is at fault for a wrong text and whose value
 * it becomes is for the caller to know.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/xalloc.h"
#include "common/settings/settings_internal.h"

#include "common/base/banned.h"

#define DIGITS "0123456789"

enum {
	COMMAND_MAX_BYTES = 1024 * 1024, /* above any ARG_MAX of one word */
	DIGITS_MAX = 9,      /* in a duration: no multiplication can overflow */
	SIZE_DIGITS_MAX = 18 /* what fits an int64_t */
};

static const struct unit {
	const char *name;
	int64_t ms;
} units[] = {
	{ "d", INT64_C(86400000) }, { "h", 3600000 }, { "m", 60000 },
	{ "s", 1000 }, { "ms", 1 },
	{ "", 1000 } /* a bare number; last, so that it is never printed */
};

static const struct unit *
find_unit(const char *name)
{
	size_t i;

	for (i = 0; i < nitems(units); i++)
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	return NULL;
}

/* The value of len digits, at most DIGITS_MAX. */
static int64_t
digits_value(const char *p, size_t len)
{
	int64_t n = 0;

	while (len-- > 0)
		n = n * 10 + (*p++ - '0');
	return n;
}

int
settings_parse_duration(const char *text, int64_t *ret_ms)
{
	size_t n_whole = strspn(text, DIGITS), n_fraction = 0, i;
	const char *fraction = text + n_whole;
	const struct unit *unit;
	int64_t scaled;

	if (*fraction == '.') {
		n_fraction = strspn(++fraction, DIGITS);
		if (n_fraction == 0)
			return -1;
	}
	unit = find_unit(fraction + n_fraction);
	if (unit == NULL || n_whole == 0 || n_whole > DIGITS_MAX ||
	    n_fraction > DIGITS_MAX)
		return -1;
	scaled = digits_value(fraction, n_fraction) * unit->ms;
	for (i = 0; i < n_fraction; i++) {
		if (scaled % 10 != 0)
			return -1; /* finer than a millisecond */
		scaled /= 10;
	}
	*ret_ms = digits_value(text, n_whole) * unit->ms + scaled;
	return 0;
}

void
settings_put_duration(struct buf *to, int64_t ms)
{
	size_t i = 0;

	/* Zero is a whole number of days; but "0s" is what people write. */
	while (ms == 0 ? units[i].ms != 1000 : ms % units[i].ms != 0)
		i++;
	buf_printf(to, "%" PRId64 "%s", ms / units[i].ms, units[i].name);
}

/* ---- sizes ---- */

static const struct size_unit {
	const char *name;
	unsigned shift;
} size_units[] = { { "T", 40 }, { "G", 30 }, { "M", 20 }, { "K", 10 },
	{ "", 0 } };

int
settings_parse_size(const char *text, int64_t *ret_bytes)
{
	size_t n = strspn(text, DIGITS), i;
	int64_t number;

	if (n == 0 || n > SIZE_DIGITS_MAX)
		return -1;
	number = digits_value(text, n);
	for (i = 0; i < nitems(size_units); i++)
		if (strcmp(text + n, size_units[i].name) == 0 &&
		    number <= INT64_MAX >> size_units[i].shift) {
			*ret_bytes = number << size_units[i].shift;
			return 0;
		}
	return -1;
}

static void
put_size(struct buf *to, int64_t bytes)
{
	size_t i = 0;

	while (bytes == 0 ? size_units[i].shift != 0
			  : bytes % (INT64_C(1) << size_units[i].shift) != 0)
		i++;
	buf_printf(to, "%" PRId64 "%s", bytes >> size_units[i].shift,
	    size_units[i].name);
}

/* ---- commands ---- */

void
settings_free_argv(char **argv)
{
	size_t i;

	if (argv == NULL)
		return;
	for (i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}

char **
settings_copy_argv(char *const *argv)
{
	char **copy;
	size_t i, n = 0;

	if (argv == NULL)
		return NULL;
	while (argv[n] != NULL)
		n++;
	copy = xcalloc(n + 1, sizeof(*copy));
	for (i = 0; i < n; i++)
		copy[i] = xstrdup(argv[i]);
	return copy;
}

static int
hex_value(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at =
	    c != '\0' ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* The escape behind a backslash in $''; returns where it ends. */
static const char *
put_escape(const char *p, struct buf *word)
{
	static const char names[] = "ntr\\'", meanings[] = "\n\t\r\\'";
	const char *at = strchr(names, *p);

	if (at != NULL)
		buf_putc(word, meanings[at - names]);
	else if (p[0] == 'x' && hex_value(p[1]) >= 0 && hex_value(p[2]) >= 0) {
		buf_putc(word, (char)(hex_value(p[1]) * 16 + hex_value(p[2])));
		p += 2;
	} else {
		buf_putc(word, '\\');
		buf_putc(word, *p);
	}
	return p + 1;
}

/*
 * The three kinds of quotes.  Each takes p behind the opening quote, appends
 * what is meant and returns where the closing quote ends, or NULL if there is
 * none.
 */
static const char *
put_single_quoted(const char *p, struct buf *word)
{
	size_t n = strcspn(p, "'");

	buf_append(word, p, n);
	return p[n] != '\0' ? p + n + 1 : NULL;
}

static const char *
put_double_quoted(const char *p, struct buf *word)
{
	for (; *p != '\0' && *p != '"'; p++) {
		if (*p == '\\' && p[1] != '\0' && strchr("\"\\$`", p[1]))
			p++;
		buf_putc(word, *p);
	}
	return *p != '\0' ? p + 1 : NULL;
}

static const char *
put_escape_quoted(const char *p, struct buf *word)
{
	while (*p != '\0' && *p != '\'') {
		if (*p != '\\')
			buf_putc(word, *p++);
		else if (p[1] != '\0')
			p = put_escape(p + 1, word);
		else
			return NULL;
	}
	return *p != '\0' ? p + 1 : NULL;
}

/* Appends one word of a command; as the quotes above. */
static const char *
put_word(const char *p, struct buf *word)
{
	while (p != NULL && *p != '\0' && strchr(" \t\r\n", *p) == NULL) {
		if (*p == '\'')
			p = put_single_quoted(p + 1, word);
		else if (*p == '"')
			p = put_double_quoted(p + 1, word);
		else if (p[0] == '$' && p[1] == '\'')
			p = put_escape_quoted(p + 2, word);
		else if (p[0] == '\\' && p[1] == '\0')
			p = NULL;
		else {
			p += *p == '\\';
			buf_putc(word, *p++);
		}
	}
	return p;
}

char **
settings_split_command(const char *text)
{
	struct buf word = BUF_INIT(COMMAND_MAX_BYTES);
	char **argv = xcalloc(1, sizeof(*argv));
	size_t n = 0;

	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text == '\0')
			break;
		buf_reset(&word);
		text = put_word(text, &word);
		if (text == NULL || word.overflow) {
			settings_free_argv(argv);
			argv = NULL;
			break;
		}
		argv = xreallocarray(argv, n + 2, sizeof(*argv));
		argv[n++] = xstrdup(buf_str(&word));
		argv[n] = NULL;
	}
	buf_release(&word);
	return argv;
}

/* Characters that need no quotes, and those that '' cannot hold in a file. */
static bool
is_plain(unsigned char c)
{
	return isalnum(c) || (c != '\0' && strchr("_@%+=:,./-", c) != NULL);
}

static bool
needs_escape(unsigned char c)
{
	return iscntrl(c) || strchr("'#;", c) != NULL;
}

static bool
all_of(const char *word, bool (*is)(unsigned char), bool want)
{
	for (; *word != '\0'; word++)
		if (is((unsigned char)*word) != want)
			return false;
	return true;
}

static void
put_escaped(struct buf *to, const char *word)
{
	buf_puts(to, "$'");
	for (; *word != '\0'; word++) {
		if (*word == '\n')
			buf_puts(to, "\\n");
		else if (*word == '\\' || *word == '\'')
			buf_printf(to, "\\%c", *word);
		else if (needs_escape((unsigned char)*word))
			buf_printf(to, "\\x%02x", (unsigned char)*word);
		else
			buf_putc(to, *word);
	}
	buf_putc(to, '\'');
}

/* The inverse of settings_split_command. */
static void
put_quoted(struct buf *to, const char *word)
{
	if (word[0] != '\0' && all_of(word, is_plain, true))
		buf_puts(to, word);
	else if (all_of(word, needs_escape, false))
		buf_printf(to, "'%s'", word);
	else
		put_escaped(to, word);
}

/* ---- text to value, a function each type ---- */

typedef int parse_fn(const struct settings_row *row, const char *text,
    union settings_value *ret, struct buf *why);

/* Not the right kind of thing, or out of bounds: say what would be right. */
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
		return 0; /* as *ret is */
	/* strtonum would take blanks and signs, too. */
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

	if (settings_parse_duration(text, &ms) == -1 || ms < row->min ||
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

	if (settings_parse_size(text, &bytes) == -1 || bytes < row->min ||
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
	char **argv = settings_split_command(text);

	(void)row;
	if (argv == NULL)
		return refuse_for("has a quote or a backslash that is not "
				  "closed; in a file, a blank before # or ; "
				  "begins a comment",
		    why);
	if (argv[0] == NULL || argv[0][0] == '\0') {
		settings_free_argv(argv);
		return refuse_for("names no program", why);
	}
	ret->argv = argv;
	return 0;
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
		v.argv = settings_copy_argv(v.argv);
	return v;
}

void
settings_value_release(const struct settings_row *row, union settings_value v)
{
	if (row->type == SETTINGS_STRING)
		free(v.text);
	else if (row->type == SETTINGS_COMMAND)
		settings_free_argv(v.argv);
}

static void
put_argv(struct buf *to, char *const *argv)
{
	size_t i;

	for (i = 0; argv != NULL && argv[i] != NULL; i++) {
		if (i > 0)
			buf_putc(to, ' ');
		put_quoted(to, argv[i]);
	}
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
		settings_put_duration(to, v.number);
		break;
	case SETTINGS_SIZE:
		put_size(to, v.number);
		break;
	case SETTINGS_ENUM:
		buf_puts(to, row->words[v.word]);
		break;
	case SETTINGS_COMMAND:
		put_argv(to, v.argv);
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
		settings_put_duration(to, row->min);
		buf_puts(to, " to ");
		settings_put_duration(to, row->max);
		break;
	case SETTINGS_SIZE:
		buf_puts(to, "a size from ");
		put_size(to, row->min);
		buf_puts(to, " to ");
		put_size(to, row->max);
		break;
	case SETTINGS_ENUM:
		describe_words(row, to);
		break;
	case SETTINGS_COMMAND:
		buf_puts(to, "a program and its arguments");
		break;
	}
}
