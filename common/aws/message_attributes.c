/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Message attributes.  See message_attributes.h.
 */
#include "common/aws/message_attributes.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

static void
attribute_release(struct message_attribute *a)
{
	free(a->name);
	free(a->type);
	free(a->value);
	memset(a, 0, sizeof(*a));
}

const char *
message_attributes_add(struct message_attribute **list, size_t *n,
    const struct json_level *name)
{
	struct message_attribute *a;

	if (name->key_len > JSON_KEY_MAX ||
	    memchr(name->key, '\0', name->key_len) != NULL)
		return "an attribute name that cannot be one";
	if (*n == MESSAGE_ATTRIBUTES_MAX)
		return "too many attributes";
	*list = xreallocarray(*list, *n + 1, sizeof(*a));
	a = &(*list)[(*n)++];
	memset(a, 0, sizeof(*a));
	a->name = xmemdup0(name->key, name->key_len);
	return NULL;
}

void
message_attributes_last_counts(struct message_attribute *list, size_t *n)
{
	struct message_attribute *last = &list[*n - 1];
	struct message_attribute *a;

	for (a = list; a < last; a++)
		if (strcmp(a->name, last->name) == 0) {
			attribute_release(a);
			*a = *last;
			(*n)--;
			return;
		}
}

void
message_attributes_release(struct message_attribute **list, size_t *n)
{
	size_t i;

	for (i = 0; i < *n; i++)
		attribute_release(&(*list)[i]);
	free(*list);
	*list = NULL;
	*n = 0;
}
