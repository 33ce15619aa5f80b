/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The byte buffer.  See buf.h.
 */
#include "common/base/buf.h"

#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	BUF_FIRST = 256 /* bytes of the first allocation */
};

void
buf_init(struct buf *b, size_t max)
{
	memset(b, 0, sizeof(*b));
	b->max = max;
}

void
buf_release(struct buf *b)
{
	free(b->data);
	buf_init(b, b->max);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->overflow = false;
	if (b->data != NULL)
		b->data[0] = '\0';
}

static void
buf_grow(struct buf *b, size_t need)
{
	size_t cap = b->cap > 0 ? b->cap : BUF_FIRST;

	assert(b->max < SIZE_MAX); /* room for the NUL */
	while (cap < need)
		cap = cap > b->max / 2 ? b->max + 1 : cap * 2;
	b->data = xrealloc(b->data, cap);
	b->cap = cap;
}

char *
buf_reserve(struct buf *b, size_t n)
{
	if (b->overflow || n > b->max || b->len > b->max - n) {
		b->overflow = true;
		return NULL;
	}
	if (b->cap < b->len + n + 1)
		buf_grow(b, b->len + n + 1);
	return b->data + b->len;
}

void
buf_append(struct buf *b, const void *p, size_t n)
{
	char *to = buf_reserve(b, n);

	if (to == NULL)
		return;
	if (n > 0)
		memcpy(to, p, n);
	to[n] = '\0';
	b->len += n;
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_append(b, s, strlen(s));
}

void
buf_putc(struct buf *b, char c)
{
	buf_append(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	char *to;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		b->overflow = true;
	else if ((to = buf_reserve(b, (size_t)n)) != NULL) {
		(void)vsnprintf(to, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void
buf_put_int(struct buf *b, long long n)
{
	char digits[32];
	char *p = digits + sizeof(digits);
	unsigned long long u =
	    n < 0 ? 0ULL - (unsigned long long)n : (unsigned long long)n;

	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u > 0);
	if (n < 0)
		*--p = '-';
	buf_append(b, p, (size_t)(digits + sizeof(digits) - p));
}

/* Overlong forms, surrogates and values above U+10FFFF: RFC 3629 section 4. */
static size_t
utf8_length(const unsigned char *p, size_t n)
{
	size_t len, i;
	unsigned char low = 0x80, high = 0xBF;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (n < len)
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0;
	else if (p[0] == 0xED)
		high = 0x9F;
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F;
	if (p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < len; i++)
		if (p[i] < 0x80 || p[i] > 0xBF)
			return 0;
	return len;
}

void
buf_put_escape(struct buf *b, uint32_t c)
{
	switch (c) {
	case '"':
	case '\\':
		buf_putc(b, '\\');
		buf_putc(b, (char)c);
		break;
	case '\n':
		buf_puts(b, "\\n");
		break;
	case '\r':
		buf_puts(b, "\\r");
		break;
	case '\t':
		buf_puts(b, "\\t");
		break;
	default:
		buf_printf(b, c > 0xFFFF ? "\\U%08x" : "\\u%04x", (unsigned)c);
	}
}

#define EACH_BYTE(c) (UINT64_C(0x0101010101010101) * (c))

/*
 * Sets the high bit of each byte that is 0, and perhaps of bytes above such a
 * byte.
 */
static uint64_t
zero_bytes(uint64_t w)
{
	return (w - EACH_BYTE(1)) & ~w & EACH_BYTE(0x80);
}

/* Eight bytes at once, since receipt handles are long. */
static bool
needs_no_escape(const unsigned char p[8])
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	/*
	 * A top bit is set in a byte of UTF-8 and, by the subtraction, in a
	 * control character.
	 */
	return ((w | (w - EACH_BYTE(0x20))) & EACH_BYTE(0x80)) == 0 &&
	    (zero_bytes(w ^ EACH_BYTE('"')) | zero_bytes(w ^ EACH_BYTE('\\')) |
		zero_bytes(w ^ EACH_BYTE(0x7F))) == 0;
}

/* The number of leading bytes that need no escape in a JSON string. */
static size_t
unescaped_length(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (n - i >= 8 && needs_no_escape(p + i))
		i += 8;
	while (
	    i < n && p[i] >= 0x20 && p[i] < 0x7F && p[i] != '"' && p[i] != '\\')
		i++;
	return i;
}

/*
 * Most strings need no escape, so copying one as it is has a function of its
 * own.
 */
static void
put_json_unescaped(struct buf *b, const char *s, size_t n)
{
	char *to = buf_reserve(b, n + 2);

	if (to == NULL)
		return;
	to[0] = '"';
	if (n > 0) /* s may be NULL otherwise */
		memcpy(to + 1, s, n);
	to[n + 1] = '"';
	to[n + 2] = '\0';
	b->len += n + 2;
}

void
buf_put_json(struct buf *b, const char *s, size_t n)
{
	const unsigned char *p = (const unsigned char *)s;
	size_t i = unescaped_length(p, n), done = 0, len;

	if (i == n) {
		put_json_unescaped(b, s, n);
		return;
	}
	buf_putc(b, '"');
	while (i < n) {
		len = utf8_length(p + i, n - i);
		if (len > 1) {
			i += len;
		} else {
			buf_append(b, s + done, i - done);
			if (len == 0)
				buf_puts(b, "\xEF\xBF\xBD");
			else
				buf_put_escape(b, p[i]);
			done = ++i;
		}
		i += unescaped_length(p + i, n - i);
	}
	buf_append(b, s + done, n - done);
	buf_putc(b, '"');
}

void
buf_puts_json(struct buf *b, const char *s)
{
	buf_put_json(b, s, strlen(s));
}

void
buf_put_hex(struct buf *b, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *from = p;
	char *to = buf_reserve(b, n * 2);
	size_t i;

	if (to == NULL)
		return;
	for (i = 0; i < n; i++) {
		to[2 * i] = digits[from[i] >> 4];
		to[2 * i + 1] = digits[from[i] & 15];
	}
	to[2 * n] = '\0';
	b->len += n * 2;
}

const char *
buf_str(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

struct span
buf_span(const struct buf *b)
{
	return (struct span){ buf_str(b), b->len };
}

int
buf_send(int fd, const struct buf *b, size_t *sent)
{
	ssize_t n;

	while (*sent < b->len) {
		n = send(fd, b->data + *sent, b->len - *sent,
		    MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n == -1)
			return errno == EAGAIN ? 0 : -1;
		*sent += (size_t)n;
	}
	return 1;
}

struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

bool
span_is(struct span s, const char *text)
{
	size_t len = strlen(text);

	return s.len == len && (len == 0 || memcmp(s.p, text, len) == 0);
}

size_t
span_utf8_length(struct span s)
{
	return s.len == 0 ? 0 : utf8_length((const unsigned char *)s.p, s.len);
}

bool
span_is_utf8(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	uint64_t eight;
	size_t i = 0, len;

	while (i < s.len) {
		/*
		 * Most text is ASCII and bodies are large, so eight bytes are
		 * checked at once.
		 */
		if (s.len - i >= sizeof(eight)) {
			memcpy(&eight, p + i, sizeof(eight));
			if ((eight & UINT64_C(0x8080808080808080)) == 0) {
				i += sizeof(eight);
				continue;
			}
		}
		len = utf8_length(p + i, s.len - i);
		if (len == 0)
			return false;
		i += len;
	}
	return true;
}
