/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Answers to ReceiveMessage of any bytes: messages are whole or
 * unusable.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/aws/message_md5.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_message(struct message *m)
{
	char hex[33];
	size_t i;

	assert(m->id != NULL && m->receipt_handle != NULL);
	assert(m->body != NULL && m->body[m->body_len] == '\0');
	assert(m->receive_count >= 1);
	assert(m->sent_timestamp_ms >= 0);
	assert(m->first_receive_timestamp_ms >= 0);
	assert(m->n_attributes <= MESSAGE_ATTRIBUTES_MAX);
	for (i = 0; i < m->n_attributes; i++) {
		assert(m->attributes[i].name != NULL);
		assert(m->attributes[i].type != NULL);
		assert(
		    m->attributes[i].value[m->attributes[i].value_len] == '\0');
	}
	message_md5_of_attributes(m->attributes, m->n_attributes, hex);
	assert(strlen(hex) == 32 || !message_md5_available());
	(void)message_md5_mismatch(m);
	message_release(m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span answer = { (const char *)data, size };
	struct message_list list;
	struct error e;
	size_t i;

	if (message_parse_list(answer, &list, &e) == -1) {
		assert(list.n == 0 && list.n_unusable == 0);
		assert(e.kind == ERROR_RETRY);
		return 0;
	}
	assert(list.n <= MESSAGE_BATCH_MAX);
	assert((list.n_unusable > 0) == (list.reason != NULL));
	for (i = 0; i < list.n; i++)
		check_message(&list.messages[i]);
	return 0;
}
