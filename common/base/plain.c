/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Text that changes no terminal.  See plain.h.
 */
#include "common/base/plain.h"

#include <stdint.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

/*
 * Categories Cc, Cf, Zl and Zp of Unicode, but for marks that are seen and
 * U+200C and U+200D, without which Persian and many a symbol are other text.
 */
static const struct {
	uint32_t first, last;
} escaped[] = {
	{ 0x00, 0x1F }, { 0x7F, 0x9F }, { 0xAD, 0xAD }, /* soft hyphen */
	{ 0x61C, 0x61C },                               /* arabic letter mark */
	{ 0x180E, 0x180E },   /* mongolian vowel separator */
	{ 0x200B, 0x200B },   /* zero width space */
	{ 0x200E, 0x200F },   /* marks of direction */
	{ 0x2028, 0x202E },   /* separators, embeddings, overrides */
	{ 0x2060, 0x206F },   /* invisible operators, isolates */
	{ 0xFEFF, 0xFEFF },   /* byte order mark */
	{ 0xFFF9, 0xFFFB },   /* interlinear annotation */
	{ 0xE0000, 0xE007F }, /* tags */
};

static bool
is_escaped(uint32_t c)
{
	size_t i;

	for (i = 0; i < nitems(escaped); i++)
		if (c >= escaped[i].first && c <= escaped[i].last)
			return true;
	return false;
}

/* The character that a valid UTF-8 sequence stands for. */
static uint32_t
character(const unsigned char *p, size_t len)
{
	uint32_t c = len == 1 ? p[0] : p[0] & (0xFFU >> (len + 1));
	size_t i;

	for (i = 1; i < len; i++)
		c = c << 6 | (p[i] & 0x3F);
	return c;
}

static bool
needs_escape(uint32_t c, bool quoted)
{
	if (c == '\t' || c == '"' || c == '\\')
		return quoted;
	return is_escaped(c);
}

static void
put(struct buf *b, const char *s, size_t n, bool quoted)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = 0, len;
	uint32_t c;

	while (i < n) {
		len = span_utf8_length((struct span){ s + i, n - i });
		c = character(p + i, len > 0 ? len : 1);
		if (len == 0)
			buf_printf(b, "\\x%02x", p[i]);
		else if (needs_escape(c, quoted))
			buf_put_escape(b, c);
		else
			buf_append(b, s + i, len);
		i += len > 0 ? len : 1;
	}
}

void
plain_put(struct buf *b, const char *p, size_t n)
{
	put(b, p, n, false);
}

void
plain_puts(struct buf *b, const char *s)
{
	put(b, s, strlen(s), false);
}

void
plain_put_quoted(struct buf *b, const char *p, size_t n)
{
	buf_putc(b, '"');
	put(b, p, n, true);
	buf_putc(b, '"');
}

bool
plain_is_word(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] <= ' ' || p[i] > '~' || p[i] == '"' || p[i] == '\\')
			return false;
	return n > 0;
}
