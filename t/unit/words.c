/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Words are split as a shell splits them, and come back from what is put.
 */
#include "common/base/words.h"

#include <stdlib.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static void
test_splitting(void)
{
	static const struct {
		const char *text;
		const char *words; /* each ends with |; NULL: refused */
	} cases[] = {
		{ "", "" },
		{ " \t ", "" },
		{ "a", "a|" },
		{ "  a \t bc  ", "a|bc|" },
		{ "'a b' \"c d\"", "a b|c d|" },
		{ "a'b'\"c\"d", "abcd|" },
		{ "'' \"\" a", "||a|" },
		{ "a\\ b \\' \\\"", "a b|'|\"|" },
		{ "'a\\b'", "a\\b|" },
		{ "\"a\\b \\\" \\\\ \\$ \\`\"", "a\\b \" \\ $ `|" },
		{ "\"it's\" 'a \"b\"'", "it's|a \"b\"|" },
		{ "$HOME * ~ `x` a;b >c", "$HOME|*|~|`x`|a;b|>c|" },
		{ "$'a\\tb\\n\\'\\\\\\x41\\x4ag\\q'", "a\tb\n'\\AJg\\q|" },
		{ "$'\\x4' $'\\x'", "\\x4|\\x|" },
		{ "\"$'a'\"", "$'a'|" },
		{ "'a", NULL },
		{ "a \"b", NULL },
		{ "\"a\\\"", NULL },
		{ "$'a", NULL },
		{ "$'a\\'", NULL },
		{ "$'a\\", NULL },
		{ "a\\", NULL },
	};
	struct buf got = BUF_INIT(1024);
	char **argv, *name;
	size_t i, j;

	for (i = 0; i < nitems(cases); i++) {
		buf_reset(&got);
		argv = words_split(cases[i].text);
		for (j = 0; argv != NULL && argv[j] != NULL; j++)
			buf_printf(&got, "%s|", argv[j]);
		name = xasprintf("the command <%s> is split as in a shell",
		    cases[i].text);
		is_str(argv != NULL ? buf_str(&got) : NULL, cases[i].words,
		    name);
		free(name);
		words_free(argv);
	}
	buf_release(&got);
}

static void
test_putting(void)
{
	static const char *const words[] = { "a", "", "b c", "it's", "x # y",
		"\n\t\x01", "back\\slash", "$HOME" };
	char *argv[nitems(words) + 1] = { NULL };
	struct buf text = BUF_INIT(1024);
	char **again;
	size_t i;

	for (i = 0; i < nitems(words); i++)
		argv[i] = xstrdup(words[i]);
	words_put(&text, argv);
	is_str(buf_str(&text),
	    "a '' 'b c' $'it\\'s' $'x \\x23 y' $'\\n\\x09\\x01' 'back\\slash' "
	    "'$HOME'",
	    "words are put with the quotes that they need");
	again = words_split(buf_str(&text));
	for (i = 0; i < nitems(words); i++)
		is_str(again[i], words[i], "a word comes back");
	ok(again[i] == NULL, "and no word more");
	words_free(again);
	again = words_copy(argv);
	is_str(again[2], words[2], "a copy has the same words");
	words_free(again);
	for (i = 0; i < nitems(words); i++)
		free(argv[i]);
	ok(words_copy(NULL) == NULL, "and nothing is a copy of nothing");
	buf_release(&text);
}

int
main(void)
{
	test_splitting();
	test_putting();
	return tap_done();
}
