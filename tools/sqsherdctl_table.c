/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The table.  See sqsherdctl_table.h.
 */
#include "tools/sqsherdctl_table.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/error.h"
#include "common/base/json.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

#define MINUTE_S 60LL
#define HOUR_S   3600LL
#define DAY_S    86400LL

enum {
	LINE_MAX_BYTES = 512,
	ERROR_MIN = 10, /* columns of the last error */
	BETWEEN = 54,   /* columns from the name of a slot to its last error */
	SLOT_MIN = 6,
	SLOT_MAX = 20
};

struct counts {
	long long received, deleted, retried, released, rejected, expired;
	long long in_hand;
};

struct slot {
	size_t queue; /* its index */
	char name[100];
	char state[16], phase[16];
	char message[128];
	char last_error[200], last_death[100];
	long long pid, phase_age_ms, restart_in_ms, receive_count;
	bool old_settings;
	struct counts counts;
};

struct queue {
	char name[100];
	long long children, ready;
	long long trouble_ms;
	char trouble_reason[200];
	bool paused, braked, leaving;
	struct counts counts;
};

struct status {
	bool ok;
	char msg[200];
	char version[32], state[16], health[512];
	long long pid, uptime_ms, old_settings;
	struct counts totals;
	struct queue *queues;
	size_t n_queues;
	struct slot *slots;
	size_t n_slots;
};

/* ---- reading ---- */

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
	FIELD_NUMBER(counts, received),
	FIELD_NUMBER(counts, deleted),
	FIELD_NUMBER(counts, retried),
	FIELD_NUMBER(counts, released),
	FIELD_NUMBER(counts, rejected),
	FIELD_NUMBER(counts, expired),
	FIELD_NUMBER(counts, in_hand),
};

static const struct field slot_fields[] = {
	{ "slot", TEXT, offsetof(struct slot, name),
	    sizeof(((struct slot *)NULL)->name) },
	FIELD_TEXT(slot, state),
	FIELD_TEXT(slot, phase),
	FIELD_TEXT(slot, message),
	FIELD_TEXT(slot, last_error),
	FIELD_TEXT(slot, last_death),
	FIELD_NUMBER(slot, pid),
	FIELD_NUMBER(slot, phase_age_ms),
	FIELD_NUMBER(slot, restart_in_ms),
	FIELD_NUMBER(slot, receive_count),
	FIELD_FLAG(slot, old_settings),
};

static const struct field queue_fields[] = {
	FIELD_TEXT(queue, name),
	FIELD_NUMBER(queue, children),
	FIELD_NUMBER(queue, ready),
	FIELD_NUMBER(queue, trouble_ms),
	FIELD_TEXT(queue, trouble_reason),
	FIELD_FLAG(queue, paused),
	FIELD_FLAG(queue, braked),
	FIELD_FLAG(queue, leaving),
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

/* What a terminal would obey, or what takes no or two columns, becomes "?". */
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
	s->queues[s->n_queues++] = (struct queue){ .children = 0 };
}

static void
add_slot(struct status *s)
{
	s->slots = xreallocarray(s->slots, s->n_slots + 1, sizeof(s->slots[0]));
	s->slots[s->n_slots++] =
	    (struct slot){ .queue = s->n_queues - 1, .restart_in_ms = -1 };
}

/* status.queues[i].key, and status.queues[i].slots[j].key */
static void
on_queue_value(struct status *s, const struct json_path *path,
    const struct json_value *v)
{
	struct queue *q;
	struct slot *slot;

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

/* ---- writing ---- */

/* "12s", "3m", "5h", "2d": at most five characters, for three years. */
static const char *
age(long long ms)
{
	static char text[24];
	long long s = ms / 1000;

	if (s < 100)
		(void)snprintf(text, sizeof(text), "%llds", s);
	else if (s < 100 * MINUTE_S)
		(void)snprintf(text, sizeof(text), "%lldm", s / MINUTE_S);
	else if (s < 100 * HOUR_S)
		(void)snprintf(text, sizeof(text), "%lldh", s / HOUR_S);
	else
		(void)snprintf(text, sizeof(text), "%lldd", s / DAY_S);
	return text;
}

static void
put_line(struct buf *to, const char *line, unsigned columns)
{
	size_t len = strlen(line);

	while (len > 0 && line[len - 1] == ' ')
		len--;
	buf_append(to, line, len < columns ? len : columns);
	buf_putc(to, '\n');
}

/* Of a long name the number has to stay: "thumbnails-of-pi~/12". */
static void
shorten(const char *name, int width, char *to, size_t size)
{
	const char *number = strrchr(name, '/');
	int room = width - 1 - (int)strlen(number != NULL ? number : "");

	if (strlen(name) <= (size_t)width || room < 1) {
		(void)strlcpy(to, name, size);
		return;
	}
	(void)strlcpy(to, name, (size_t)room + 1);
	(void)strlcat(to, "~", size);
	(void)strlcat(to, number != NULL ? number : "", size);
}

/* Above all: no child of these could work, however well that may be yet. */
static void
put_troubles(struct buf *to, const struct status *s, unsigned columns)
{
	char line[LINE_MAX_BYTES], name[sizeof(s->queues->name)];
	size_t i;

	for (i = 0; i < s->n_queues; i++) {
		const struct queue *q = &s->queues[i];

		if (q->trouble_ms <= 0)
			continue;
		shorten(q->name, SLOT_MAX, name, sizeof(name));
		(void)snprintf(line, sizeof(line),
		    "%s: no child could work for %s: %s", name,
		    age(q->trouble_ms), q->trouble_reason);
		put_line(to, line, columns);
	}
}

static void
put_head(struct buf *to, const struct status *s, unsigned columns)
{
	char line[LINE_MAX_BYTES];
	int n;

	n = snprintf(line, sizeof(line), "sqsherd %s, process %lld, %s, up %s",
	    s->version, s->pid, s->state, age(s->uptime_ms));
	if (s->old_settings > 0 && n > 0 && (size_t)n < sizeof(line))
		(void)snprintf(line + n, sizeof(line) - (size_t)n,
		    ", reloading: %lld left", s->old_settings);
	put_line(to, line, columns);
	put_line(to, s->health, columns);
}

/* The conservation of messages: what was received is somewhere. */
static void
put_counts(struct buf *to, const struct counts *c, unsigned columns)
{
	const struct {
		long long n;
		const char *what;
	} parts[] = {
		{ c->deleted, "deleted" },
		{ c->retried, "retried" },
		{ c->released, "released" },
		{ c->rejected, "rejected" },
		{ c->expired, "expired" },
		{ c->in_hand, "in hand" },
	};
	char line[LINE_MAX_BYTES], part[64];
	const char *between = "=";
	size_t i;

	(void)snprintf(line, sizeof(line), "  %lld received", c->received);
	for (i = 0; i < nitems(parts); i++) {
		if (parts[i].n <= 0)
			continue;
		(void)snprintf(part, sizeof(part), " %s %lld %s", between,
		    parts[i].n, parts[i].what);
		if (strlen(line) + strlen(part) > columns) {
			put_line(to, line, columns);
			(void)strlcpy(line, "   ", sizeof(line));
		}
		(void)strlcat(line, part, sizeof(line));
		between = "+";
	}
	put_line(to, line, columns);
}

static void
put_queue(struct buf *to, const struct queue *q, unsigned columns)
{
	char line[LINE_MAX_BYTES];

	(void)snprintf(line, sizeof(line), "%s: %lld of %lld ready%s%s",
	    q->name, q->ready, q->children,
	    q->paused       ? ", paused"
		: q->braked ? ", braked"
			    : "",
	    q->leaving ? ", not in the settings any more" : "");
	put_line(to, line, columns);
	put_counts(to, &q->counts, columns);
}

/* A ready child is best described by what it does. */
static const char *
state_of(const struct slot *s)
{
	return strcmp(s->state, "ready") == 0 ? s->phase : s->state;
}

static const char *
since_of(const struct slot *s)
{
	static char text[32];

	if (s->restart_in_ms < 0)
		return s->pid > 0 ? age(s->phase_age_ms) : "";
	(void)snprintf(text, sizeof(text), "-%s", age(s->restart_in_ms));
	return text;
}

/* A death by itself: whose it was the line says already. */
static const char *
death_of(const struct slot *s)
{
	const char *p = strstr(s->last_death, ": ");

	return p != NULL ? p + 2 : s->last_death;
}

static const char *
trouble_of(const struct slot *s)
{
	if (s->last_error[0] == '\0' ||
	    (s->pid == 0 && s->last_death[0] != '\0'))
		return death_of(s);
	return s->last_error;
}

/* "AccessDenied" of "AccessDeniedException: ..."; 0: there is no code. */
static size_t
code_length(const char *trouble)
{
	static const char tail[] = "Exception";
	size_t len = strcspn(trouble, ": ");

	if (strncmp(trouble + len, ": ", 2) != 0)
		return 0;
	if (len > strlen(tail) &&
	    strncmp(trouble + len - strlen(tail), tail, strlen(tail)) == 0)
		len -= strlen(tail);
	return len;
}

static void
put_slot(struct buf *to, const struct slot *s, int width, unsigned columns)
{
	char line[LINE_MAX_BYTES], pid[24] = "", count[24] = "";
	char name[sizeof(s->name)];

	shorten(s->name, width, name, sizeof(name));
	if (s->pid > 0)
		(void)snprintf(pid, sizeof(pid), "%lld", s->pid);
	if (s->receive_count > 0)
		(void)snprintf(count, sizeof(count), "%lld", s->receive_count);
	(void)snprintf(line, sizeof(line),
	    "%-*.*s %7s %-8.8s%s %5s %-8.8s %3.3s %7lld %6lld %s", width, width,
	    name, pid, state_of(s), s->old_settings ? "*" : " ", since_of(s),
	    s->message, count, s->counts.deleted,
	    s->counts.retried + s->counts.rejected + s->counts.expired,
	    trouble_of(s));
	put_line(to, line, columns);
}

/* For the names, of what the last errors leave: those tell more. */
static int
slot_width(const struct status *s, unsigned columns)
{
	size_t i, width = SLOT_MIN, need = 0, room;

	for (i = 0; i < s->n_slots; i++) {
		const char *trouble = trouble_of(&s->slots[i]);

		if (strlen(s->slots[i].name) > width)
			width = strlen(s->slots[i].name);
		if (trouble[0] != '\0' && need < ERROR_MIN)
			need = ERROR_MIN;
		if (code_length(trouble) > need)
			need = code_length(trouble);
	}
	room = columns > BETWEEN + need ? columns - BETWEEN - need : 0;
	width = width < SLOT_MAX ? width : SLOT_MAX;
	width = width < room ? width : room;
	return (int)(width > SLOT_MIN ? width : SLOT_MIN);
}

static void
put_slots(struct buf *to, const struct status *s, unsigned columns)
{
	char line[LINE_MAX_BYTES];
	int width = slot_width(s, columns);
	size_t i;

	(void)snprintf(line, sizeof(line),
	    "%-*s %7s %-9s %5s %-8s %3s %7s %6s %s", width, "SLOT", "PID",
	    "STATE", "SINCE", "MESSAGE", "RC", "DONE", "FAILED", "LAST ERROR");
	put_line(to, line, columns);
	for (i = 0; i < s->n_slots; i++)
		put_slot(to, &s->slots[i], width, columns);
}

static void
release(struct status *s)
{
	free(s->queues);
	free(s->slots);
}

const char *
sqsherdctl_table(struct span answer, unsigned columns, struct buf *to)
{
	static char why[256];
	struct status s = { .pid = 0 };
	struct error e;
	size_t i;

	why[0] = '\0';
	if (json_parse(answer, on_value, &s, &e) == -1)
		(void)snprintf(why, sizeof(why), "%s", e.text);
	else if (!s.ok)
		(void)snprintf(why, sizeof(why), "%s", s.msg);
	if (why[0] != '\0') {
		release(&s);
		return why;
	}
	put_troubles(to, &s, columns);
	put_head(to, &s, columns);
	for (i = 0; i < s.n_queues; i++)
		put_queue(to, &s.queues[i], columns);
	if (s.n_queues > 1) {
		put_line(to, "all queues:", columns);
		put_counts(to, &s.totals, columns);
	}
	buf_putc(to, '\n');
	put_slots(to, &s, columns);
	release(&s);
	return NULL;
}
