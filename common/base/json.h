/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading JSON: yajl wrapped so that a caller sees a flat sequence of values,
 * each with the path that leads to it.  Pure.  Depth and size are bounded;
 * invalid UTF-8, trailing bytes and unfinished documents are errors.
 */
#ifndef COMMON_BASE_JSON_H
#define COMMON_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/error.h"

enum {
	JSON_DEPTH_MAX = 16,
	JSON_KEY_MAX = 256 /* bytes kept of a key: SQS's longest is 256 */
};

enum json_type {
	JSON_NULL,
	JSON_BOOL,   /* text "true" or "false" */
	JSON_NUMBER, /* text as written */
	JSON_STRING, /* text decoded; may hold NULs, and '?' or bytes that are
			not UTF-8 where an escaped surrogate stood alone */
	JSON_OBJECT, /* begins */
	JSON_OBJECT_END,
	JSON_ARRAY, /* begins */
	JSON_ARRAY_END
};

struct json_level {
	bool in_array;
	size_t index;   /* in_array: of this value, from 0 */
	size_t key_len; /* of the key in full, even if it was cut */
	char key[JSON_KEY_MAX + 1];
};

/*
 * depth 0 is the document itself.  A value inside depth d has its key or
 * index in level[d - 1].  *_END comes with the path of its beginning.
 */
struct json_path {
	size_t depth;
	struct json_level level[JSON_DEPTH_MAX];
};

struct json_value {
	enum json_type type;
	struct span text; /* borrowed for the call */
};

/* Return 0 to go on, -1 to end the parse with an error. */
typedef int json_fn(void *arg, const struct json_path *path,
    const struct json_value *value);

/*
 * Returns 0, or -1 with *e (ERROR_RETRY: a bad answer may be better next
 * time).  Numbers are passed on as written, and a key that occurs twice comes
 * twice.  Values may have been passed on before an error is found.
 */
int json_parse(struct span document, json_fn *fn, void *arg, struct error *e);

/* Is the key at this level exactly this one?  False inside an array. */
bool json_key_is(const struct json_level *level, const char *key);

/* Whole decimal number in [min, max] from a number or string value.  Returns
   0 or -1. */
int json_integer(const struct json_value *value, long long min, long long max,
    long long *ret);

#endif
