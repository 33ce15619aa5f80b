/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Message attributes, as SQS and SNS have them: a growing array, filled while
 * JSON is read.  Of two attributes with one name the last counts.
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
 * Appends an attribute that has only its name; *list may move.  Returns NULL,
 * or why there can be no further attribute.
 */
const char *message_attributes_add(struct message_attribute **list, size_t *n,
    const struct json_level *name);
/*
 * To be called when the last attribute is complete: it replaces an older one of
 * the same name.
 */
void message_attributes_last_counts(struct message_attribute *list, size_t *n);
/* Frees all; *list is NULL afterwards. */
void message_attributes_release(struct message_attribute **list, size_t *n);

#endif
