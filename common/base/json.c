/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading JSON by yajl.  See json.h.
 * yajl takes each sequence of two to four bytes that looks like UTF-8, so the
 * document is checked here instead, once and as a whole.
 */
#include "common/base/json.h"

#include <limits.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum { /* what a yajl callback returns */
	YAJL_CANCEL,
	YAJL_GO_ON
};

struct reader {
	json_fn *fn;
	void *arg;
	bool too_deep;
	struct json_path path; /* levels below path.depth are not set */
};

static int
emit(struct reader *r, enum json_type type, const void *p, size_t len)
{
	struct json_value v = { type, { p, len } };

	return r->fn(r->arg, &r->path, &v) == 0 ? YAJL_GO_ON : YAJL_CANCEL;
}

/* A value ended: in an array the next one has another index. */
static void
count_value(struct reader *r)
{
	if (r->path.depth > 0)
		r->path.level[r->path.depth - 1].index++;
}

static int
emit_scalar(struct reader *r, enum json_type type, const void *p, size_t len)
{
	int next = emit(r, type, p, len);

	count_value(r);
	return next;
}

static int
enter(struct reader *r, enum json_type type)
{
	struct json_level *level;

	if (r->path.depth == JSON_DEPTH_MAX) {
		r->too_deep = true;
		return YAJL_CANCEL;
	}
	if (emit(r, type, "", 0) == YAJL_CANCEL)
		return YAJL_CANCEL;
	level = &r->path.level[r->path.depth++];
	level->in_array = type == JSON_ARRAY;
	level->index = 0;
	level->key_len = 0;
	level->key[0] = '\0';
	return YAJL_GO_ON;
}

static int
leave(struct reader *r, enum json_type type)
{
	r->path.depth--;
	return emit_scalar(r, type, "", 0);
}

static int
on_null(void *ctx)
{
	return emit_scalar(ctx, JSON_NULL, "null", 4);
}

static int
on_boolean(void *ctx, int value)
{
	return value ? emit_scalar(ctx, JSON_BOOL, "true", 4)
		     : emit_scalar(ctx, JSON_BOOL, "false", 5);
}

static int
on_number(void *ctx, const char *p, size_t len)
{
	return emit_scalar(ctx, JSON_NUMBER, p, len);
}

static int
on_string(void *ctx, const unsigned char *p, size_t len)
{
	return emit_scalar(ctx, JSON_STRING, p, len);
}

static int
on_key(void *ctx, const unsigned char *p, size_t len)
{
	struct reader *r = ctx;
	struct json_level *level = &r->path.level[r->path.depth - 1];
	size_t kept = len < JSON_KEY_MAX ? len : JSON_KEY_MAX;

	memcpy(level->key, p, kept);
	level->key[kept] = '\0';
	level->key_len = len;
	return YAJL_GO_ON;
}

static int
on_start_map(void *ctx)
{
	return enter(ctx, JSON_OBJECT);
}

static int
on_end_map(void *ctx)
{
	return leave(ctx, JSON_OBJECT_END);
}

static int
on_start_array(void *ctx)
{
	return enter(ctx, JSON_ARRAY);
}

static int
on_end_array(void *ctx)
{
	return leave(ctx, JSON_ARRAY_END);
}

/* on_number makes yajl pass on numbers as written, however large. */
static const yajl_callbacks callbacks = { .yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_start_map,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end_map,
	.yajl_start_array = on_start_array,
	.yajl_end_array = on_end_array };

/* yajl does not check for NULL, so its memory comes from xalloc. */
static void *
yajl_xmalloc(void *ctx, size_t size)
{
	(void)ctx;
	return xmalloc(size);
}

static void *
yajl_xrealloc(void *ctx, void *p, size_t size)
{
	(void)ctx;
	return xrealloc(p, size);
}

static void
yajl_xfree(void *ctx, void *p)
{
	(void)ctx;
	free(p);
}

static int
explain(yajl_handle yajl, yajl_status status, const struct reader *r,
    struct error *e)
{
	size_t at = yajl_get_bytes_consumed(yajl);
	unsigned char *why;

	if (r->too_deep)
		return error_set(e, ERROR_RETRY,
		    "JSON is nested deeper than %d levels", JSON_DEPTH_MAX);
	if (status == yajl_status_client_canceled)
		return error_set(e, ERROR_RETRY,
		    "JSON holds an unexpected value before byte %zu", at);
	why = yajl_get_error(yajl, 0, NULL, 0);
	(void)error_set(e, ERROR_RETRY, "invalid JSON at byte %zu: %.*s", at,
	    (int)strcspn((const char *)why, "\n"), (const char *)why);
	yajl_free_error(yajl, why);
	return -1;
}

int
json_parse(struct span document, json_fn *fn, void *arg, struct error *e)
{
	yajl_alloc_funcs memory = { yajl_xmalloc, yajl_xrealloc, yajl_xfree,
		NULL };
	struct reader r;
	yajl_handle yajl;
	yajl_status status;
	int result = 0;

	if (document.len == 0)
		return error_set(e, ERROR_RETRY, "JSON document is empty");
	if (!span_is_utf8(document))
		return error_set(e, ERROR_RETRY, "JSON is not valid UTF-8");
	r.fn = fn;
	r.arg = arg;
	r.too_deep = false;
	r.path.depth = 0;
	yajl = yajl_alloc(&callbacks, &memory, &r);
	(void)yajl_config(yajl, yajl_dont_validate_strings, 1);
	status =
	    yajl_parse(yajl, (const unsigned char *)document.p, document.len);
	if (status == yajl_status_ok)
		status = yajl_complete_parse(yajl);
	if (status != yajl_status_ok)
		result = explain(yajl, status, &r, e);
	yajl_free(yajl);
	return result;
}

bool
json_key_is(const struct json_level *level, const char *key)
{
	size_t len = strlen(key);

	return !level->in_array && level->key_len == len &&
	    len <= JSON_KEY_MAX && memcmp(level->key, key, len) == 0;
}

int
json_integer(const struct json_value *value, long long min, long long max,
    long long *ret)
{
	const char *p = value->text.p, *end = p + value->text.len;
	bool negative;
	long long n = 0;

	if (value->type != JSON_NUMBER && value->type != JSON_STRING)
		return -1;
	negative = p < end && *p == '-';
	if (negative)
		p++;
	if (p == end)
		return -1;
	/*
	 * Negative numbers have the wider range, so the sum is a negative
	 * number.
	 */
	for (; p < end; p++) {
		if (*p < '0' || *p > '9' || n < (LLONG_MIN + (*p - '0')) / 10)
			return -1;
		n = n * 10 - (*p - '0');
	}
	if (!negative && n == LLONG_MIN)
		return -1;
	if (!negative)
		n = -n;
	if (n < min || n > max)
		return -1;
	*ret = n;
	return 0;
}
