/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What a terminal is not told.
 */
#include "common/base/plain.h"

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

#define BYTES(s) (s), sizeof(s) - 1

static void
test_put(void)
{
	static const struct {
		const char *p;
		size_t len;
		const char *plain, *quoted; /* NULL: the same */
		const char *name;
	} cases[] = {
		{ BYTES(""), "", NULL, "nothing" },
		{ BYTES("plain text ~"), "plain text ~", NULL, "ASCII" },
		{ BYTES("a\"b\\c\td"), "a\"b\\c\td", "a\\\"b\\\\c\\td",
		    "quote, backslash and tab" },
		{ BYTES("a\nb\rc"), "a\\nb\\rc", NULL, "ends of lines" },
		{ BYTES("\0\x1B[2J\x7F"), "\\u0000\\u001b[2J\\u007f", NULL,
		    "C0 and DEL" },
		{ BYTES("\xC2\x80\xC2\x9B"
			"2J\xC2\x9F\xC2\xA0"),
		    "\\u0080\\u009b2J\\u009f\xC2\xA0", NULL,
		    "C1, from the first to the last" },
		{ BYTES("\x9B"
			"2J\x80\x9F\xFF"),
		    "\\x9b2J\\x80\\x9f\\xff", NULL,
		    "C1 as bytes that are no UTF-8" },
		{ BYTES("\xE2\x80\xA7\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAF"),
		    "\xE2\x80\xA7\\u2028\\u2029\xE2\x80\xAF", NULL,
		    "separators of lines and paragraphs" },
		{ BYTES("\xE2\x80\x8E\xE2\x80\x8F\xD8\x9C"),
		    "\\u200e\\u200f\\u061c", NULL, "marks of direction" },
		{ BYTES("\xE2\x80\xAA\xE2\x80\xAB\xE2\x80\xAC\xE2\x80\xAD"
			"\xE2\x80\xAE"),
		    "\\u202a\\u202b\\u202c\\u202d\\u202e", NULL,
		    "embeddings and overrides" },
		{ BYTES("\xE2\x81\xA6\xE2\x81\xA7\xE2\x81\xA8\xE2\x81\xA9"),
		    "\\u2066\\u2067\\u2068\\u2069", NULL, "isolates" },
		{ BYTES("\xE2\x80\x8B\xEF\xBB\xBF\xC2\xAD\xE1\xA0\x8E"),
		    "\\u200b\\ufeff\\u00ad\\u180e", NULL, "what is not seen" },
		{ BYTES("\xF3\xA0\x80\x81"), "\\U000e0001", NULL, "tags" },
		{ BYTES("\xC3\xA9 \xD7\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80"),
		    "\xC3\xA9 \xD7\xA9 \xE6\x97\xA5 \xF0\x9F\x98\x80", NULL,
		    "letters of any language" },
		{ BYTES("\xE2\x80\x8C\xE2\x80\x8D"), "\xE2\x80\x8C\xE2\x80\x8D",
		    NULL, "the joiners that some need" },
		{ BYTES("\xE6\x97"), "\\xe6\\x97", NULL,
		    "a character that is cut" },
		{ BYTES("\xC0\x9B\xED\xA0\x80"), "\\xc0\\x9b\\xed\\xa0\\x80",
		    NULL, "an overlong one and a surrogate" },
	};
	struct buf b = BUF_INIT(1000), want = BUF_INIT(1000);
	char *exact;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		/* Of exactly this size, for the sanitizers. */
		exact = xmalloc(cases[i].len);
		memcpy(exact, cases[i].p, cases[i].len);
		buf_reset(&b);
		plain_put(&b, exact, cases[i].len);
		is_mem(buf_str(&b), b.len, cases[i].plain,
		    strlen(cases[i].plain), cases[i].name);
		buf_reset(&b);
		buf_reset(&want);
		plain_put_quoted(&b, exact, cases[i].len);
		buf_printf(&want, "\"%s\"",
		    cases[i].quoted != NULL ? cases[i].quoted : cases[i].plain);
		is_str(buf_str(&b), buf_str(&want), "and in quotes");
		free(exact);
	}
	buf_reset(&b);
	plain_puts(&b, "a\x1B");
	is_str(buf_str(&b), "a\\u001b", "strings as well");
	buf_release(&b);
	buf_release(&want);
}

static void
test_word(void)
{
	ok(plain_is_word(BYTES("a/b=c")), "a word is one");
	ok(!plain_is_word(BYTES("")), "nothing is none");
	ok(!plain_is_word(BYTES("a b")), "two are none");
	ok(!plain_is_word(BYTES("a\"")), "nor is a quote");
	ok(!plain_is_word(BYTES("a\\")), "or a backslash");
	ok(!plain_is_word(BYTES("\x7F")), "or DEL");
	ok(!plain_is_word(BYTES("\x9B")), "or what is no ASCII");
}

int
main(void)
{
	test_put();
	test_word();
	return tap_done();
}
