/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * SNS's envelope.  See sns.h.  By the depth of a value:
 *
 *	1  Message
 *	2  MessageAttributes.colour
 *	3  MessageAttributes.colour.Type
 */
#include "child/message/sns.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/base64.h"
#include "common/base/json.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

struct parser {
	struct sns_notification *to;
	bool typed; /* Type is "Notification" */
};

static int
keep_bytes(const struct json_value *v, char **to, size_t *to_len)
{
	if (v->type != JSON_STRING)
		return -1;
	free(*to);
	*to = xmemdup0(v->text.p, v->text.len);
	*to_len = v->text.len;
	return 0;
}

static int
keep_text(const struct json_value *v, char **to)
{
	size_t len;

	if (v->type == JSON_STRING &&
	    memchr(v->text.p, '\0', v->text.len) != NULL)
		return -1;
	return keep_bytes(v, to, &len);
}

/* ---- attributes ---- */

static int
on_attribute_member(struct message_attribute *a, const struct json_level *key,
    const struct json_value *v)
{
	if (json_key_is(key, "Type"))
		return keep_text(v, &a->type);
	if (json_key_is(key, "Value"))
		return keep_bytes(v, &a->value, &a->value_len);
	return 0;
}

/* Decodes in place: the result is shorter. */
static int
decode(struct message_attribute *a)
{
	ssize_t len =
	    base64_decode((struct span){ a->value, a->value_len }, a->value);

	if (len == -1)
		return -1;
	a->value[len] = '\0';
	a->value_len = (size_t)len;
	a->binary = true;
	return 0;
}

static int
on_attribute(struct sns_notification *n, const struct json_level *name,
    const struct json_value *v)
{
	struct message_attribute *a;

	if (v->type == JSON_OBJECT)
		return message_attributes_add(&n->attributes, &n->n_attributes,
			   name) == NULL
		    ? 0
		    : -1;
	if (v->type != JSON_OBJECT_END)
		return -1;
	a = &n->attributes[n->n_attributes - 1];
	if (a->type == NULL || a->value == NULL ||
	    (strcmp(a->type, "Binary") == 0 && decode(a) == -1))
		return -1;
	message_attributes_last_counts(n->attributes, &n->n_attributes);
	return 0;
}

/* ---- members ---- */

static int
on_attributes(struct sns_notification *n, const struct json_value *v)
{
	if (v->type == JSON_OBJECT || v->type == JSON_NULL)
		message_attributes_release(&n->attributes, &n->n_attributes);
	return v->type == JSON_OBJECT || v->type == JSON_OBJECT_END ||
		v->type == JSON_NULL
	    ? 0
	    : -1;
}

static int
on_optional(const struct json_value *v, char **to)
{
	if (v->type != JSON_NULL)
		return keep_text(v, to);
	free(*to);
	*to = NULL;
	return 0;
}

static int
on_member(struct parser *p, const struct json_level *key,
    const struct json_value *v)
{
	struct sns_notification *n = p->to;

	if (json_key_is(key, "Type")) {
		p->typed =
		    v->type == JSON_STRING && span_is(v->text, "Notification");
		return p->typed ? 0 : -1;
	}
	if (json_key_is(key, "MessageId"))
		return keep_text(v, &n->message_id);
	if (json_key_is(key, "TopicArn"))
		return keep_text(v, &n->topic_arn);
	if (json_key_is(key, "Message"))
		return keep_bytes(v, &n->message, &n->message_len);
	if (json_key_is(key, "Subject"))
		return on_optional(v, &n->subject);
	if (json_key_is(key, "Timestamp"))
		return on_optional(v, &n->timestamp);
	if (json_key_is(key, "MessageAttributes"))
		return on_attributes(n, v);
	return 0;
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct parser *p = arg;
	const struct json_level *level = path->level;

	if (path->depth == 0)
		return v->type == JSON_OBJECT || v->type == JSON_OBJECT_END
		    ? 0
		    : -1;
	if (path->depth == 1)
		return on_member(p, &level[0], v);
	if (!json_key_is(&level[0], "MessageAttributes"))
		return 0;
	if (path->depth == 2)
		return on_attribute(p->to, &level[1], v);
	if (path->depth == 3)
		return on_attribute_member(&p->to->attributes
						[p->to->n_attributes - 1],
		    &level[2], v);
	return 0;
}

/* A quick look that spares most bodies that are no envelope the parse. */
static bool
looks_like_object(struct span s)
{
	size_t i = 0;

	while (i < s.len && strchr(" \t\r\n", s.p[i]) != NULL && s.p[i] != '\0')
		i++;
	return i < s.len && s.p[i] == '{';
}

bool
sns_parse(struct span body, struct sns_notification *ret)
{
	struct parser p = { .to = ret };
	struct error e;

	memset(ret, 0, sizeof(*ret));
	if (looks_like_object(body) &&
	    json_parse(body, on_value, &p, &e) == 0 && p.typed &&
	    ret->message_id != NULL && ret->topic_arn != NULL &&
	    ret->message != NULL)
		return true;
	sns_release(ret);
	return false;
}

void
sns_release(struct sns_notification *n)
{
	free(n->message_id);
	free(n->topic_arn);
	free(n->message);
	free(n->subject);
	free(n->timestamp);
	message_attributes_release(&n->attributes, &n->n_attributes);
	memset(n, 0, sizeof(*n));
}
