/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See words.h. */
#include "common/base/words.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	WORD_MAX_BYTES =
	    1024 * 1024 /* more than execve takes as one argument */
};

void
words_free(char **argv)
{
	size_t i;

	if (argv == NULL)
		return;
	for (i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	free(argv);
}

char **
words_copy(char *const *argv)
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
 * the text without quotes and returns the end of the closing quote, or NULL if
 * there is none.
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

/* Appends one word; returns its end, or NULL as the functions above. */
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
words_split(const char *text)
{
	struct buf word = BUF_INIT(WORD_MAX_BYTES);
	char **argv = xcalloc(1, sizeof(*argv));
	size_t n = 0;

	for (;;) {
		text += strspn(text, " \t\r\n");
		if (*text == '\0')
			break;
		buf_reset(&word);
		text = put_word(text, &word);
		if (text == NULL || word.overflow) {
			words_free(argv);
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

/* Does the character need no quotes? */
static bool
is_plain(unsigned char c)
{
	return isalnum(c) || (c != '\0' && strchr("_@%+=:,./-", c) != NULL);
}

/*
 * Is c a character that cannot stand between '' in a line of a settings file?
 */
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

void
words_put(struct buf *to, char *const *argv)
{
	size_t i;

	for (i = 0; argv != NULL && argv[i] != NULL; i++) {
		if (i > 0)
			buf_putc(to, ' ');
		put_quoted(to, argv[i]);
	}
}
