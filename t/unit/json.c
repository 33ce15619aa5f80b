/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * JSON as a sequence of values with their paths.  Each value is written as
 * path=text, a container as path{ and path}, so that a whole document is one
 * string to compare.
 */
#include "common/base/json.h"

#include <limits.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

struct trace {
	struct buf text;
	size_t values_left; /* the callback refuses the next one after these */
};

static void
put_path(struct buf *to, const struct json_path *path)
{
	size_t i;

	for (i = 0; i < path->depth; i++) {
		buf_putc(to, '/');
		if (path->level[i].in_array)
			buf_put_int(to, (long long)path->level[i].index);
		else
			buf_puts(to, path->level[i].key);
	}
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	static const char *const marks[] = { [JSON_NULL] = "=N ",
		[JSON_BOOL] = "=B ",
		[JSON_NUMBER] = "=# ",
		[JSON_STRING] = "=S ",
		[JSON_OBJECT] = "{",
		[JSON_OBJECT_END] = "}",
		[JSON_ARRAY] = "[",
		[JSON_ARRAY_END] = "]" };
	struct trace *t = arg;

	if (t->values_left-- == 0)
		return -1;
	put_path(&t->text, path);
	buf_puts(&t->text, marks[v->type]);
	buf_append(&t->text, v->text.p, v->text.len);
	buf_putc(&t->text, ' ');
	return 0;
}

static void
trace_init(struct trace *t)
{
	buf_init(&t->text, 65536);
	t->values_left = SIZE_MAX;
}

/* The bytes are copied so that valgrind sees a read behind their end. */
static int
parse(struct trace *t, const char *p, size_t len, struct error *e)
{
	char *exact = malloc(len > 0 ? len : 1);
	int result;

	if (exact == NULL)
		abort();
	memcpy(exact, p, len);
	buf_reset(&t->text);
	result = json_parse((struct span){ exact, len }, on_value, t, e);
	free(exact);
	return result;
}

static void
test_values(void)
{
	static const struct {
		const char *document, *want, *name;
	} cases[] = { { "{}", "{ } ", "an empty object begins and ends" },
		{ " [ ] \n", "[ ] ", "blanks around a document are skipped" },
		{ "12", "=# 12 ", "a document may be a bare number" },
		{ "{\"a\":null,\"b\":true,\"c\":false}",
		    "{ /a=N null /b=B true /c=B false } ",
		    "the words have their types" },
		{ "{\"a\":{\"b\":{\"c\":\"x\"}},\"d\":1}",
		    "{ /a{ /a/b{ /a/b/c=S x /a/b} /a} /d=# 1 } ",
		    "a path leads through every object" },
		{ "[1,[2,3],{\"k\":4},5]",
		    "[ /0=# 1 /1[ /1/0=# 2 /1/1=# 3 /1] /2{ /2/k=# 4 /2} "
		    "/3=# 5 ] ",
		    "containers count as one value of their array" },
		{ "[[],[],[{}]]", "[ /0[ /0] /1[ /1] /2[ /2/0{ /2/0} /2] ] ",
		    "the end of a container has the path of its beginning" },
		{ "[-0.5e+10,123456789012345678901234567890]",
		    "[ /0=# -0.5e+10 /1=# 123456789012345678901234567890 ] ",
		    "numbers are passed on as written, however large" },
		{ "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "=S \"\\/\b\f\n\r\t ",
		    "short escapes are decoded" },
		{ "\"\\u00e9\\u65e5\\ud83d\\ude00\"",
		    "=S \u00e9\u65e5\U0001F600 ",
		    "\\u escapes become UTF-8, pairs of them one character" },
		{ "{\"\\u0061\":1}", "{ /a=# 1 } ",
		    "keys are decoded as well" },
		{ "{\"a\":1,\"a\":2}", "{ /a=# 1 /a=# 2 } ",
		    "a key that occurs twice comes twice" },
		{ "{\"\":{\"\":0}}", "{ /{ //=# 0 /} } ",
		    "a key may be empty" } };
	struct trace t;
	struct error e;
	size_t i;

	trace_init(&t);
	for (i = 0; i < nitems(cases); i++) {
		error_clear(&e);
		if (parse(&t, cases[i].document, strlen(cases[i].document),
			&e) == -1)
			printf("# %s\n", e.text);
		is_str(buf_str(&t.text), cases[i].want, cases[i].name);
	}
	buf_release(&t.text);
}

static void
test_refusals(void)
{
#define BYTES(s) (s), sizeof(s) - 1
	static const struct {
		const char *document;
		size_t len;
		const char *name;
	} cases[] = { { BYTES(""), "an empty document is an error" },
		{ BYTES(" \n\t"), "so is one of blanks" },
		{ BYTES("{"), "an object that does not end" },
		{ BYTES("{\"a\":1"), "an object that ends after a value" },
		{ BYTES("[1,2"), "an array that does not end" },
		{ BYTES("\"abc"), "a string that does not end" },
		{ BYTES("\"abc\\"), "a string that ends in a backslash" },
		{ BYTES("\"\\u12"), "a string that ends in an escape" },
		{ BYTES("tru"), "half a word" },
		{ BYTES("{} x"), "trailing bytes" },
		{ BYTES("{}{}"), "a second document" },
		{ BYTES("1 2"), "a second number" },
		{ BYTES("{}\0"), "a trailing NUL" },
		{ BYTES("\0{}"), "a leading NUL" },
		{ BYTES("[1,]"), "a comma without a value" },
		{ BYTES("{\"a\":1,}"), "a comma without a key" },
		{ BYTES("{a:1}"), "a key without quotes" },
		{ BYTES("{1:1}"), "a key that is a number" },
		{ BYTES("[1}"), "an array that ends as an object" },
		{ BYTES("[01]"), "a leading zero" },
		{ BYTES("[1.]"), "a point without digits" },
		{ BYTES("[.5]"), "a point before digits" },
		{ BYTES("[+1]"), "a plus sign" },
		{ BYTES("[-]"), "a sign alone" },
		{ BYTES("[NaN]"), "a number that is none" },
		{ BYTES("['a']"), "single quotes" },
		{ BYTES("[\"a\nb\"]"), "a newline in a string" },
		{ BYTES("[\"a\0b\"]"), "a bare NUL in a string" },
		{ BYTES("[\"\\x41\"]"), "an escape that does not exist" },
		{ BYTES("[\"\\u00g0\"]"), "a digit that is not hexadecimal" },
		{ BYTES("/* c */ {}"), "a comment" },
		{ BYTES("[\"\xFF\"]"), "a byte that is never UTF-8" },
		{ BYTES("[\"\xC0\x80\"]"), "an overlong NUL" },
		{ BYTES("[\"\xED\xA0\x80\"]"), "a surrogate in UTF-8" },
		{ BYTES("[\"\xF4\x90\x80\x80\"]"), "beyond U+10FFFF" },
		{ BYTES("{\"\xE6\x97\":1}"), "a character cut in a key" },
		{ BYTES("[\"\xE6\x97"), "a character cut by the end" } };
#undef BYTES
	struct trace t;
	struct error e;
	char name[128];
	size_t i;

	trace_init(&t);
	for (i = 0; i < nitems(cases); i++) {
		error_clear(&e);
		(void)snprintf(name, sizeof(name), "refused: %s",
		    cases[i].name);
		ok(parse(&t, cases[i].document, cases[i].len, &e) == -1 &&
			e.kind == ERROR_RETRY && e.text[0] != '\0' &&
			strchr(e.text, '\n') == NULL,
		    name);
	}
	buf_release(&t.text);
}

static void
test_nul(void)
{
	static const char want[] = "[ /0=S a\0b /1=S \0 ] ";
	struct trace t;
	struct error e;

	trace_init(&t);
	is_int(parse(&t, "[\"a\\u0000b\",\"\\u0000\"]", 21, &e), 0,
	    "an escaped NUL is part of its string");
	is_mem(buf_str(&t.text), t.text.len, want, sizeof(want) - 1,
	    "and the string goes on behind it");
	buf_release(&t.text);
}

/* What SQS never sends: it must do no harm, and that is all. */
static void
test_lone_surrogates(void)
{
	static const char *const documents[] = { "[\"\\ud800\"]",
		"[\"\\udc00\"]", "[\"\\ud800abc\"]", "[\"\\ud800\\u0041\"]",
		"[\"\\ud800\\", "[\"\\ud800\\u\"]", "[\"x\\ud8" };
	struct trace t;
	struct error e;
	size_t i;

	trace_init(&t);
	for (i = 0; i < nitems(documents); i++)
		(void)parse(&t, documents[i], strlen(documents[i]), &e);
	ok(true, "an escaped surrogate alone crashes nothing");
	is_int(parse(&t, "[\"\\ud800\",\"after\"]", 18, &e), 0,
	    "and is no error");
	ok(strstr(buf_str(&t.text), "/1=S after ") != NULL,
	    "and the value behind it is whole");
	buf_release(&t.text);
}

static int
parse_nested(struct trace *t, size_t depth, struct error *e)
{
	struct buf b = BUF_INIT(65536);
	size_t i;
	int result;

	for (i = 0; i < depth; i++)
		buf_putc(&b, '[');
	for (i = 0; i < depth; i++)
		buf_putc(&b, ']');
	result = parse(t, b.data, b.len, e);
	buf_release(&b);
	return result;
}

static void
test_depth(void)
{
	struct trace t;
	struct error e;

	trace_init(&t);
	is_int(parse_nested(&t, JSON_DEPTH_MAX, &e), 0,
	    "the deepest nesting that is allowed is read");
	error_clear(&e);
	is_int(parse_nested(&t, JSON_DEPTH_MAX + 1, &e), -1,
	    "one level more is an error");
	ok(strstr(e.text, "deeper than 16") != NULL, "which names the limit");
	is_int(parse_nested(&t, 20000, &e), -1, "very deep nesting as well");
	buf_release(&t.text);
}

static void
test_callback_ends_the_parse(void)
{
	struct trace t;
	struct error e;

	trace_init(&t);
	t.values_left = 3;
	error_clear(&e);
	is_int(parse(&t, "[1,2,3,4,oops", 13, &e), -1,
	    "a callback can end the parse");
	is_str(buf_str(&t.text), "[ /0=# 1 /1=# 2 ", "at once");
	is_int(e.kind, ERROR_RETRY, "with an error of the usual kind");
	is_int(parse(&t, "[", 1, NULL), -1, "the error may be NULL");
	buf_release(&t.text);
}

/* Hands the level of the only key of a document to a test. */
static int
keep_level(void *arg, const struct json_path *path, const struct json_value *v)
{
	if (path->depth == 1 && v->type == JSON_NUMBER)
		*(struct json_level *)arg = path->level[0];
	return 0;
}

static int
level_of(const char *key, struct json_level *ret)
{
	struct buf b = BUF_INIT(65536);
	struct error e;
	int result;

	buf_putc(&b, '{');
	buf_puts_json(&b, key);
	buf_puts(&b, ":1}");
	result = json_parse(buf_span(&b), keep_level, ret, &e);
	buf_release(&b);
	return result;
}

static void
test_keys(void)
{
	char long_key[JSON_KEY_MAX + 2];
	struct json_level level;
	struct error e;

	is_int(level_of("Body", &level), 0, "a key is read");
	ok(json_key_is(&level, "Body"), "a key is itself");
	ok(!json_key_is(&level, "Bod"), "and not its beginning");
	ok(!json_key_is(&level, "Body2"), "nor what begins with it");
	ok(!json_key_is(&level, "body"), "case counts");
	ok(!json_key_is(&level, ""), "it is not empty");
	(void)json_parse(span_of("{\"a\\u0000b\":1}"), keep_level, &level, &e);
	ok(!json_key_is(&level, "a"), "a NUL does not end a key");
	(void)json_parse(span_of("[1]"), keep_level, &level, &e);
	ok(!json_key_is(&level, ""), "an array has no key");

	memset(long_key, 'k', sizeof(long_key));
	long_key[JSON_KEY_MAX] = '\0';
	(void)level_of(long_key, &level);
	ok(json_key_is(&level, long_key), "the longest key is kept in full");
	long_key[JSON_KEY_MAX] = 'k';
	long_key[JSON_KEY_MAX + 1] = '\0';
	(void)level_of(long_key, &level);
	is_int(level.key_len, JSON_KEY_MAX + 1,
	    "of a longer one the length is told");
	ok(!json_key_is(&level, long_key), "but it is never equal to any");
	long_key[JSON_KEY_MAX] = '\0';
	is_str(level.key, long_key, "its beginning is kept");
}

static void
test_integers(void)
{
	static const struct {
		const char *text;
		int result;
		long long want;
	} cases[] = { { "0", 0, 0 }, { "-1", 0, -1 }, { "-0", 0, 0 },
		{ "1700000000000", 0, 1700000000000 },
		{ "9223372036854775807", 0, LLONG_MAX },
		{ "-9223372036854775808", 0, LLONG_MIN },
		{ "9223372036854775808", -1, 0 },
		{ "-9223372036854775809", -1, 0 },
		{ "99999999999999999999999999", -1, 0 }, { "", -1, 0 },
		{ "-", -1, 0 }, { "+1", -1, 0 }, { " 1", -1, 0 },
		{ "1 ", -1, 0 }, { "1.0", -1, 0 }, { "1e3", -1, 0 },
		{ "0x10", -1, 0 }, { "--1", -1, 0 } };
	char name[64];
	struct json_value v;
	long long n;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		v = (struct json_value){ JSON_STRING, span_of(cases[i].text) };
		n = 42;
		(void)snprintf(name, sizeof(name), "'%s' is%s an integer",
		    cases[i].text, cases[i].result == 0 ? "" : " not");
		ok(json_integer(&v, LLONG_MIN, LLONG_MAX, &n) ==
			    cases[i].result &&
			n == (cases[i].result == 0 ? cases[i].want : 42),
		    name);
	}
	v = (struct json_value){ JSON_NUMBER, span_of("7") };
	is_int(json_integer(&v, 7, 7, &n), 0, "bounds are included");
	is_int(json_integer(&v, 8, 9, &n), -1, "too small is refused");
	is_int(json_integer(&v, 1, 6, &n), -1, "too large is refused");
	v.type = JSON_BOOL;
	is_int(json_integer(&v, 0, 9, &n), -1,
	    "only strings and numbers are numbers");
}

int
main(void)
{
	test_values();
	test_refusals();
	test_nul();
	test_lone_surrogates();
	test_depth();
	test_callback_ends_the_parse();
	test_keys();
	test_integers();
	return tap_done();
}
