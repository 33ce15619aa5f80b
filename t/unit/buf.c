/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The byte buffer: its limit, its NUL, numbers, and strings as JSON.
 */
#include "common/base/buf.h"

#include <sys/socket.h>

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static void
test_append(void)
{
	struct buf b = BUF_INIT(1000);

	is_str(buf_str(&b), "", "an empty buffer is an empty string");
	is_int(buf_span(&b).len, 0, "and an empty span");
	buf_append(&b, NULL, 0);
	is_str(buf_str(&b), "", "appending nothing from nowhere is allowed");
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	buf_append(&b, "\0d", 2);
	is_mem(b.data, b.len, "abc\0d", 5, "bytes are appended, NULs as well");
	is_int(b.data[b.len], 0, "a NUL follows the last byte");
	buf_reset(&b);
	is_str(buf_str(&b), "", "a reset buffer is empty");
	buf_printf(&b, "%d-%s", 7, "x");
	is_str(buf_str(&b), "7-x", "a formatted text is appended");
	buf_printf(&b, "%s", "");
	is_int(b.len, 3, "an empty one as well");
	buf_release(&b);
	ok(b.data == NULL && b.len == 0 && b.cap == 0 && b.max == 1000,
	    "a released buffer is as new");
	buf_puts(&b, "again");
	is_str(buf_str(&b), "again", "and can be used again");
	buf_release(&b);
}

static void
test_growth(void)
{
	struct buf b = BUF_INIT(100000);
	bool same = true;
	size_t i;

	for (i = 0; i < 100000; i++)
		buf_putc(&b, (char)('a' + i % 26));
	for (i = 0; i < 100000; i++)
		same = same && b.data[i] == (char)('a' + i % 26);
	ok(same && !b.overflow, "a buffer grows to its maximum");
	ok(b.cap <= b.max + 1, "and takes no more memory than that");
	buf_putc(&b, 'x');
	ok(b.overflow && b.len == 100000, "but no byte further");
	buf_release(&b);
}

static void
test_overflow(void)
{
	struct buf b = BUF_INIT(4);

	buf_puts(&b, "abcd");
	ok(!b.overflow, "a buffer can be full");
	buf_putc(&b, 'e');
	ok(b.overflow, "one byte more overflows");
	is_str(buf_str(&b), "abcd", "and changes nothing");
	buf_reset(&b);
	ok(!b.overflow, "a reset clears it");
	buf_puts(&b, "ab");
	buf_puts(&b, "cde");
	buf_puts(&b, "f");
	is_str(buf_str(&b), "ab",
	    "after an overflow even what would fit is left out");
	buf_reset(&b);
	buf_printf(&b, "%s", "12345");
	ok(b.overflow && b.len == 0, "a formatted text goes in whole or not");
	buf_reset(&b);
	buf_put_hex(&b, "abc", 3);
	ok(b.overflow && b.len == 0, "so do hexadecimal digits");
	buf_reset(&b);
	ok(buf_reserve(&b, SIZE_MAX) == NULL && b.overflow,
	    "an absurd size is an overflow, not a wrap");
	buf_reset(&b);
	ok(buf_reserve(&b, 4) != NULL && b.len == 0,
	    "reserving room appends nothing");
	buf_release(&b);
	buf_init(&b, 0);
	buf_puts(&b, "");
	ok(!b.overflow, "a maximum of 0 has room for nothing");
	buf_putc(&b, 'x');
	ok(b.overflow, "and for no more");
	buf_release(&b);
}

static void
test_numbers(void)
{
	static const struct {
		long long n;
		const char *want;
	} cases[] = { { 0, "0" }, { 7, "7" }, { -1, "-1" }, { 1234, "1234" },
		{ LLONG_MAX, "9223372036854775807" },
		{ LLONG_MIN, "-9223372036854775808" } };
	struct buf b = BUF_INIT(100);
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		buf_reset(&b);
		buf_put_int(&b, cases[i].n);
		is_str(buf_str(&b), cases[i].want, "a number is in decimal");
	}
	buf_reset(&b);
	buf_put_hex(&b, "\x00\x7F\xAB\xFF", 4);
	is_str(buf_str(&b), "007fabff", "bytes are in lower-case hexadecimal");
	buf_release(&b);
}

#define FFFD "\xEF\xBF\xBD"

static void
test_json(void)
{
#define BYTES(s) (s), sizeof(s) - 1
	static const struct {
		const char *p;
		size_t len;
		const char *want, *name;
	} cases[] = { { BYTES(""), "", "nothing" },
		{ BYTES("plain /text~"), "plain /text~", "plain text" },
		{ BYTES("\"\\"), "\\\"\\\\", "quote and backslash" },
		{ BYTES("a\nb\rc\td"), "a\\nb\\rc\\td", "short escapes" },
		{ BYTES("\0\1\x1F\x7F"), "\\u0000\\u0001\\u001f\\u007f",
		    "control characters" },
		{ BYTES("\xC2\x80\xDF\xBF"), "\xC2\x80\xDF\xBF",
		    "two bytes of UTF-8, from the first to the last" },
		{ BYTES("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"),
		    "\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF",
		    "three bytes, around the surrogates" },
		{ BYTES("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"),
		    "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", "four bytes" },
		{ BYTES("a\xFFz"), "a" FFFD "z", "a byte that is never UTF-8" },
		{ BYTES("\x80"), FFFD, "a byte that begins nothing" },
		{ BYTES("\xC0\x80"), FFFD FFFD, "an overlong NUL" },
		{ BYTES("\xC1\xBF"), FFFD FFFD, "an overlong letter" },
		{ BYTES("\xE0\x9F\xBF"), FFFD FFFD FFFD, "overlong in three" },
		{ BYTES("\xED\xA0\x80"), FFFD FFFD FFFD, "a surrogate" },
		{ BYTES("\xF0\x8F\xBF\xBF"), FFFD FFFD FFFD FFFD,
		    "overlong in four" },
		{ BYTES("\xF4\x90\x80\x80"), FFFD FFFD FFFD FFFD,
		    "beyond U+10FFFF" },
		{ BYTES("\xF5\x80\x80\x80"), FFFD FFFD FFFD FFFD,
		    "a byte that would begin more than that" },
		{ BYTES("\xE6\x97"), FFFD FFFD, "a character cut by the end" },
		{ BYTES("\xE6\x97\"x"), FFFD FFFD "\\\"x",
		    "a character cut by a quote" },
		{ BYTES("\xC3"), FFFD, "a first byte alone" } };
#undef BYTES
	struct buf b = BUF_INIT(1000), want = BUF_INIT(1000);
	char *exact;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		exact = xmalloc(cases[i].len);
		memcpy(exact, cases[i].p, cases[i].len);
		buf_reset(&b);
		buf_put_json(&b, exact, cases[i].len);
		free(exact);
		buf_reset(&want);
		buf_printf(&want, "\"%s\"", cases[i].want);
		is_str(buf_str(&b), buf_str(&want), cases[i].name);
	}
	buf_reset(&b);
	buf_put_json(&b, NULL, 0);
	is_str(buf_str(&b), "\"\"", "nothing may be NULL");
	buf_reset(&b);
	buf_puts_json(&b, "a\"b");
	is_str(buf_str(&b), "\"a\\\"b\"", "strings need no length");
	buf_release(&b);
	buf_release(&want);
}

static void
test_spans(void)
{
	ok(span_is(span_of("abc"), "abc"), "a span is its text");
	ok(!span_is(span_of("abc"), "ab"), "and not its beginning");
	ok(!span_is(span_of("ab"), "abc"), "nor more than itself");
	ok(span_is((struct span){ NULL, 0 }, ""), "no bytes are no text");
	ok(!span_is((struct span){ "a\0", 2 }, "a"), "a NUL is a byte");
}

static void
test_utf8(void)
{
	static const struct {
		const char *p;
		bool valid;
	} cases[] = { { "", true }, { "1234567", true }, { "12345678", true },
		{ "123456789abcdef01", true }, { "1234567\u00e9", true },
		{ "12345678\u65e5\U0001F600abcdefgh", true },
		{ "1234567\xE9", false }, { "12345678\xE9", false },
		{ "\xE6\x97", false }, { "abcdefgh\xED\xA0\x80", false },
		{ "\xC0\x80", false } };
	char *exact;
	size_t i, len;

	for (i = 0; i < nitems(cases); i++) {
		len = strlen(cases[i].p);
		exact = xmalloc(len);
		memcpy(exact, cases[i].p, len);
		ok(span_is_utf8((struct span){ exact, len }) == cases[i].valid,
		    cases[i].valid ? "valid UTF-8 is recognised"
				   : "invalid UTF-8 is recognised");
		free(exact);
	}
	ok(span_is_utf8((struct span){ "a\0b", 3 }), "a NUL is valid UTF-8");
	ok(span_is_utf8((struct span){ NULL, 0 }), "so is nothing");
}

static void
test_send(void)
{
	struct buf b = BUF_INIT(4 * 1024 * 1024);
	size_t sent = 0, got = 0;
	int fds[2], result;
	char bytes[65536];
	ssize_t n;

	if (!is_int(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0, "a socket"))
		return;
	is_int(buf_send(fds[0], &b, &sent), 1, "nothing is sent at once");
	while (b.len < b.max)
		buf_append(&b, "0123456789abcdef", 16);
	is_int(buf_send(fds[0], &b, &sent), 0, "what is too much waits");
	ok(sent > 0 && sent < b.len, "behind what did fit");
	do {
		result = buf_send(fds[0], &b, &sent);
		while ((n = recv(fds[1], bytes, sizeof(bytes), MSG_DONTWAIT)) >
		    0) {
			if (memcmp(bytes, b.data + got, (size_t)n) != 0)
				break;
			got += (size_t)n;
		}
	} while (result == 0);
	is_int(result, 1, "until there is room");
	is_int((long long)got, (long long)b.len, "and arrives as it was");
	sent = 0;
	close(fds[1]);
	result = buf_send(fds[0], &b, &sent);
	ok(result == -1 && errno == EPIPE, "a reader that is gone is an error");
	close(fds[0]);
	buf_release(&b);
}

/* Bytes are looked at eight at once: each byte, at each place among others. */
static void
test_json_places(void)
{
	static struct buf alone = BUF_INIT(32), b = BUF_INIT(64);
	char text[16], want[64];
	bool good = true;
	size_t i;
	int c;

	for (c = 0; c < 256; c++)
		for (i = 0; i < sizeof(text); i++) {
			memset(text, 'a', sizeof(text));
			text[i] = (char)c;
			buf_reset(&alone);
			buf_put_json(&alone, &text[i], 1);
			(void)snprintf(want, sizeof(want), "\"%.*s%.*s%.*s\"",
			    (int)i, "aaaaaaaaaaaaaaa", (int)alone.len - 2,
			    alone.data + 1, (int)(sizeof(text) - 1 - i),
			    "aaaaaaaaaaaaaaa");
			buf_reset(&b);
			buf_put_json(&b, text, sizeof(text));
			good = good && strcmp(b.data, want) == 0;
		}
	ok(good, "a byte is escaped wherever it stands");
	buf_release(&alone);
	buf_release(&b);
}

int
main(void)
{
	test_append();
	test_growth();
	test_overflow();
	test_numbers();
	test_json();
	test_spans();
	test_utf8();
	test_send();
	test_json_places();
	return tap_done();
}
