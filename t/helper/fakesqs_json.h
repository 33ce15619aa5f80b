/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_JSON_H
#define FAKESQS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fakesqs_util.h"

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_INT,
	JSON_REAL,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	enum json_type type;
	struct span key; /* when it is a member */
	struct span str; /* JSON_STRING: decoded; JSON_REAL: the text */
	int64_t num;     /* JSON_INT, JSON_BOOL */
	size_t count;    /* children */
	struct json *child;
	struct json *next;
};

struct arena_chunk;

/* Owns all memory of a parsed text. */
struct arena {
	struct arena_chunk *chunks;
};

void *arena_alloc(struct arena *a, size_t n);
void arena_reset(struct arena *a); /* keeps one small chunk */
void arena_release(struct arena *a);

/*
 * Parses one strict JSON text.  NULL on any error, invalid UTF-8 and
 * trailing bytes included.  Lone surrogate escapes become three-byte
 * sequences that are not UTF-8, for the caller to refuse.
 */
struct json *json_parse(struct arena *a, const char *p, size_t n);

/* The member, or NULL when it is absent, null, or j is no object. */
const struct json *json_get(const struct json *j, const char *key);

/* Writes j again; with strange, unknown members are put in every object. */
void json_write(struct buf *out, const struct json *j, bool strange);

#endif
