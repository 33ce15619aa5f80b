/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The sentences of records.  The subject of a sentence, "jobs/0" or "sqsherd",
 * comes first; a row of the table has the rest, from the verb or a colon on.
 * An event can have several rows: the first whose condition holds and whose
 * fields the record has applies.
 *
 *	{name}		is the value of a field as people read it
 *	{name thing|things}	a number of things
 *	{name?text}	is text, if the field is true
 *	[...]		is left out if the record lacks a field in it
 *
 * A field that is an empty string counts as lacking, and so does a number that
 * is 0 in a part that may be left out.
 */
#ifndef COMMON_BASE_LOG_TEXT_TABLE_H
#define COMMON_BASE_LOG_TEXT_TABLE_H

#include <stddef.h>

#include "common/base/log_text.h"

struct log_text_row {
	const char *event;
	const char *field, *value; /* the condition; NULL: none */
	const char *sentence;      /* NULL: the record only matters as fields */
	enum log_text_topic topic;
};

extern const struct log_text_row log_text_table[];
extern const size_t log_text_table_size;

#endif
