/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The log.  See log.h.
 */
#include "common/base/log.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/json_write.h"
#include "common/base/log_output.h"
#include "common/base/log_text.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	RECORD_MAX = LOG_OUTPUT_MAX,
	SENTENCE_MAX = 1024, /* if details follow */
	TAIL_ROOM = 64       /* for the truncation mark and the closing brace */
};

static struct {
	enum log_format format;
	enum log_level level;
	unsigned long dropped;
	unsigned long reported;
	log_once_stamp *stamps; /* log_share; NULL: not shared */
	int slot;
	char role[24];
	char queue[96];
} log_state = { .format = LOG_FORMAT_TEXT,
	.level = LOG_LEVEL_INFO,
	.slot = -1 };

void
log_init(enum log_format format, enum log_level level)
{
	int saved = errno;

	if (format == LOG_FORMAT_AUTO)
		format =
		    isatty(STDERR_FILENO) ? LOG_FORMAT_TEXT : LOG_FORMAT_JSON;
	log_state.format = format;
	log_state.level = level;
	log_output_open();
	errno = saved;
}

void
log_identify(const char *role, const char *queue, int slot)
{
	(void)snprintf(log_state.role, sizeof(log_state.role), "%s", role);
	(void)snprintf(log_state.queue, sizeof(log_state.queue), "%s",
	    queue != NULL ? queue : "");
	log_state.slot = slot;
	/* The records that the parent dropped are reported by the parent. */
	log_state.dropped = log_state.reported = 0;
}

void
log_share(log_once_stamp *stamps)
{
	log_state.stamps = stamps;
}

bool
log_enabled(enum log_level level)
{
	return level >= log_state.level;
}

bool
log_is_text(void)
{
	return log_state.format == LOG_FORMAT_TEXT;
}

unsigned long
log_dropped(void)
{
	return log_state.dropped;
}

struct log_field
log_str(const char *name, const char *s)
{
	if (s == NULL)
		return (struct log_field){ .name = NULL };
	return log_mem(name, s, strlen(s));
}

struct log_field
log_mem(const char *name, const char *p, size_t len)
{
	return (struct log_field){ .name = name,
		.type = LOG_FIELD_STRING,
		.s = p,
		.len = len };
}

struct log_field
log_int(const char *name, long long i)
{
	return (
	    struct log_field){ .name = name, .type = LOG_FIELD_INT, .i = i };
}

struct log_field
log_ms(const char *name, int64_t ms)
{
	return (
	    struct log_field){ .name = name, .type = LOG_FIELD_MS, .i = ms };
}

struct log_field
log_bool(const char *name, bool b)
{
	return (
	    struct log_field){ .name = name, .type = LOG_FIELD_BOOL, .i = b };
}

/* The dropped records that no later record has reported yet. */
static unsigned long
unreported(void)
{
	return log_state.dropped - log_state.reported;
}

static const char *
level_name(enum log_level level)
{
	static const char *const names[] = { "debug", "info", "warn", "error" };

	return names[level];
}

static void
put_json_field(struct buf *b, const struct log_field *f)
{
	struct json_write w = { .to = b, .is_comma_due = true };

	switch (f->type) {
	case LOG_FIELD_STRING:
		json_write_text(&w, f->name, f->s, f->len);
		break;
	case LOG_FIELD_INT:
	case LOG_FIELD_MS:
		json_write_int(&w, f->name, f->i);
		break;
	case LOG_FIELD_BOOL:
		json_write_bool(&w, f->name, f->i != 0);
		break;
	}
}

/* A field whose value is shown in seconds loses the "_ms" of its name. */
static int
text_name_length(const struct log_field *f)
{
	size_t len = strlen(f->name);

	if (f->type == LOG_FIELD_MS && len > 3 &&
	    strcmp(f->name + len - 3, "_ms") == 0)
		len -= 3;
	return (int)len;
}

static void
put_text_value(struct buf *b, const struct log_field *f)
{
	switch (f->type) {
	case LOG_FIELD_STRING:
		/* Quotes show where a text from outside ends. */
		if (plain_is_word(f->s, f->len))
			buf_append(b, f->s, f->len);
		else
			plain_put_quoted(b, f->s, f->len);
		break;
	case LOG_FIELD_INT:
		buf_put_int(b, f->i);
		break;
	case LOG_FIELD_MS:
		if (f->i < 0)
			buf_putc(b, '-');
		buf_printf(b, "%lld.%03llds", llabs(f->i / 1000),
		    llabs(f->i % 1000));
		break;
	case LOG_FIELD_BOOL:
		buf_puts(b, f->i ? "yes" : "no");
		break;
	}
}

static void
put_text_field(struct buf *b, const struct log_field *f)
{
	buf_printf(b, " %.*s=", text_name_length(f), f->name);
	put_text_value(b, f);
}

typedef void put_field_fn(struct buf *b, const struct log_field *f);

/*
 * A field goes in whole or, if it is a string, cut; what no longer fits is
 * left out and the record is marked.
 */
static bool
put_field(struct buf *b, const struct log_field *f, put_field_fn *put)
{
	struct log_field cut = *f;
	size_t start = b->len;

	if (cut.len > RECORD_MAX)
		cut.len = RECORD_MAX;
	for (;;) {
		put(b, &cut);
		if (!b->overflow)
			return cut.len == f->len;
		b->overflow = false;
		b->len = start;
		b->data[start] = '\0';
		if (f->type != LOG_FIELD_STRING || cut.len == 0)
			return false;
		cut.len /= 2;
	}
}

static void
put_fields(struct buf *b, const struct log_text *t, put_field_fn *put)
{
	const struct log_field truncated = log_bool("truncated", true);
	bool whole = true;
	size_t i;

	b->max = RECORD_MAX - TAIL_ROOM;
	for (i = 0; i < t->n; i++)
		if (t->fields[i].name != NULL &&
		    !put_field(b, &t->fields[i], put))
			whole = false;
	b->max = RECORD_MAX;
	if (!whole)
		put(b, &truncated);
}

/* ---- JSON ---- */

static void
put_json_head(struct buf *b, enum log_level level, const char *event)
{
	struct json_write w = JSON_WRITE(b);
	char time[32] = ""; /* stays empty if the clock is absurd */

	clock_format_iso(clock_real_ms(), time, sizeof(time));
	json_write_object(&w, NULL);
	json_write_string(&w, "time", time);
	json_write_string(&w, "level", level_name(level));
	json_write_string(&w, "role", log_state.role);
	json_write_int(&w, "pid", getpid());
	json_write_string(&w, "event", event);
	if (log_state.queue[0] != '\0')
		json_write_string(&w, "queue", log_state.queue);
	if (log_state.slot >= 0)
		json_write_int(&w, "slot", log_state.slot);
}

static void
put_json(struct buf *b, enum log_level level, const struct log_text *t)
{
	const struct log_field dropped =
	    log_int("dropped", (long long)unreported());

	put_json_head(b, level, t->event);
	put_fields(b, t, put_json_field);
	if (unreported() > 0)
		put_json_field(b, &dropped);
	buf_puts(b, "}\n");
}

/* ---- text ---- */

/* Only its strings make a sentence too long, so they are cut until it fits. */
static enum log_text_kind
put_sentence(struct buf *b, const struct log_text *t, size_t max)
{
	size_t start = b->len, string_max = RECORD_MAX;
	enum log_text_kind kind;

	b->max = max;
	while (kind = log_text_put(b, t, string_max), b->overflow) {
		b->overflow = false;
		b->len = start;
		b->data[start] = '\0';
		string_max /= 2;
	}
	b->max = RECORD_MAX;
	if (string_max < RECORD_MAX)
		buf_puts(b, " (cut)");
	return kind;
}

static void
put_text_head(struct buf *b, enum log_level level, bool with_details)
{
	char time[32] = ""; /* stays empty if the clock is absurd */

	clock_format_iso(clock_real_ms(), time, sizeof(time));
	buf_printf(b, "%.*s ", with_details ? 12 : 8, time + 11);
	if (with_details)
		buf_printf(b, "%-5s ", level_name(level));
	else if (level >= LOG_LEVEL_WARN)
		buf_printf(b, "%s ", level_name(level));
}

/*
 * Has another process just logged the same?  If not, *ret_others is how many
 * such records were left out since the last one was logged.
 */
static bool
is_said(const struct log_text *t, unsigned *ret_others)
{
	enum log_text_topic topic;
	uint32_t hash;

	*ret_others = 0;
	if (log_state.stamps == NULL)
		return false;
	topic = log_text_topic(t, &hash);
	return topic != LOG_TEXT_NO_TOPIC &&
	    !log_once_is_due(&log_state.stamps[topic], hash, clock_ms(),
		ret_others);
}

/* False: the record is not worth a line of text. */
static bool
put_text(struct buf *b, enum log_level level, const struct log_text *t)
{
	bool with_details = log_enabled(LOG_LEVEL_DEBUG);
	unsigned others = 0;
	enum log_text_kind kind;

	if (!with_details && is_said(t, &others))
		return false;
	put_text_head(b, level, with_details);
	kind = put_sentence(b, t,
	    with_details ? SENTENCE_MAX : RECORD_MAX - TAIL_ROOM);
	if (kind == LOG_TEXT_NOTHING && !with_details)
		return false;
	if (others > 0)
		buf_printf(b, " (and %u more since)", others);
	if (with_details)
		buf_printf(b, " | %s[%d] %s", t->role, (int)getpid(), t->event);
	if (with_details || kind == LOG_TEXT_WANTS_FIELDS)
		put_fields(b, t, put_text_field);
	if (unreported() > 0)
		buf_printf(b, " (%lu lines lost)", unreported());
	buf_putc(b, '\n');
	return true;
}

/* ---- writing ---- */

void
log_record(enum log_level level, const char *event,
    const struct log_field *fields, size_t n)
{
	static struct buf b = BUF_INIT(RECORD_MAX);
	const struct log_text t = { .role = log_state.role,
		.queue = log_state.queue,
		.slot = log_state.slot,
		.event = event,
		.fields = fields,
		.n = n };
	int saved = errno;

	buf_reset(&b);
	buf_puts(&b, log_output_priority(level));
	if (log_state.format == LOG_FORMAT_JSON)
		put_json(&b, level, &t);
	else if (!put_text(&b, level, &t))
		goto out;
	if (log_output_write(b.data, b.len, 0))
		log_state.reported = log_state.dropped;
	else
		log_state.dropped++;
out:
	errno = saved;
}

bool
log_line(const char *line, size_t len, int wait_ms)
{
	static struct buf b = BUF_INIT(LOG_OUTPUT_PRIORITY_BYTES + RECORD_MAX);
	bool written;

	buf_reset(&b);
	buf_puts(&b, log_output_priority(LOG_LEVEL_INFO));
	buf_append(&b, line, len);
	written = log_output_write(b.data, b.len, wait_ms);
	if (!written)
		log_state.dropped++;
	return written;
}
