/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See sqsherdctl_status.h. */
#include "tools/sqsherdctl_status.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/error.h"
#include "common/base/json.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

struct field {
	const char *key;
	enum {
		TEXT,
		NUMBER,
		FLAG
	} type;
	size_t offset, size;
};

#define FIELD_TEXT(owner, member)                                              \
	{                                                                      \
#member, TEXT, offsetof(struct owner, member),                 \
		    sizeof(((struct owner *)NULL)->member)                     \
	}
#define FIELD_NUMBER(owner, member)                                            \
	{                                                                      \
#member, NUMBER, offsetof(struct owner, member), 0             \
	}
#define FIELD_FLAG(owner, member)                                              \
	{                                                                      \
#member, FLAG, offsetof(struct owner, member), 0               \
	}

static const struct field count_fields[] = {
	FIELD_NUMBER(status_counts, received),
	FIELD_NUMBER(status_counts, deleted),
	FIELD_NUMBER(status_counts, retried),
	FIELD_NUMBER(status_counts, released),
	FIELD_NUMBER(status_counts, rejected),
	FIELD_NUMBER(status_counts, expired),
	FIELD_NUMBER(status_counts, in_hand),
};

static const struct field slot_fields[] = {
	{ "slot", TEXT, offsetof(struct status_slot, name),
	    sizeof(((struct status_slot *)NULL)->name) },
	FIELD_TEXT(status_slot, state),
	FIELD_TEXT(status_slot, phase),
	FIELD_TEXT(status_slot, message),
	FIELD_TEXT(status_slot, last_error),
	FIELD_TEXT(status_slot, last_death),
	FIELD_NUMBER(status_slot, pid),
	FIELD_NUMBER(status_slot, phase_age_ms),
	FIELD_NUMBER(status_slot, restart_in_ms),
	FIELD_NUMBER(status_slot, receive_count),
	FIELD_FLAG(status_slot, old_settings),
};

static const struct field queue_fields[] = {
	FIELD_TEXT(status_queue, name),
	FIELD_NUMBER(status_queue, children),
	FIELD_NUMBER(status_queue, ready),
	FIELD_NUMBER(status_queue, trouble_ms),
	FIELD_TEXT(status_queue, trouble_reason),
	FIELD_FLAG(status_queue, paused),
	FIELD_FLAG(status_queue, braked),
	FIELD_FLAG(status_queue, leaving),
};

static const struct field status_fields[] = {
	FIELD_TEXT(status, version),
	FIELD_TEXT(status, state),
	FIELD_TEXT(status, health),
	FIELD_NUMBER(status, pid),
	FIELD_NUMBER(status, uptime_ms),
	FIELD_NUMBER(status, old_settings),
};

static const struct field answer_fields[] = {
	FIELD_FLAG(status, ok),
	FIELD_TEXT(status, msg),
};

static bool
is_plain(char c)
{
	return c >= ' ' && c <= '~';
}

/*
 * A character that a terminal would obey, or that takes no or two columns,
 * becomes "?".
 */
static void
store_text(char *to, size_t size, struct span text)
{
	size_t i, len = text.len < size - 1 ? text.len : size - 1;

	for (i = 0; i < len; i++)
		if (is_plain(text.p[i]))
			to[i] = text.p[i];
		else
			to[i] = '?';
	to[len] = '\0';
}

static void
store(const struct field *f, void *owner, const struct json_value *v)
{
	char *at = (char *)owner + f->offset;

	switch (f->type) {
	case TEXT:
		if (v->type == JSON_STRING)
			store_text(at, f->size, v->text);
		break;
	case NUMBER:
		(void)json_integer(v, 0, LLONG_MAX, (long long *)(void *)at);
		break;
	case FLAG:
		*(bool *)(void *)at =
		    v->type == JSON_BOOL && span_is(v->text, "true");
		break;
	}
}

static void
take(const struct field *fields, size_t n, void *owner,
    const struct json_level *level, const struct json_value *v)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (json_key_is(level, fields[i].key))
			store(&fields[i], owner, v);
}
#define TAKE(fields, owner, level, v)                                          \
	take((fields), nitems(fields), (owner), (level), (v))

static void
add_queue(struct status *s)
{
	s->queues =
	    xreallocarray(s->queues, s->n_queues + 1, sizeof(s->queues[0]));
	s->queues[s->n_queues++] = (struct status_queue){ .children = 0 };
}

static void
add_slot(struct status *s)
{
	s->slots = xreallocarray(s->slots, s->n_slots + 1, sizeof(s->slots[0]));
	s->slots[s->n_slots++] = (struct status_slot){ .queue = s->n_queues - 1,
		.restart_in_ms = -1 };
}

/* status.queues[i].key, and status.queues[i].slots[j].key */
static void
on_queue_value(struct status *s, const struct json_path *path,
    const struct json_value *v)
{
	struct status_queue *q;
	struct status_slot *slot;

	if (path->depth == 3 && v->type == JSON_OBJECT)
		add_queue(s);
	if (s->n_queues == 0 || path->depth < 4)
		return;
	q = &s->queues[s->n_queues - 1];
	if (path->depth == 4) {
		TAKE(queue_fields, q, &path->level[3], v);
		TAKE(count_fields, &q->counts, &path->level[3], v);
	}
	if (!json_key_is(&path->level[3], "slots"))
		return;
	if (path->depth == 5 && v->type == JSON_OBJECT)
		add_slot(s);
	if (path->depth != 6 || s->n_slots == 0)
		return;
	slot = &s->slots[s->n_slots - 1];
	TAKE(slot_fields, slot, &path->level[5], v);
	TAKE(count_fields, &slot->counts, &path->level[5], v);
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct status *s = arg;

	if (path->depth == 1)
		TAKE(answer_fields, s, &path->level[0], v);
	if (path->depth < 2 || !json_key_is(&path->level[0], "status"))
		return 0;
	if (path->depth == 2)
		TAKE(status_fields, s, &path->level[1], v);
	else if (json_key_is(&path->level[1], "queues"))
		on_queue_value(s, path, v);
	else if (json_key_is(&path->level[1], "totals"))
		TAKE(count_fields, &s->totals, &path->level[2], v);
	return 0;
}

const char *
sqsherdctl_status_parse(struct span answer, struct status *ret)
{
	static char why[256];
	struct error e;

	*ret = (struct status){ .pid = 0 };
	why[0] = '\0';
	if (json_parse(answer, on_value, ret, &e) == -1)
		(void)snprintf(why, sizeof(why), "%s", e.text);
	else if (!ret->ok)
		(void)snprintf(why, sizeof(why), "%s", ret->msg);
	if (why[0] == '\0')
		return NULL;
	sqsherdctl_status_release(ret);
	return why;
}

void
sqsherdctl_status_release(struct status *s)
{
	free(s->queues);
	free(s->slots);
}
