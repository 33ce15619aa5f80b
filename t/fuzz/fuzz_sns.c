/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Bodies of any bytes as SNS's envelope: it is whole or there is none.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "child/message/sns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_attribute(const struct message_attribute *a)
{
	assert(a->name != NULL && a->type != NULL);
	assert(a->value[a->value_len] == '\0');
	assert(a->binary == (strcmp(a->type, "Binary") == 0));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sns_notification n;
	size_t i, j;

	if (!sns_parse((struct span){ (const char *)data, size }, &n)) {
		assert(n.message == NULL && n.attributes == NULL);
		return 0;
	}
	assert(strlen(n.message_id) <= size && strlen(n.topic_arn) <= size);
	assert(n.message_len <= size && n.message[n.message_len] == '\0');
	assert(n.subject == NULL || strlen(n.subject) <= size);
	assert(n.timestamp == NULL || strlen(n.timestamp) <= size);
	assert(n.n_attributes <= MESSAGE_ATTRIBUTES_MAX);
	for (i = 0; i < n.n_attributes; i++) {
		check_attribute(&n.attributes[i]);
		for (j = 0; j < i; j++)
			assert(strcmp(n.attributes[i].name,
				   n.attributes[j].name) != 0);
	}
	sns_release(&n);
	return 0;
}
