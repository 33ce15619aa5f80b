/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The log: one record is one line, one write(2) of at most 4,096 bytes, so
 * that many processes can share one stderr.  On a terminal a record is text,
 * elsewhere a JSON object; settings may force either.
 *
 * Writing never blocks: on a pipe or socket whose reader is slow a record is
 * dropped and counted, and the count is reported with the next record that gets
 * through.  A child that waits for its log would stop extending the visibility
 * of the messages that it holds.  A terminal of another user may not be opened
 * anew: a write to it takes some milliseconds at most, and may end within a
 * record.
 *
 * If the journal reads stderr (JOURNAL_STREAM), each line begins with its
 * priority, "<4>", which journald takes away again, so that journalctl -p knows
 * the levels.
 *
 * As text a record is a sentence, log_text.h; at the level of debug all of its
 * fields follow.
 *
 * A record has a level, an event (snake_case, stable, for machines) and
 * fields; the field "msg", where present, is a sentence for people.  A string
 * that does not fit is cut, and its record says so ("truncated").  The names
 * time, level, role, pid, event, queue, slot, truncated and dropped are the
 * record's own.
 * errno is kept.  Message bodies and credentials are never logged.
 *
 *	log_info("child_started", log_int("child_pid", pid));
 */
#ifndef COMMON_BASE_LOG_H
#define COMMON_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/error.h"
#include "common/base/log_level.h"
#include "common/base/log_once.h"

enum log_format {
	LOG_FORMAT_AUTO, /* text if stderr is a terminal, else JSON */
	LOG_FORMAT_JSON,
	LOG_FORMAT_TEXT
};

struct log_field {
	const char *name; /* NULL: the field is left out */
	enum {
		LOG_FIELD_STRING,
		LOG_FIELD_INT,
		LOG_FIELD_MS, /* milliseconds as a number of seconds in text */
		LOG_FIELD_BOOL
	} type;
	const char *s;
	size_t len;
	long long i;
};

/*
 * Opens the log on stderr.  May be called again, for instance after a fork.
 * The first call comes before rights are given up, since opening a pipe may
 * need them.
 */
void log_init(enum log_format format, enum log_level level);

/*
 * Names this process in every record: its role ("supervisor", "child", ...)
 * and, for a child, its queue and slot.  The strings are copied.  slot < 0:
 * none.
 */
void log_identify(const char *role, const char *queue, int slot);

/*
 * As text, a record that several processes log at the same time appears once:
 * log_once.h.  As JSON and at the level of debug, all appear.  There are
 * LOG_TEXT_TOPICS stamps, in memory that stays mapped.
 */
void log_share(log_once_stamp *stamps);

bool log_enabled(enum log_level level);
/* Is the log text, for people? */
bool log_is_text(void);

struct log_field log_str(const char *name,
    const char *s); /* s NULL: left out */
struct log_field log_mem(const char *name, const char *p, size_t len);
struct log_field log_int(const char *name, long long i);
struct log_field log_ms(const char *name, int64_t ms);
struct log_field log_bool(const char *name, bool b);

void log_record(enum log_level level, const char *event,
    const struct log_field *fields, size_t n);

/*
 * Writes a ready-made line, newline included, of at most 4,096 bytes, as an
 * info.  Waits for a slow reader, but not longer than wait_ms;
 * returns whether the line got through, and counts it as dropped if not.
 */
bool log_line(const char *line, size_t len, int wait_ms);

/* Records this process dropped so far because stderr would have blocked. */
unsigned long log_dropped(void);

#define LOG_RECORD(level, event, ...)                                          \
	do {                                                                   \
		if (log_enabled(level)) {                                      \
			const struct log_field log_fields[] = { __VA_ARGS__ }; \
			log_record((level), (event), log_fields,               \
			    sizeof(log_fields) / sizeof(log_fields[0]));       \
		}                                                              \
	} while (0)

#define log_debug(event, ...) LOG_RECORD(LOG_LEVEL_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...)  LOG_RECORD(LOG_LEVEL_INFO, event, __VA_ARGS__)
#define log_warn(event, ...)  LOG_RECORD(LOG_LEVEL_WARN, event, __VA_ARGS__)
#define log_error(event, ...) LOG_RECORD(LOG_LEVEL_ERROR, event, __VA_ARGS__)

/* The fields of an error, to be spread into a record. */
#define LOG_ERROR_FIELDS(e)                                                    \
	log_str("error", (e)->text),                                           \
	    log_str("code", (e)->code[0] != '\0' ? (e)->code : NULL),          \
	    log_str("request_id",                                              \
		(e)->request_id[0] != '\0' ? (e)->request_id : NULL)

#endif
