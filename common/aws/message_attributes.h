/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Message attributes, as SQS and SNS have them: a growing array, filled while
 * JSON is read.  Of two with one name the last counts.
 */
#ifndef COMMON_AWS_MESSAGE_ATTRIBUTES_H
#define COMMON_AWS_MESSAGE_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/json.h"

struct message_attribute {
	char *name;
	char *type;  /* "String", "Number", "Binary", each with optional
			".label" */
	char *value; /* Binary: decoded from base64; NUL-terminated behind
			value_len */
	size_t value_len;
	bool binary;
};

enum {
	MESSAGE_ATTRIBUTES_MAX = 100 /* SQS allows 10 */
};

/*
 * Appends one that has nothing but its name; *list is moved.  NULL, or why
 * there can be none.
 */
const char *message_attributes_add(struct message_attribute **list, size_t *n,
    const struct json_level *name);
/* The last is complete: an older one of its name gives way. */
void message_attributes_last_counts(struct message_attribute *list, size_t *n);
/* Frees all; *list is NULL afterwards. */
void message_attributes_release(struct message_attribute **list, size_t *n);

#endif
