/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Writing JSON into a buffer, with commas where they belong:
 *
 *	struct json_write w = JSON_WRITE(&b);
 *
 *	json_write_object(&w, NULL);
 *	json_write_string(&w, "name", "jobs");
 *	json_write_array(&w, "slots");
 *	json_write_int(&w, NULL, 3);
 *	json_write_array_end(&w);
 *	json_write_object_end(&w);      {"name":"jobs","slots":[3]}
 *
 * A key is NULL for an element of an array and for the document itself.  Text
 * of any bytes becomes valid JSON, as buf_put_json says.  A failure is the
 * buffer's: its overflow is set.
 */
#ifndef COMMON_BASE_JSON_WRITE_H
#define COMMON_BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

struct json_write {
	struct buf *to;    /* borrowed */
	bool is_comma_due; /* before the next key or value */
};

#define JSON_WRITE(buf)                                                        \
	{                                                                      \
		.to = (buf)                                                    \
	}

void json_write_object(struct json_write *w, const char *key);
void json_write_object_end(struct json_write *w);
void json_write_array(struct json_write *w, const char *key);
void json_write_array_end(struct json_write *w);

void json_write_string(struct json_write *w, const char *key, const char *s);
void json_write_text(struct json_write *w, const char *key, const char *p,
    size_t len);
void json_write_int(struct json_write *w, const char *key, int64_t n);
void json_write_bool(struct json_write *w, const char *key, bool b);

/* The key alone: the caller appends one value in JSON to w->to. */
void json_write_key(struct json_write *w, const char *key);

#endif
