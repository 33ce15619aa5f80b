/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * json.c gives a flat sequence of values, so the parser looks at each value's
 * depth:
 *
 *	1  Messages
 *	2  Messages[i]
 *	3  Messages[i].Body
 *	4  Messages[i].Attributes.SenderId
 *	4  Messages[i].MessageAttributes.colour
 *	5  Messages[i].MessageAttributes.colour.DataType
 */
#include "common/aws/message.h"

#include <sys/types.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/base64.h"
#include "common/base/json.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

struct parser {
	struct message_list *list;
	struct message *message; /* being read; NULL: none, or unusable */
	const char *problem; /* why the message, or the answer, is refused */
};

static int
refuse(struct parser *p, const char *problem)
{
	p->problem = problem;
	return -1;
}

/* ---- strings ---- */

static int
want_string(struct parser *p, const struct json_value *v)
{
	if (v->type != JSON_STRING)
		return refuse(p, "a value that should be a string is not");
	return 0;
}

static int
keep_text(struct parser *p, const struct json_value *v, char **to)
{
	if (want_string(p, v) == -1)
		return -1;
	if (memchr(v->text.p, '\0', v->text.len) != NULL)
		return refuse(p, "a string holds a NUL");
	free(*to);
	*to = xmemdup0(v->text.p, v->text.len);
	return 0;
}

static int
keep_bytes(struct parser *p, const struct json_value *v, char **to,
    size_t *to_len)
{
	if (want_string(p, v) == -1)
		return -1;
	free(*to);
	*to = xmemdup0(v->text.p, v->text.len);
	*to_len = v->text.len;
	return 0;
}

static int
keep_base64(struct parser *p, const struct json_value *v, char **to,
    size_t *to_len)
{
	ssize_t len;

	if (want_string(p, v) == -1)
		return -1;
	free(*to);
	*to = xmalloc(v->text.len / 4 * 3 + 1);
	len = base64_decode(v->text, *to);
	if (len == -1) {
		(*to)[0] = '\0';
		return refuse(p, "a binary value that is not base64");
	}
	(*to)[len] = '\0';
	*to_len = (size_t)len;
	return 0;
}

/* ---- the parts of a message, innermost first ---- */

static int
on_attribute_member(struct parser *p, struct message_attribute *a,
    const struct json_level *key, const struct json_value *v)
{
	if (json_key_is(key, "DataType"))
		return keep_text(p, v, &a->type);
	if (json_key_is(key, "StringValue")) {
		a->binary = false;
		return keep_bytes(p, v, &a->value, &a->value_len);
	}
	if (json_key_is(key, "BinaryValue")) {
		a->binary = true;
		return keep_base64(p, v, &a->value, &a->value_len);
	}
	return 0;
}

static int
begin_attribute(struct parser *p, struct message *m,
    const struct json_level *name)
{
	const char *wrong =
	    message_attributes_add(&m->attributes, &m->n_attributes, name);

	return wrong == NULL ? 0 : refuse(p, wrong);
}

static int
end_attribute(struct parser *p, struct message *m)
{
	const struct message_attribute *a = &m->attributes[m->n_attributes - 1];

	if (a->type == NULL || a->value == NULL)
		return refuse(p, "an attribute without type or value");
	message_attributes_last_counts(m->attributes, &m->n_attributes);
	return 0;
}

static int
on_attribute(struct parser *p, struct message *m, const struct json_level *name,
    const struct json_value *v)
{
	if (v->type == JSON_OBJECT)
		return begin_attribute(p, m, name);
	if (v->type == JSON_OBJECT_END)
		return end_attribute(p, m);
	return refuse(p, "an attribute that is not an object");
}

/* A string member of struct message, by key. */
struct text_member {
	const char *key;
	size_t offset;
};

static const struct text_member members[] = {
	{ "MessageId", offsetof(struct message, id) },
	{ "ReceiptHandle", offsetof(struct message, receipt_handle) },
	{ "MD5OfBody", offsetof(struct message, md5_of_body) },
	{ "MD5OfMessageAttributes",
	    offsetof(struct message, md5_of_attributes) }
};

static const struct text_member system_members[] = {
	{ "SenderId", offsetof(struct message, sender_id) },
	{ "MessageGroupId", offsetof(struct message, group_id) },
	{ "MessageDeduplicationId",
	    offsetof(struct message, deduplication_id) },
	{ "SequenceNumber", offsetof(struct message, sequence_number) },
	{ "AWSTraceHeader", offsetof(struct message, trace_header) }
};

/*
 * Numbers that come as strings; a number that cannot be read keeps its default.
 */
static const struct {
	const char *key;
	size_t offset;
	long long min;
} system_numbers[] = { { "ApproximateReceiveCount",
			   offsetof(struct message, receive_count), 1 },
	{ "SentTimestamp", offsetof(struct message, sent_timestamp_ms), 0 },
	{ "ApproximateFirstReceiveTimestamp",
	    offsetof(struct message, first_receive_timestamp_ms), 0 } };

static int
keep_member(struct parser *p, struct message *m, const struct json_level *key,
    const struct json_value *v, const struct text_member *table, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (json_key_is(key, table[i].key))
			return keep_text(p, v,
			    (char **)((char *)m + table[i].offset));
	return 0;
}

static int
on_system_attribute(struct parser *p, struct message *m,
    const struct json_level *key, const struct json_value *v)
{
	long long *to;
	size_t i;

	for (i = 0; i < nitems(system_numbers); i++) {
		if (!json_key_is(key, system_numbers[i].key))
			continue;
		if (v->type != JSON_STRING && v->type != JSON_NUMBER)
			return refuse(p, "a number cannot be read");
		to = (long long *)((char *)m + system_numbers[i].offset);
		if (json_integer(v, system_numbers[i].min, LLONG_MAX, to) == -1)
			*to = system_numbers[i].min;
		return 0;
	}
	return keep_member(p, m, key, v, system_members,
	    nitems(system_members));
}

static int
on_member(struct parser *p, struct message *m, const struct json_level *key,
    const struct json_value *v)
{
	if (json_key_is(key, "Body"))
		return keep_bytes(p, v, &m->body, &m->body_len);
	if (json_key_is(key, "MessageAttributes") && v->type == JSON_OBJECT)
		message_attributes_release(&m->attributes, &m->n_attributes);
	if ((json_key_is(key, "Attributes") ||
		json_key_is(key, "MessageAttributes")) &&
	    v->type != JSON_OBJECT && v->type != JSON_OBJECT_END)
		return refuse(p, "attributes that are not an object");
	return keep_member(p, m, key, v, members, nitems(members));
}

static void
count_unusable(struct message_list *list, const char *reason)
{
	if (list->n_unusable++ == 0)
		list->reason = reason;
}

static void
begin_message(struct parser *p)
{
	struct message_list *list = p->list;

	if (list->n == MESSAGE_BATCH_MAX) {
		count_unusable(list, "more messages than SQS ever sends");
		return;
	}
	p->message = &list->messages[list->n];
	memset(p->message, 0, sizeof(*p->message));
	p->message->receive_count = 1;
}

/* Counts the message as unusable; the rest of its values are skipped. */
static void
drop_message(struct parser *p, const char *reason)
{
	message_release(p->message);
	p->message = NULL;
	count_unusable(p->list, reason);
}

/* Two jobs with one receipt handle could not be settled separately. */
static bool
occurs_before(const struct message_list *list, const struct message *m)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->messages[i].id, m->id) == 0 ||
		    strcmp(list->messages[i].receipt_handle,
			m->receipt_handle) == 0)
			return true;
	return false;
}

static void
end_message(struct parser *p)
{
	const struct message *m = p->message;

	if (m == NULL)
		return;
	if (m->id == NULL || m->receipt_handle == NULL || m->body == NULL) {
		drop_message(p, "a message without id, receipt handle or body");
	} else if (occurs_before(p->list, m)) {
		drop_message(p, "a message that occurs twice");
	} else {
		p->list->n++;
		p->message = NULL;
	}
}

static void
on_message(struct parser *p, const struct json_value *v)
{
	if (v->type == JSON_OBJECT)
		begin_message(p);
	else if (v->type == JSON_OBJECT_END)
		end_message(p);
	else if (v->type != JSON_ARRAY_END)
		count_unusable(p->list, "a message that is not an object");
}

static void
list_release(struct message_list *list)
{
	while (list->n > 0)
		message_release(&list->messages[--list->n]);
	list->n_unusable = 0;
	list->reason = NULL;
}

static int
on_top_member(struct parser *p, const struct json_value *v)
{
	if (v->type == JSON_ARRAY)
		list_release(p->list);
	else if (v->type != JSON_ARRAY_END)
		return refuse(p, "\"Messages\" is not an array");
	return 0;
}

static int
on_part(struct parser *p, const struct json_path *path,
    const struct json_value *v)
{
	const struct json_level *level = path->level;
	struct message *m = p->message;

	if (path->depth == 3)
		return on_member(p, m, &level[2], v);
	if (path->depth == 4 && json_key_is(&level[2], "Attributes"))
		return on_system_attribute(p, m, &level[3], v);
	if (path->depth == 4 && json_key_is(&level[2], "MessageAttributes"))
		return on_attribute(p, m, &level[3], v);
	if (path->depth == 5 && json_key_is(&level[2], "MessageAttributes"))
		return on_attribute_member(p,
		    &m->attributes[m->n_attributes - 1], &level[4], v);
	return 0;
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct parser *p = arg;

	if (path->depth == 0)
		return v->type == JSON_OBJECT || v->type == JSON_OBJECT_END
		    ? 0
		    : refuse(p, "not an object");
	if (!json_key_is(&path->level[0], "Messages"))
		return 0;
	if (path->depth == 2)
		on_message(p, v);
	else if (path->depth == 1 && v->type != JSON_NULL)
		return on_top_member(p, v);
	else if (v->type != JSON_NULL && p->message != NULL &&
	    on_part(p, path, v) == -1)
		drop_message(p, p->problem);
	return 0;
}

int
message_parse_list(struct span answer, struct message_list *ret_list,
    struct error *e)
{
	struct parser p = { .list = ret_list };

	ret_list->n = 0;
	list_release(ret_list);
	/* Without messages SQS answers {}, other servers answer no bytes. */
	if (answer.len == 0 || json_parse(answer, on_value, &p, e) == 0)
		return 0;
	message_release(p.message);
	list_release(ret_list);
	if (p.problem != NULL)
		(void)error_set(e, ERROR_RETRY,
		    "unusable answer to ReceiveMessage: %s", p.problem);
	return -1;
}

void
message_release(struct message *m)
{
	if (m == NULL)
		return;
	free(m->id);
	free(m->receipt_handle);
	free(m->body);
	free(m->md5_of_body);
	free(m->md5_of_attributes);
	free(m->group_id);
	free(m->deduplication_id);
	free(m->sequence_number);
	free(m->trace_header);
	free(m->sender_id);
	message_attributes_release(&m->attributes, &m->n_attributes);
	memset(m, 0, sizeof(*m));
}
