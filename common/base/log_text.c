/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Filling the sentences of log_text_table.h with the fields of a record.
 */
#include "common/base/log_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/base/log_text_table.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	ID_SHOWN = 8, /* bytes of a message id, as in the titles of processes */
	NAME_MAX_BYTES = 32
};

/* ---- fields ---- */

static bool
is_there(const struct log_field *f)
{
	return f->name != NULL && (f->type != LOG_FIELD_STRING || f->len > 0);
}

/* NULL: the record lacks the field. */
static const struct log_field *
find(const struct log_text *t, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (is_there(&t->fields[i]) &&
		    strlen(t->fields[i].name) == len &&
		    memcmp(t->fields[i].name, name, len) == 0)
			return &t->fields[i];
	return NULL;
}

static const struct log_field *
find_named(const struct log_text *t, const char *name)
{
	return find(t, name, strlen(name));
}

static bool
ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), n = strlen(end);

	return len > n && strcmp(name + len - n, end) == 0;
}

static bool
holds(const struct log_text *t, const struct log_text_row *row)
{
	const struct log_field *f;
	char number[32];

	if (row->field == NULL || row->value == NULL)
		return true;
	f = find_named(t, row->field);
	if (f == NULL)
		return false;
	if (f->type == LOG_FIELD_STRING)
		return span_is((struct span){ f->s, f->len }, row->value);
	(void)snprintf(number, sizeof(number), "%lld", f->i);
	return strcmp(number, row->value) == 0;
}

void
log_text_put_duration(struct buf *b, int64_t ms)
{
	int64_t s = ms / 1000 + (ms % 1000 >= 500);

	if (ms <= 0)
		buf_puts(b, "0 s");
	else if (ms < 1000)
		buf_printf(b, "%lld ms", (long long)ms);
	else if (ms < 9950 && (ms + 50) / 100 % 10 > 0)
		buf_printf(b, "%lld.%lld s", (long long)(ms + 50) / 1000,
		    (long long)(ms + 50) / 100 % 10);
	else if (s < 120)
		buf_printf(b, "%lld s", (long long)s);
	else if (s < 2L * 3600)
		buf_printf(b, "%lld min", (long long)s / 60);
	else if (s < 48L * 3600)
		buf_printf(b, "%lld h", (long long)s / 3600);
	else
		buf_printf(b, "%lld d", (long long)s / 86400);
}

/*
 * Most errors are sentences of servers: an error loses its capital and its full
 * stop, to fit into another sentence.
 */
static void
put_error(struct buf *b, const char *s, size_t len)
{
	if (len > 1 && s[len - 1] == '.')
		len--;
	if (len > 1 && isupper((unsigned char)s[0]) &&
	    (islower((unsigned char)s[1]) || s[1] == ' ')) {
		buf_putc(b, (char)tolower((unsigned char)s[0]));
		s++;
		len--;
	}
	plain_put(b, s, len);
}

static void
put_string(struct buf *b, const struct log_field *f, size_t string_max)
{
	size_t len = f->len < string_max ? f->len : string_max;

	if (strcmp(f->name, "id") == 0 && len > ID_SHOWN)
		len = ID_SHOWN;
	if (strcmp(f->name, "error") == 0)
		put_error(b, f->s, len);
	else
		plain_put(b, f->s, len);
}

static void
put_seconds(struct buf *b, long long s)
{
	if (s < 0)
		s = 0;
	log_text_put_duration(b, s < INT64_MAX / 1000 ? s * 1000 : INT64_MAX);
}

static void
put_value(struct buf *b, const struct log_field *f, size_t string_max)
{
	switch (f->type) {
	case LOG_FIELD_STRING:
		put_string(b, f, string_max);
		break;
	case LOG_FIELD_MS:
		log_text_put_duration(b, f->i);
		break;
	case LOG_FIELD_INT:
		if (ends_in(f->name, "_ms"))
			log_text_put_duration(b, f->i);
		else if (ends_in(f->name, "_s"))
			put_seconds(b, f->i);
		else
			buf_put_int(b, f->i);
		break;
	case LOG_FIELD_BOOL:
		buf_puts(b, f->i ? "yes" : "no");
		break;
	}
}

/* ---- rows ---- */

struct sentence {
	struct buf *b;
	const struct log_text *t;
	size_t string_max;
};

static void
cut_to(struct buf *b, size_t len)
{
	if (b->overflow)
		return;
	b->len = len;
	if (b->data != NULL)
		b->data[len] = '\0';
}

/* Puts a part in braces; false: the record lacks its field. */
static bool
put_braces(const struct sentence *s, const char *p, size_t len, bool optional)
{
	size_t name_len = strcspn(p, " ?}");
	const struct log_field *f = find(s->t, p, name_len);
	const char *rest = p + name_len + 1, *end = p + len, *bar;

	if (f == NULL || (optional && f->type != LOG_FIELD_STRING && f->i == 0))
		return false;
	if (p[name_len] == '?') {
		buf_append(s->b, rest, (size_t)(end - rest));
		return true;
	}
	put_value(s->b, f, s->string_max);
	if (p[name_len] == ' ') {
		bar = strchr(rest, '|');
		buf_putc(s->b, ' ');
		if (f->i == 1)
			buf_append(s->b, rest, (size_t)(bar - rest));
		else
			buf_append(s->b, bar + 1, (size_t)(end - bar - 1));
	}
	return true;
}

/*
 * Puts the row from p on to its end, or to the end of an optional part; returns
 * where that is.  *ret_whole becomes false if the record lacks a field.
 */
static const char *
put_part(const struct sentence *s, const char *p, bool optional,
    bool *ret_whole)
{
	char stop = optional ? ']' : '\0';
	size_t start;
	bool whole;

	for (; *p != stop; p++) {
		if (*p == '{') {
			size_t len = strcspn(p + 1, "}");

			if (!put_braces(s, p + 1, len, optional))
				*ret_whole = false;
			p += len + 1;
		} else if (*p == '[') {
			start = s->b->len;
			whole = true;
			p = put_part(s, p + 1, true, &whole);
			if (!whole)
				cut_to(s->b, start);
		} else {
			buf_putc(s->b, *p);
		}
	}
	return p;
}

/* False: the record lacks a field of the row, and nothing was put. */
static bool
put_row(const struct sentence *s, const struct log_text_row *row)
{
	size_t start = s->b->len;
	bool whole = true;

	if (row->sentence[0] != ':')
		buf_putc(s->b, ' ');
	(void)put_part(s, row->sentence, false, &whole);
	if (!whole)
		cut_to(s->b, start);
	return whole;
}

/* ---- subjects ---- */

static void
put_place(struct buf *b, const char *queue, size_t len, long long slot)
{
	plain_put(b, queue, len);
	if (slot >= 0)
		buf_printf(b, "/%lld", slot);
}

/* A record of the supervisor about a child has the child as its subject. */
static void
put_subject(struct buf *b, const struct log_text *t)
{
	const struct log_field *queue = find_named(t, "queue"),
			       *slot = find_named(t, "slot");

	if (t->slot >= 0)
		put_place(b, t->queue, strlen(t->queue), t->slot);
	else if (queue != NULL)
		put_place(b, queue->s, queue->len, slot != NULL ? slot->i : -1);
	else if (strcmp(t->role, "supervisor") == 0)
		buf_puts(b, "sqsherd");
	else
		buf_puts(b, t->role);
}

/* ---- the rest ---- */

static void
put_event(struct buf *b, const char *event)
{
	for (; *event != '\0'; event++)
		buf_putc(b, (char)(*event == '_' ? ' ' : *event));
}

/* "settle retry 842f7fdb: Throttled" */
static enum log_text_kind
put_other(const struct sentence *s)
{
	const struct log_field *id = find_named(s->t, "id"),
			       *msg = find_named(s->t, "msg"),
			       *error = find_named(s->t, "error");

	buf_putc(s->b, ' ');
	put_event(s->b, s->t->event);
	if (msg == NULL && error == NULL)
		return LOG_TEXT_WANTS_FIELDS;
	if (id != NULL) {
		buf_putc(s->b, ' ');
		put_value(s->b, id, s->string_max);
	}
	if (msg != NULL) {
		buf_puts(s->b, ": ");
		put_value(s->b, msg, s->string_max);
	}
	if (error != NULL) {
		buf_puts(s->b, ": ");
		put_value(s->b, error, s->string_max);
	}
	return LOG_TEXT_WHOLE;
}

/* The next row for the record whose condition holds; NULL: there is none. */
static const struct log_text_row *
next_row(const struct log_text *t, const struct log_text_row *row)
{
	const struct log_text_row *end = log_text_table + log_text_table_size;

	for (row = row != NULL ? row + 1 : log_text_table; row < end; row++)
		if (strcmp(row->event, t->event) == 0 && holds(t, row))
			return row;
	return NULL;
}

enum log_text_kind
log_text_put(struct buf *b, const struct log_text *t, size_t string_max)
{
	const struct sentence s = { .b = b, .t = t, .string_max = string_max };
	const struct log_text_row *row = NULL;

	put_subject(b, t);
	while ((row = next_row(t, row)) != NULL)
		if (row->sentence == NULL)
			return LOG_TEXT_NOTHING;
		else if (put_row(&s, row))
			return LOG_TEXT_WHOLE;
	return put_other(&s);
}

/* ---- topics ---- */

/* FNV-1a. */
static uint32_t
hash_more(uint32_t hash, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)p[i]) * UINT32_C(16777619);
	return hash;
}

enum log_text_topic
log_text_topic(const struct log_text *t, uint32_t *ret_hash)
{
	static const char *const shown[] = { "operation", "code", "error" };
	const struct log_text_row *row = next_row(t, NULL);
	uint32_t hash = UINT32_C(2166136261);
	const struct log_field *f;
	size_t i;

	if (row == NULL || row->topic == LOG_TEXT_NO_TOPIC)
		return LOG_TEXT_NO_TOPIC;
	hash = hash_more(hash, t->event, strlen(t->event));
	for (i = 0; i < nitems(shown); i++)
		if ((f = find_named(t, shown[i])) != NULL)
			hash = hash_more(hash, f->s, f->len);
	*ret_hash = hash;
	return row->topic;
}
