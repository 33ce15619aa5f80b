/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A record as a sentence for people: "jobs/0 cannot receive: the queue does
 * not exist; next try in 1.7 s".  A table has sentences for what a person
 * meets often; any other record is its event in words, with what its fields
 * "msg" and "error" say, or with all of them if it has neither.  Pure.
 */
#ifndef COMMON_BASE_LOG_TEXT_H
#define COMMON_BASE_LOG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/log.h"

/* Records of a topic that several children log at once appear once: log_once.h
 */
enum log_text_topic {
	LOG_TEXT_NO_TOPIC,
	LOG_TEXT_RECEIVE,
	LOG_TEXT_CALL,
	LOG_TEXT_OTHER,
	LOG_TEXT_TOPICS
};

struct log_text {
	const char *role;  /* "supervisor", ... */
	const char *queue; /* "": none */
	int slot;          /* < 0: none */
	const char *event;
	const struct log_field *fields;
	size_t n;
};

enum log_text_kind {
	LOG_TEXT_WHOLE,
	LOG_TEXT_WANTS_FIELDS, /* no sentence: the fields are to follow */
	LOG_TEXT_NOTHING       /* the record only matters as fields */
};

/*
 * Appends the subject and the sentence, without a newline.  Strings in it are
 * cut to string_max bytes.
 */
enum log_text_kind log_text_put(struct buf *b, const struct log_text *t,
    size_t string_max);

/*
 * The topic of a record.  *ret_hash is the same for records that say the same,
 * whichever child logs them and whatever times are in them.
 */
enum log_text_topic log_text_topic(const struct log_text *t,
    uint32_t *ret_hash);

/* "208 ms", "1.7 s", "61 s", "5 min", "3 h", "2 d". */
void log_text_put_duration(struct buf *b, int64_t ms);

#endif
