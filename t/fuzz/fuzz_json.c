/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * JSON of any bytes: what begins ends, paths are whole, and all text can be
 * read.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct state {
	size_t depth;
	unsigned sum; /* of all text, so that all of it is read */
};

static void
check_path(const struct json_path *path)
{
	const struct json_level *level;
	size_t i;

	assert(path->depth <= JSON_DEPTH_MAX);
	for (i = 0; i < path->depth; i++) {
		level = &path->level[i];
		assert(level->in_array || level->key_len > JSON_KEY_MAX ||
		    level->key[level->key_len] == '\0');
		assert(level->in_array || level->key_len <= JSON_KEY_MAX ||
		    level->key[JSON_KEY_MAX] == '\0');
	}
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct state *s = arg;
	long long n;
	size_t i;

	check_path(path);
	if (v->type == JSON_OBJECT_END || v->type == JSON_ARRAY_END)
		s->depth--;
	assert(path->depth == s->depth);
	if (v->type == JSON_OBJECT || v->type == JSON_ARRAY)
		s->depth++;
	for (i = 0; i < v->text.len; i++)
		s->sum += (unsigned char)v->text.p[i];
	if (json_integer(v, -1000, 1000, &n) == 0)
		assert(n >= -1000 && n <= 1000);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span document = { (const char *)data, size };
	struct state s = { 0 };
	struct error e;

	if (json_parse(document, on_value, &s, &e) == 0)
		assert(s.depth == 0);
	else
		assert(e.kind == ERROR_RETRY && e.text[0] != '\0' &&
		    strchr(e.text, '\n') == NULL);
	return 0;
}
