/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See cloudwatch_logs.h. */
#include "tools/cloudwatch_logs.h"

#include "common/base/json.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	MESSAGE_MAX = 1024 * 1024, /* CloudWatch's own limit */
	NAME_MAX_BYTES = 1024
};

void
cloudwatch_logs_filter_events(struct buf *to,
    const struct cloudwatch_logs_query *q)
{
	buf_puts(to, "{\"logGroupName\":");
	buf_puts_json(to, q->group);
	buf_puts(to, ",\"startTime\":");
	buf_put_int(to, q->since_ms);
	if (q->term != NULL)
		buf_printf(to, ",\"filterPattern\":\"\\\"%s\\\"\"", q->term);
	if (q->next_token[0] != '\0') {
		buf_puts(to, ",\"nextToken\":");
		buf_puts_json(to, q->next_token);
	}
	buf_putc(to, '}');
}

struct reader {
	cloudwatch_logs_event_fn *fn;
	void *arg;
	struct buf *token;
	long long time_ms;
	struct buf id, stream, message;
};

static void
keep(struct buf *to, const struct json_value *v)
{
	buf_reset(to);
	buf_append(to, v->text.p, v->text.len);
}

static void
begin(struct reader *r)
{
	r->time_ms = 0;
	buf_reset(&r->id);
	buf_reset(&r->stream);
	buf_reset(&r->message);
}

static void
end(struct reader *r)
{
	const struct cloudwatch_logs_event event = { .time_ms = r->time_ms,
		.id = buf_str(&r->id),
		.stream = buf_str(&r->stream),
		.message = buf_span(&r->message) };

	r->fn(r->arg, &event);
}

static void
on_member(struct reader *r, const struct json_level *key,
    const struct json_value *v)
{
	if (json_key_is(key, "timestamp"))
		(void)json_integer(v, 0, INT64_MAX, &r->time_ms);
	else if (json_key_is(key, "eventId"))
		keep(&r->id, v);
	else if (json_key_is(key, "logStreamName"))
		keep(&r->stream, v);
	else if (json_key_is(key, "message"))
		keep(&r->message, v);
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct reader *r = arg;

	if (path->depth == 1 && v->type == JSON_STRING &&
	    json_key_is(&path->level[0], "nextToken"))
		keep(r->token, v);
	if (path->depth < 2 || !json_key_is(&path->level[0], "events"))
		return 0;
	if (path->depth == 2 && v->type == JSON_OBJECT)
		begin(r);
	else if (path->depth == 2 && v->type == JSON_OBJECT_END)
		end(r);
	else if (path->depth == 3)
		on_member(r, &path->level[2], v);
	return 0;
}

int
cloudwatch_logs_parse_events(struct span answer, cloudwatch_logs_event_fn *fn,
    void *arg, struct buf *ret_next_token, struct error *e)
{
	struct reader r = { .fn = fn, .arg = arg, .token = ret_next_token };
	int result;

	buf_init(&r.id, NAME_MAX_BYTES);
	buf_init(&r.stream, NAME_MAX_BYTES);
	buf_init(&r.message, MESSAGE_MAX);
	buf_reset(ret_next_token);
	result = json_parse(answer, on_value, &r, e);
	if (result == 0 && ret_next_token->overflow)
		result = error_set(e, ERROR_RETRY, "the token is too long");
	buf_release(&r.id);
	buf_release(&r.stream);
	buf_release(&r.message);
	return result;
}
