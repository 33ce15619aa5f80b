/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A strict JSON reader into a tree.  It is not yajl, which the product uses:
 * SQS might not forgive what yajl forgives.
 */

#include "fakesqs_json.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_CHUNK_BYTES ((size_t)8192)
#define JSON_DEPTH_MAX    64

struct arena_chunk {
	struct arena_chunk *next;
	size_t used;
	size_t size;
	alignas(max_align_t) char bytes[];
};

struct parser {
	struct arena *arena;
	const char *p;
	const char *end;
	int depth;
};

static struct json *parse_value(struct parser *ps);

void *
arena_alloc(struct arena *a, size_t n)
{
	struct arena_chunk *c = a->chunks;
	size_t align = alignof(max_align_t);
	void *p;

	n = (n + align - 1) / align * align;
	if (c == NULL || c->size - c->used < n) {
		size_t size = n > ARENA_CHUNK_BYTES ? n : ARENA_CHUNK_BYTES;

		c = xmalloc(sizeof(*c) + size);
		c->used = 0;
		c->size = size;
		c->next = a->chunks;
		a->chunks = c;
	}
	p = c->bytes + c->used;
	c->used += n;
	return p;
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *c, *next, *keep = NULL;

	for (c = a->chunks; c != NULL; c = next) {
		next = c->next;
		if (keep == NULL && c->size == ARENA_CHUNK_BYTES)
			keep = c;
		else
			free(c);
	}
	if (keep != NULL) {
		keep->next = NULL;
		keep->used = 0;
	}
	a->chunks = keep;
}

void
arena_release(struct arena *a)
{
	struct arena_chunk *c;

	while ((c = a->chunks) != NULL) {
		a->chunks = c->next;
		free(c);
	}
}

static void
skip_space(struct parser *ps)
{
	while (ps->p < ps->end &&
	    (*ps->p == ' ' || *ps->p == '\n' || *ps->p == '\r' ||
		*ps->p == '\t'))
		ps->p++;
}

static bool
take(struct parser *ps, char c)
{
	skip_space(ps);
	if (ps->p == ps->end || *ps->p != c)
		return false;
	ps->p++;
	return true;
}

static bool
take_word(struct parser *ps, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(ps->end - ps->p) < n || memcmp(ps->p, word, n) != 0)
		return false;
	ps->p += n;
	return true;
}

static struct json *
node_new(struct parser *ps, enum json_type type)
{
	struct json *j = arena_alloc(ps->arena, sizeof(*j));

	*j = (struct json){ .type = type };
	return j;
}

/* Length of the valid UTF-8 sequence at p, 0 if it is none. */
static size_t
utf8_len(const unsigned char *p, size_t n)
{
	size_t len, i;
	uint32_t v;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (n < len)
		return 0;
	v = p[0] & (0xffu >> (len + 1));
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3f);
	}
	if ((len == 3 && (v < 0x800 || (v >= 0xd800 && v <= 0xdfff))) ||
	    (len == 4 && (v < 0x10000 || v > 0x10ffff)))
		return 0;
	return len;
}

static char *
utf8_put(char *out, uint32_t v)
{
	if (v < 0x80) {
		*out++ = (char)v;
	} else if (v < 0x800) {
		*out++ = (char)(0xc0 | v >> 6);
		*out++ = (char)(0x80 | (v & 0x3f));
	} else if (v < 0x10000) {
		*out++ = (char)(0xe0 | v >> 12);
		*out++ = (char)(0x80 | (v >> 6 & 0x3f));
		*out++ = (char)(0x80 | (v & 0x3f));
	} else {
		*out++ = (char)(0xf0 | v >> 18);
		*out++ = (char)(0x80 | (v >> 12 & 0x3f));
		*out++ = (char)(0x80 | (v >> 6 & 0x3f));
		*out++ = (char)(0x80 | (v & 0x3f));
	}
	return out;
}

static bool
take_hex4(struct parser *ps, uint32_t *ret_v)
{
	uint32_t v = 0;
	int i;

	if (ps->end - ps->p < 4)
		return false;
	for (i = 0; i < 4; i++) {
		char c = *ps->p++;

		v <<= 4;
		if (c >= '0' && c <= '9')
			v |= (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v |= (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v |= (uint32_t)(c - 'A' + 10);
		else
			return false;
	}
	*ret_v = v;
	return true;
}

static bool
take_unicode(struct parser *ps, char **out)
{
	const char *mark;
	uint32_t v, low;

	if (!take_hex4(ps, &v))
		return false;
	if (v >= 0xd800 && v <= 0xdbff) {
		mark = ps->p;
		if (take_word(ps, "\\u") && take_hex4(ps, &low) &&
		    low >= 0xdc00 && low <= 0xdfff)
			v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
		else
			ps->p = mark;
	}
	*out = utf8_put(*out, v);
	return true;
}

static bool
take_escape(struct parser *ps, char **out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	char c;

	if (ps->p == ps->end)
		return false;
	c = *ps->p++;
	if (c == 'u')
		return take_unicode(ps, out);
	if (c == '\0' || (at = strchr(from, c)) == NULL)
		return false;
	*(*out)++ = to[at - from];
	return true;
}

/* Finds the closing quote, so that the copy can be allocated once. */
static const char *
string_end(const struct parser *ps)
{
	const char *p;

	for (p = ps->p; p < ps->end; p++) {
		if (*p == '"')
			return p;
		if (*p == '\\' && ++p == ps->end)
			break;
	}
	return NULL;
}

static bool
take_string(struct parser *ps, struct span *ret_s)
{
	const char *stop;
	char *start, *out;

	if (!take(ps, '"') || (stop = string_end(ps)) == NULL)
		return false;
	/* No escape decodes to more bytes than it has. */
	out = start = arena_alloc(ps->arena, (size_t)(stop - ps->p) + 1);
	while (ps->p < stop) {
		unsigned char c = (unsigned char)*ps->p;
		size_t n;

		if (c == '\\') {
			ps->p++;
			if (!take_escape(ps, &out))
				return false;
			continue;
		}
		if (c >= 0x20 && c < 0x80) {
			*out++ = *ps->p++;
			continue;
		}
		n = c < 0x20 ? 0
			     : utf8_len((const unsigned char *)ps->p,
				   (size_t)(stop - ps->p));
		if (n == 0)
			return false;
		memcpy(out, ps->p, n);
		out += n;
		ps->p += n;
	}
	*out = '\0';
	*ret_s = (struct span){ start, (size_t)(out - start) };
	ps->p++;
	return true;
}

static bool
take_digits(struct parser *ps)
{
	const char *from = ps->p;

	while (ps->p < ps->end && *ps->p >= '0' && *ps->p <= '9')
		ps->p++;
	return ps->p > from;
}

static struct json *
parse_number(struct parser *ps)
{
	const char *from = ps->p;
	bool real = false;
	struct json *j;
	char text[32];
	size_t n;

	(void)take_word(ps, "-");
	if (!take_word(ps, "0") && !take_digits(ps))
		return NULL;
	if (take_word(ps, ".")) {
		real = true;
		if (!take_digits(ps))
			return NULL;
	}
	if (take_word(ps, "e") || take_word(ps, "E")) {
		real = true;
		if (!take_word(ps, "+"))
			(void)take_word(ps, "-");
		if (!take_digits(ps))
			return NULL;
	}
	n = (size_t)(ps->p - from);
	j = node_new(ps, JSON_REAL);
	j->str = (struct span){ from, n };
	if (real || n >= sizeof(text))
		return j;
	memcpy(text, from, n);
	text[n] = '\0';
	errno = 0;
	j->num = strtoll(text, NULL, 10);
	if (errno == 0)
		j->type = JSON_INT;
	return j;
}

static struct json *
parse_array(struct parser *ps)
{
	struct json *j = node_new(ps, JSON_ARRAY), **tail = &j->child;

	if (take(ps, ']'))
		return j;
	do {
		if ((*tail = parse_value(ps)) == NULL)
			return NULL;
		tail = &(*tail)->next;
		j->count++;
	} while (take(ps, ','));
	return take(ps, ']') ? j : NULL;
}

static struct json *
parse_object(struct parser *ps)
{
	struct json *j = node_new(ps, JSON_OBJECT), **tail = &j->child;
	struct span key;

	if (take(ps, '}'))
		return j;
	do {
		if (!take_string(ps, &key) || !take(ps, ':') ||
		    (*tail = parse_value(ps)) == NULL)
			return NULL;
		(*tail)->key = key;
		tail = &(*tail)->next;
		j->count++;
	} while (take(ps, ','));
	return take(ps, '}') ? j : NULL;
}

static struct json *
parse_scalar(struct parser *ps)
{
	struct json *j;

	if (*ps->p == '"') {
		j = node_new(ps, JSON_STRING);
		return take_string(ps, &j->str) ? j : NULL;
	}
	if (take_word(ps, "null"))
		return node_new(ps, JSON_NULL);
	if (take_word(ps, "false"))
		return node_new(ps, JSON_BOOL);
	if (take_word(ps, "true")) {
		j = node_new(ps, JSON_BOOL);
		j->num = 1;
		return j;
	}
	return parse_number(ps);
}

static struct json *
parse_value(struct parser *ps)
{
	struct json *j = NULL;

	skip_space(ps);
	if (ps->p == ps->end || ps->depth == JSON_DEPTH_MAX)
		return NULL;
	ps->depth++;
	if (*ps->p == '{') {
		ps->p++;
		j = parse_object(ps);
	} else if (*ps->p == '[') {
		ps->p++;
		j = parse_array(ps);
	} else {
		j = parse_scalar(ps);
	}
	ps->depth--;
	return j;
}

struct json *
json_parse(struct arena *a, const char *p, size_t n)
{
	struct parser ps = { .arena = a, .p = p, .end = p + n };
	struct json *j;

	if (n == 0 || (j = parse_value(&ps)) == NULL)
		return NULL;
	skip_space(&ps);
	return ps.p == ps.end ? j : NULL;
}

const struct json *
json_get(const struct json *j, const char *key)
{
	const struct json *c;

	if (j == NULL || j->type != JSON_OBJECT)
		return NULL;
	for (c = j->child; c != NULL; c = c->next) {
		if (span_is(c->key, key))
			return c->type == JSON_NULL ? NULL : c;
	}
	return NULL;
}

/*
 * Adds members that a later version of the service may have.  A map of
 * attributes gets only another string, because SQS's model says that its values
 * are strings.
 */
static void
write_strange(struct buf *out, const struct json *j, const char *name)
{
	if (span_is(j->key, "MessageAttributes"))
		return;
	if (out->data[out->len - 1] != '{')
		buf_addbyte(out, ',');
	if (span_is(j->key, "Attributes"))
		buf_addf(out, "\"%s\":\"1\"", name);
	else
		buf_addf(out,
		    "\"%s\":{\"Nested\":{\"Deep\":[1,{\"x\":null},[]],"
		    "\"Id\":\"no\",\"MessageId\":\"no\"},\"Null\":null},"
		    "\"%sNull\":null,\"%sNumber\":-1.5e3,"
		    "\"%sList\":[true,\"\\u20ac\\\"\",{}]",
		    name, name, name, name);
}

static void
write_children(struct buf *out, const struct json *j, bool strange)
{
	const struct json *c;
	bool object = j->type == JSON_OBJECT;

	buf_addbyte(out, object ? '{' : '[');
	if (object && strange)
		write_strange(out, j, "AnUnknown");
	for (c = j->child; c != NULL; c = c->next) {
		if (out->data[out->len - 1] != '{' &&
		    out->data[out->len - 1] != '[')
			buf_addbyte(out, ',');
		if (object) {
			buf_json(out, c->key.p, c->key.len);
			buf_addbyte(out, ':');
		}
		json_write(out, c, strange);
	}
	if (object && strange)
		write_strange(out, j, "ZUnknown");
	buf_addbyte(out, object ? '}' : ']');
}

void
json_write(struct buf *out, const struct json *j, bool strange)
{
	switch (j->type) {
	case JSON_NULL:
		buf_addstr(out, "null");
		break;
	case JSON_BOOL:
		buf_addstr(out, j->num ? "true" : "false");
		break;
	case JSON_INT:
		buf_addf(out, "%lld", (long long)j->num);
		break;
	case JSON_REAL:
		buf_add(out, j->str.p, j->str.len);
		break;
	case JSON_STRING:
		buf_json(out, j->str.p, j->str.len);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		write_children(out, j, strange);
		break;
	}
}
