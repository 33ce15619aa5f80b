/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See sqsherdctl_table.h. */
#include "tools/sqsherdctl_table.h"

#include <stdio.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "tools/sqsherdctl_status.h"

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

/* Shortens a long name so that its number stays: "thumbnails-of-pi~/12". */
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

/*
 * Above the table: the queues of which no child could work, even while
 * health_timeout has not passed.
 */
static void
put_troubles(struct buf *to, const struct status *s, unsigned columns)
{
	char line[LINE_MAX_BYTES], name[sizeof(s->queues->name)];
	size_t i;

	for (i = 0; i < s->n_queues; i++) {
		const struct status_queue *q = &s->queues[i];

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

/*
 * The conservation of messages: each that was received is in one of these
 * numbers.
 */
static void
put_counts(struct buf *to, const struct status_counts *c, unsigned columns)
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
put_queue(struct buf *to, const struct status_queue *q, unsigned columns)
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
state_of(const struct status_slot *s)
{
	return strcmp(s->state, "ready") == 0 ? s->phase : s->state;
}

static const char *
since_of(const struct status_slot *s)
{
	static char text[32];

	if (s->restart_in_ms < 0)
		return s->pid > 0 ? age(s->phase_age_ms) : "";
	(void)snprintf(text, sizeof(text), "-%s", age(s->restart_in_ms));
	return text;
}

/* The death without its slot, which the line names already. */
static const char *
death_of(const struct status_slot *s)
{
	const char *p = strstr(s->last_death, ": ");

	return p != NULL ? p + 2 : s->last_death;
}

static const char *
trouble_of(const struct status_slot *s)
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
put_slot(struct buf *to, const struct status_slot *s, int width,
    unsigned columns)
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

/*
 * The width of the names: what the last errors leave, because those tell more.
 */
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

const char *
sqsherdctl_table(struct span answer, unsigned columns, struct buf *to)
{
	struct status s;
	const char *why = sqsherdctl_status_parse(answer, &s);
	size_t i;

	if (why != NULL)
		return why;
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
	sqsherdctl_status_release(&s);
	return NULL;
}
