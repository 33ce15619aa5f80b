/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The attributes of queues: their names, bounds, and the members that they set.
 */

#include "fakesqs_attributes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int64_t min;
	int64_t max;
	int64_t initial;
} numbers[QUEUE_NUMBERS] = {
	[QUEUE_VISIBILITY_TIMEOUT_S] = { "VisibilityTimeout", 0, 43200, 30 },
	[QUEUE_DELAY_S] = { "DelaySeconds", 0, 900, 0 },
	[QUEUE_WAIT_TIME_S] = { "ReceiveMessageWaitTimeSeconds", 0, 20, 0 },
	[QUEUE_MAX_SIZE] = { "MaximumMessageSize", 1024, MESSAGE_MAX_SIZE,
	    MESSAGE_MAX_SIZE },
	[QUEUE_RETENTION_S] = { "MessageRetentionPeriod", 60, 1209600, 345600 },
	[QUEUE_KMS_REUSE_S] = { "KmsDataKeyReusePeriodSeconds", 60, 86400,
	    300 },
};

static const char *const texts[QUEUE_TEXTS] = {
	[QUEUE_REDRIVE_POLICY] = "RedrivePolicy",
	[QUEUE_POLICY] = "Policy",
	[QUEUE_REDRIVE_ALLOW] = "RedriveAllowPolicy",
	[QUEUE_KMS_KEY] = "KmsMasterKeyId",
	[QUEUE_SSE] = "SqsManagedSseEnabled",
	[QUEUE_CONTENT_DEDUP] = "ContentBasedDeduplication",
	[QUEUE_DEDUP_SCOPE] = "DeduplicationScope",
	[QUEUE_FIFO_LIMIT] = "FifoThroughputLimit",
};

struct redrive {
	char *dlq_name;
	int64_t max_receive_count;
};

char problem_text[512];

const char *
problem(const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(problem_text, sizeof(problem_text), fmt, ap);
	va_end(ap);
	return code;
}

static int
number_find(struct span name)
{
	int i;

	for (i = QUEUE_NUMBERS - 1; i >= 0; i--) {
		if (span_is(name, numbers[i].name))
			break;
	}
	return i;
}

static int
text_find(struct span name)
{
	int i;

	for (i = QUEUE_TEXTS - 1; i >= 0; i--) {
		if (span_is(name, texts[i]))
			break;
	}
	return i;
}

static bool
to_number(struct span s, int64_t *ret_n)
{
	char text[20], *end;

	if (s.len == 0 || s.len >= sizeof(text))
		return false;
	memcpy(text, s.p, s.len);
	text[s.len] = '\0';
	*ret_n = strtoll(text, &end, 10);
	return *end == '\0' && end != text;
}

static bool
redrive_count(const struct json *count, int64_t *ret_n)
{
	if (count == NULL)
		return false;
	if (count->type == JSON_INT)
		*ret_n = count->num;
	else if (count->type != JSON_STRING || !to_number(count->str, ret_n))
		return false;
	return *ret_n >= 1 && *ret_n <= 1000;
}

static const char *
redrive_parse(struct span text, struct redrive *ret_r)
{
	struct arena arena = { 0 };
	const struct json *j = json_parse(&arena, text.p, text.len);
	const struct json *arn = json_get(j, "deadLetterTargetArn");
	const char *colon, *code = NULL;

	*ret_r = (struct redrive){ 0 };
	if (arn == NULL || arn->type != JSON_STRING ||
	    (colon = strrchr(arn->str.p, ':')) == NULL ||
	    !redrive_count(json_get(j, "maxReceiveCount"),
		&ret_r->max_receive_count))
		code = problem("InvalidParameterValueException",
		    "Value %.*s for parameter RedrivePolicy is invalid. "
		    "Reason: Redrive policy is not a valid JSON map.",
		    (int)(text.len > 200 ? 200 : text.len), text.p);
	else
		ret_r->dlq_name = xstrdup(colon + 1);
	arena_release(&arena);
	return code;
}

static const char *
redrive_check(struct span text, bool fifo)
{
	struct redrive r;
	const char *code;
	struct queue *dlq;

	if (text.len == 0)
		return NULL;
	if ((code = redrive_parse(text, &r)) != NULL)
		return code;
	dlq = queue_find((struct span){ r.dlq_name, strlen(r.dlq_name) });
	free(r.dlq_name);
	if (dlq == NULL)
		return problem("InvalidParameterValueException",
		    "Value for parameter RedrivePolicy is invalid. Reason: "
		    "Dead letter target does not exist.");
	if (dlq->fifo != fifo)
		return problem("InvalidParameterValueException",
		    "Value for parameter RedrivePolicy is invalid. Reason: "
		    "Dead-letter queue must be same type of queue as the "
		    "source.");
	return NULL;
}

static const char *
attribute_check(const struct json *a, bool fifo, bool creating)
{
	int64_t n;
	int i;

	if (a->type != JSON_STRING)
		return problem("SerializationException",
		    "Attribute values are strings.");
	if ((i = number_find(a->key)) != -1) {
		if (to_number(a->str, &n) && n >= numbers[i].min &&
		    n <= numbers[i].max)
			return NULL;
		return problem("InvalidAttributeValue",
		    "Invalid value for the parameter %s.", numbers[i].name);
	}
	if (span_is(a->key, "FifoQueue") && creating && fifo)
		return span_is(a->str, "true")
		    ? NULL
		    : problem("InvalidAttributeValue",
			  "Invalid value for the parameter FifoQueue.");
	i = text_find(a->key);
	if (i == -1 || (i >= QUEUE_CONTENT_DEDUP && !fifo))
		return problem("InvalidAttributeName",
		    "Unknown Attribute %.*s.", (int)a->key.len, a->key.p);
	if (i == QUEUE_CONTENT_DEDUP && !span_is(a->str, "true") &&
	    !span_is(a->str, "false"))
		return problem("InvalidAttributeValue",
		    "Invalid value for the parameter %s.", texts[i]);
	return i == QUEUE_REDRIVE_POLICY ? redrive_check(a->str, fifo) : NULL;
}

const char *
attributes_check(const struct queue *q, const struct json *map, bool fifo)
{
	const struct json *a;
	const char *code;

	if (map == NULL)
		return NULL;
	if (map->type != JSON_OBJECT)
		return problem("SerializationException",
		    "Attributes is no map.");
	for (a = map->child; a != NULL; a = a->next) {
		code = attribute_check(a, fifo, q == NULL);
		if (code != NULL)
			return code;
	}
	return NULL;
}

static void
redrive_apply(struct queue *q)
{
	const char *text = q->texts[QUEUE_REDRIVE_POLICY];
	struct redrive r = { 0 };

	if (text != NULL &&
	    redrive_parse((struct span){ text, strlen(text) }, &r) != NULL)
		r = (struct redrive){ 0 };
	free(q->dlq_name);
	q->dlq_name = r.dlq_name;
	q->max_receive_count = r.max_receive_count;
}

void
attributes_apply(struct queue *q, const struct json *map)
{
	const struct json *a;
	int i;

	q->modified_wall_s = clock_wall_ms() / 1000;
	for (a = map == NULL ? NULL : map->child; a != NULL; a = a->next) {
		if ((i = number_find(a->key)) != -1) {
			(void)to_number(a->str, &q->numbers[i]);
		} else if ((i = text_find(a->key)) != -1) {
			free(q->texts[i]);
			q->texts[i] = a->str.len == 0
			    ? NULL
			    : xmemdup(a->str.p, a->str.len);
		}
	}
	redrive_apply(q);
}

void
attributes_default(struct queue *q)
{
	int i;

	for (i = 0; i < QUEUE_NUMBERS; i++)
		q->numbers[i] = numbers[i].initial;
	q->created_wall_s = clock_wall_ms() / 1000;
}

bool
attributes_equal(const struct queue *q, const struct json *map)
{
	const struct json *a;
	int64_t n;
	int i;

	for (a = map == NULL ? NULL : map->child; a != NULL; a = a->next) {
		if ((i = number_find(a->key)) != -1) {
			if (!to_number(a->str, &n) || n != q->numbers[i])
				return false;
		} else if ((i = text_find(a->key)) != -1) {
			if (!span_is(a->str,
				q->texts[i] == NULL ? "" : q->texts[i]))
				return false;
		}
	}
	return true;
}

struct writer {
	struct buf *out;
	const struct json *names;
	bool all;
	int written;
};

static bool
wanted(struct writer *w, const char *name)
{
	const struct json *n;

	if (w->all)
		return true;
	for (n = w->names->child; n != NULL; n = n->next) {
		if (span_is(n->str, name))
			return true;
	}
	return false;
}

static void
write_text(struct writer *w, const char *name, const char *value)
{
	if (value == NULL || !wanted(w, name))
		return;
	buf_addstr(w->out, w->written++ == 0 ? "\"Attributes\":{" : ",");
	buf_jsonstr(w->out, name);
	buf_addbyte(w->out, ':');
	buf_jsonstr(w->out, value);
}

static void
write_number(struct writer *w, const char *name, int64_t value)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)value);
	write_text(w, name, text);
}

static bool
name_known(struct span name)
{
	static const char *const others[] = { "All", "QueueArn", "FifoQueue",
		"CreatedTimestamp", "LastModifiedTimestamp",
		"ApproximateNumberOfMessages",
		"ApproximateNumberOfMessagesNotVisible",
		"ApproximateNumberOfMessagesDelayed" };
	size_t i;

	for (i = 0; i < nitems(others); i++) {
		if (span_is(name, others[i]))
			return true;
	}
	return number_find(name) != -1 || text_find(name) != -1;
}

static const char *
names_check(const struct json *names, bool *ret_all)
{
	const struct json *n;

	if (names->type != JSON_ARRAY)
		return problem("SerializationException",
		    "AttributeNames is no list.");
	for (n = names->child; n != NULL; n = n->next) {
		if (n->type != JSON_STRING)
			return problem("SerializationException",
			    "Attribute names are strings.");
		if (!name_known(n->str))
			return problem("InvalidAttributeName",
			    "Unknown Attribute %.*s.",
			    (int)(n->str.len > 100 ? 100 : n->str.len),
			    n->str.p);
		if (span_is(n->str, "All"))
			*ret_all = true;
	}
	return NULL;
}

const char *
attributes_write(struct buf *out, const struct queue *q,
    const struct json *names)
{
	struct writer w = { .out = out, .names = names };
	const char *code;
	int i;

	if (names == NULL)
		return NULL;
	if ((code = names_check(names, &w.all)) != NULL)
		return code;
	write_text(&w, "QueueArn", q->arn);
	write_number(&w, "ApproximateNumberOfMessages",
	    (int64_t)q->counts.visible);
	write_number(&w, "ApproximateNumberOfMessagesNotVisible",
	    (int64_t)q->counts.in_flight);
	write_number(&w, "ApproximateNumberOfMessagesDelayed",
	    (int64_t)q->counts.delayed);
	write_number(&w, "CreatedTimestamp", q->created_wall_s);
	write_number(&w, "LastModifiedTimestamp", q->modified_wall_s);
	for (i = 0; i < QUEUE_NUMBERS; i++) {
		if (i != QUEUE_KMS_REUSE_S || q->texts[QUEUE_KMS_KEY] != NULL)
			write_number(&w, numbers[i].name, q->numbers[i]);
	}
	for (i = 0; i < QUEUE_TEXTS; i++)
		write_text(&w, texts[i], q->texts[i]);
	write_text(&w, "FifoQueue", q->fifo ? "true" : NULL);
	if (w.written > 0)
		buf_addbyte(out, '}');
	return NULL;
}
