/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See exec_environment.h. */
#include "child/handler/exec_environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/base/xalloc.h"
#include "common/http/http_url.h"

#include "common/base/banned.h"

enum {
	STRING_MAX = 128 * 1024 - 1 /* MAX_ARG_STRLEN of Linux, without NUL */
};

/*
 * Handlers do not get these: a handler that spoke to systemd would speak for
 * the supervisor, and an inherited SQS_* variable of another message must not
 * look like a fact of this one.
 */
static const char *const not_inherited[] = { "NOTIFY_SOCKET=", "WATCHDOG_",
	"LISTEN_", "MAINPID=", "SQS_MESSAGE_ID=", "SQS_RECEIVE_COUNT=",
	"SQS_QUEUE_URL=", "SQS_QUEUE_NAME=", "SQS_SENT_TIMESTAMP=",
	"SQS_FIRST_RECEIVE_TIMESTAMP=", "SQS_MESSAGE_GROUP_ID=",
	"SQS_MESSAGE_DEDUPLICATION_ID=", "SQS_SEQUENCE_NUMBER=",
	"SQS_DEADLINE=", "SQS_ATTR_", "SNS_MESSAGE_ID=", "SNS_TOPIC_ARN=",
	"SNS_SUBJECT=", "SNS_TIMESTAMP=", "_X_AMZN_TRACE_ID=" };

static bool
is_inherited(const char *var)
{
	size_t i;

	for (i = 0; i < nitems(not_inherited); i++)
		if (strncmp(var, not_inherited[i], strlen(not_inherited[i])) ==
		    0)
			return false;
	return true;
}

static void
put(struct exec_environment *e, char *var)
{
	if (e->n + 1 >= e->cap) {
		e->cap = e->cap > 0 ? e->cap * 2 : 64;
		e->vars = xreallocarray(e->vars, e->cap, sizeof(*e->vars));
	}
	e->vars[e->n++] = var;
	e->vars[e->n] = NULL;
}

void
exec_environment_init(struct exec_environment *e, char **base)
{
	memset(e, 0, sizeof(*e));
	for (; *base != NULL; base++)
		if (is_inherited(*base))
			put(e, *base);
	e->n_inherited = e->n;
}

static void
forget_message(struct exec_environment *e)
{
	while (e->n > e->n_inherited)
		free(e->vars[--e->n]);
	if (e->vars != NULL)
		e->vars[e->n] = NULL;
}

void
exec_environment_release(struct exec_environment *e)
{
	forget_message(e);
	free(e->vars);
	memset(e, 0, sizeof(*e));
}

static void
put_fact(struct exec_environment *e, const char *name, const char *value)
{
	if (value != NULL && strlen(name) + strlen(value) < STRING_MAX)
		put(e, xasprintf("%s=%s", name, value));
}

static void
put_number(struct exec_environment *e, const char *name, long long value)
{
	if (value > 0)
		put(e, xasprintf("%s=%lld", name, value));
}

/* A binary value is written as base64, which has no NUL. */
static size_t
text_len(const struct message_attribute *a)
{
	return a->binary ? (a->value_len + 2) / 3 * 4 : a->value_len;
}

static bool
is_text(const struct message_attribute *a)
{
	return a->binary || memchr(a->value, '\0', a->value_len) == NULL;
}

/* NUL-terminated. */
static void
write_text(char *to, const struct message_attribute *a)
{
	if (a->binary) {
		(void)EVP_EncodeBlock((unsigned char *)to,
		    (const unsigned char *)a->value, (int)a->value_len);
	} else {
		memcpy(to, a->value, a->value_len);
		to[a->value_len] = '\0';
	}
}

/*
 * "my-attribute.x" becomes SQS_ATTR_my_attribute_x: shells take no other
 * characters in a variable's name.
 */
static char *
attribute_variable(const struct message_attribute *a)
{
	char *var = xasprintf("SQS_ATTR_%s=", a->name);
	size_t name_len = strlen(var) - 1;
	size_t i;

	for (i = 0; i < name_len; i++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwx"
			   "yz0123456789_",
			var[i]) == NULL)
			var[i] = '_';
	if (name_len + 1 + text_len(a) >= STRING_MAX || !is_text(a)) {
		free(var);
		return NULL;
	}
	var = xrealloc(var, name_len + 1 + text_len(a) + 1);
	write_text(var + name_len + 1, a);
	return var;
}

/*
 * Two attributes' names can become the name of one variable, which then has the
 * value of the attribute that comes first in the message.
 */
static bool
is_taken(const struct exec_environment *e, const char *var)
{
	size_t len = strcspn(var, "=") + 1;
	size_t i;

	for (i = e->n_inherited; i < e->n; i++)
		if (strncmp(e->vars[i], var, len) == 0)
			return true;
	return false;
}

static bool
put_attribute(struct exec_environment *e, const struct message_attribute *a)
{
	char *var = attribute_variable(a);

	if (var == NULL)
		return false;
	if (is_taken(e, var)) {
		free(var);
		return false;
	}
	put(e, var);
	return true;
}

/* Returns how many attributes cannot be put there. */
static size_t
put_attributes(struct exec_environment *e, const struct message_attribute *a,
    size_t n)
{
	size_t left_out = 0, i;

	for (i = 0; i < n; i++)
		if (!put_attribute(e, &a[i]))
			left_out++;
	return left_out;
}

static size_t
put_notification(struct exec_environment *e, const struct sns_notification *n)
{
	put_fact(e, "SNS_MESSAGE_ID", n->message_id);
	put_fact(e, "SNS_TOPIC_ARN", n->topic_arn);
	put_fact(e, "SNS_SUBJECT", n->subject);
	put_fact(e, "SNS_TIMESTAMP", n->timestamp);
	return put_attributes(e, n->attributes, n->n_attributes);
}

size_t
exec_environment_fill(struct exec_environment *e, const struct payload *p,
    const struct queue_settings *q, int64_t deadline_ms)
{
	const struct message *m = p->message;
	size_t left_out;

	forget_message(e);
	put_fact(e, "SQS_MESSAGE_ID", m->id);
	put_number(e, "SQS_RECEIVE_COUNT", m->receive_count);
	put_fact(e, "SQS_QUEUE_URL", q->queue_url);
	put_fact(e, "SQS_QUEUE_NAME", http_url_last_segment(q->queue_url));
	put_number(e, "SQS_SENT_TIMESTAMP", m->sent_timestamp_ms);
	put_number(e, "SQS_FIRST_RECEIVE_TIMESTAMP",
	    m->first_receive_timestamp_ms);
	put_fact(e, "SQS_MESSAGE_GROUP_ID", m->group_id);
	put_fact(e, "SQS_MESSAGE_DEDUPLICATION_ID", m->deduplication_id);
	put_fact(e, "SQS_SEQUENCE_NUMBER", m->sequence_number);
	put_number(e, "SQS_DEADLINE", deadline_ms);
	put_fact(e, "_X_AMZN_TRACE_ID", m->trace_header);
	left_out = put_attributes(e, m->attributes, m->n_attributes);
	if (p->sns != NULL)
		left_out += put_notification(e, p->sns);
	return left_out;
}
