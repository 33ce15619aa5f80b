/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Records of any fields, in both formats, as their reader gets them: one line
 * of at most 4,096 bytes.  Text does nothing to a terminal.  JSON holds each
 * field once and unchanged, or says that it is truncated; and then what is
 * there is a beginning of what should be.
 *
 * The first byte chooses the format, whether text has its details, and the
 * event, of those that have sentences; then, for each field, a byte its type
 * and two its length, with its bytes behind them.
 */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/json.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"

enum {
	RECORD_MAX = 4096,
	FIELDS_MAX = 8
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[FIELDS_MAX] = { "line", "error", "id", "code",
	"pause_ms", "delay_s", "msg", "reason" };
static const char *const events[] = { "fuzzed", "receive_failed", "call_failed",
	"message_recovered", "handler_output", "brake_on", "stop_began",
	"reload_problem" };

struct record {
	struct log_field fields[FIELDS_MAX];
	size_t n;
	size_t seen[FIELDS_MAX];
	size_t n_events, n_truncated, n_cut;
};

/*
 * The log opens a pipe anew, so that it keeps this one when stderr is again
 * what it was.
 */
static int
open_reader(enum log_format format, enum log_level level)
{
	int fds[2], saved = dup(STDERR_FILENO);

	assert(saved != -1 && pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
	assert(dup2(fds[1], STDERR_FILENO) != -1);
	log_init(format, level);
	log_identify("tester", "jobs", 7);
	assert(dup2(saved, STDERR_FILENO) != -1);
	(void)close(saved);
	(void)close(fds[1]);
	return fds[0];
}

static int
reader_of(bool json, bool with_details)
{
	static int current = -1, fd = -1;
	int wanted = json | with_details << 1;

	if (wanted == current)
		return fd;
	if (fd != -1)
		(void)close(fd);
	current = wanted;
	fd = open_reader(json ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT,
	    with_details ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	return fd;
}

static struct log_field
make_field(const char *name, uint8_t type, const char *p, size_t len)
{
	long long i = 0;

	memcpy(&i, p, len < sizeof(i) ? len : sizeof(i));
	switch (type % 5) {
	case 0:
		return log_int(name, i);
	case 1:
		return log_ms(name, i);
	case 2:
		return log_bool(name, i & 1);
	default:
		return log_mem(name, p, len);
	}
}

static void
make_record(struct record *r, const uint8_t *data, size_t size)
{
	while (r->n < FIELDS_MAX && size >= 3) {
		size_t len = (size_t)data[1] << 8 | data[2];

		if (len > size - 3)
			len = size - 3;
		r->fields[r->n] = make_field(names[r->n], data[0],
		    (const char *)data + 3, len);
		r->n++;
		data += 3 + len;
		size -= 3 + len;
	}
}

/* Bytes that are not UTF-8 are replaced, and so is a character cut in two. */
static void
check_string(struct record *r, const struct log_field *f, struct span s)
{
	static const char replacement[] = "\xEF\xBF\xBD";

	if (!span_is_utf8((struct span){ f->s, f->len }) ||
	    (s.len == f->len && memcmp(s.p, f->s, s.len) == 0))
		return;
	r->n_cut++;
	while (s.len >= 3 && memcmp(s.p + s.len - 3, replacement, 3) == 0)
		s.len -= 3;
	assert(s.len < f->len && memcmp(s.p, f->s, s.len) == 0);
}

static void
check_field(struct record *r, const struct log_field *f,
    const struct json_value *v)
{
	long long i = 0;

	switch (f->type) {
	case LOG_FIELD_STRING:
		assert(v->type == JSON_STRING);
		check_string(r, f, v->text);
		break;
	case LOG_FIELD_INT:
	case LOG_FIELD_MS:
		assert(v->type == JSON_NUMBER);
		assert(json_integer(v, INT64_MIN, INT64_MAX, &i) == 0);
		assert(i == f->i);
		break;
	case LOG_FIELD_BOOL:
		assert(v->type == JSON_BOOL);
		assert(span_is(v->text, f->i ? "true" : "false"));
		break;
	}
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct record *r = arg;
	size_t i;

	if (path->depth == 0)
		return 0;
	assert(path->depth == 1);
	if (json_key_is(&path->level[0], "event"))
		r->n_events++;
	if (json_key_is(&path->level[0], "truncated"))
		r->n_truncated++;
	for (i = 0; i < r->n; i++) {
		if (!json_key_is(&path->level[0], names[i]))
			continue;
		r->seen[i]++;
		check_field(r, &r->fields[i], v);
	}
	return 0;
}

static void
check_json(struct record *r, struct span line)
{
	struct error e;
	size_t i;

	assert(json_parse(line, on_value, r, &e) == 0);
	assert(r->n_events == 1 && r->n_truncated <= 1);
	assert(r->n_cut == 0 || r->n_truncated == 1);
	for (i = 0; i < r->n; i++)
		assert(r->seen[i] == 1 ||
		    (r->seen[i] == 0 && r->n_truncated == 1));
}

/* A terminal would act on it, end the line, or write from right to left. */
static bool
does_something(const unsigned char *p)
{
	if (p[0] < ' ' || p[0] == 0x7F)
		return p[0] != '\t';
	if (p[0] == 0xC2)
		return p[1] < 0xA0;
	return p[0] == 0xE2 &&
	    ((p[1] == 0x80 && p[2] >= 0xA8 && p[2] <= 0xAE) ||
		(p[1] == 0x81 && p[2] >= 0xA6 && p[2] <= 0xA9));
}

static void
check_text(struct span line)
{
	size_t i;

	assert(span_is_utf8(line));
	for (i = 0; i < line.len; i++)
		assert(!does_something((const unsigned char *)line.p + i));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t choice = size > 0 ? data[0] : 0;
	bool json = choice & 1;
	int fd = reader_of(json, choice & 2);
	char line[RECORD_MAX + 1];
	struct record r = { .n = 0 };
	ssize_t n;

	if (size > 0)
		make_record(&r, data + 1, size - 1);
	log_record(LOG_LEVEL_WARN, events[choice >> 2 & 7], r.fields, r.n);
	n = read(fd, line, sizeof(line));
	assert(n > 1 && n <= RECORD_MAX && log_dropped() == 0);
	assert(memchr(line, '\n', (size_t)n) == line + n - 1);
	if (json)
		check_json(&r, (struct span){ line, (size_t)n });
	else
		check_text((struct span){ line, (size_t)n - 1 });
	return 0;
}
