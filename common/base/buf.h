/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A growing byte buffer with a hard maximum, and the view that borrows from
 * one.  Appending past the maximum changes nothing but sets overflow, which the
 * caller checks once, after its last append.  A NUL always follows the last
 * byte, so data can be read as a string where its bytes allow it.  Out of
 * memory ends the process (xalloc.h).
 */
#ifndef COMMON_BASE_BUF_H
#define COMMON_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes; a function that returns a span says what owns them. */
struct span {
	const char *p;
	size_t len;
};

struct buf {
	char *data; /* NULL until the first append */
	size_t len;
	size_t cap;
	size_t max; /* bytes, without the NUL */
	bool overflow;
};

#define BUF_INIT(max_bytes)                                                    \
	{                                                                      \
		NULL, 0, 0, (max_bytes), false                                 \
	}

void buf_init(struct buf *b, size_t max);
/* Frees the memory; b can be used again with the same maximum. */
void buf_release(struct buf *b);
/* Empties b and clears overflow, keeps the memory. */
void buf_reset(struct buf *b);
/* Room for n more bytes at the returned place, or NULL (overflow is set). */
char *buf_reserve(struct buf *b, size_t n);
void buf_append(struct buf *b, const void *p, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_put_int(struct buf *b, long long n);

/*
 * A character as an escape: \" \\ \n \r \t, or \u and four digits as in JSON;
 * \U and eight digits above U+FFFF, which JSON does not have.
 */
void buf_put_escape(struct buf *b, uint32_t c);

/*
 * Appends p[0..n) as a JSON string with its quotes.  Control characters,
 * quote and backslash are escaped; a byte that is not part of valid UTF-8
 * becomes U+FFFD, so the result is always valid JSON.
 */
void buf_put_json(struct buf *b, const char *p, size_t n);
void buf_puts_json(struct buf *b, const char *s);

/* Lower-case hexadecimal. */
void buf_put_hex(struct buf *b, const void *p, size_t n);

/* The text, never NULL. */
const char *buf_str(const struct buf *b);
struct span buf_span(const struct buf *b);

/*
 * Sends the bytes from *sent on to a socket and adds their number to *sent,
 * without waiting and without SIGPIPE.  1: all is sent; 0: the rest does not
 * fit yet; -1 with errno.
 */
int buf_send(int fd, const struct buf *b, size_t *sent);

struct span span_of(const char *s);
bool span_is(struct span s, const char *text);
/*
 * The bytes of the valid UTF-8 sequence that s begins with; 0: there is none.
 */
size_t span_utf8_length(struct span s);
/* Is all of s valid UTF-8?  NULs are allowed. */
bool span_is_utf8(struct span s);

#endif
