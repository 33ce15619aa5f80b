/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_MESSAGE_H
#define FAKESQS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "fakesqs_fault.h"
#include "fakesqs_json.h"
#include "fakesqs_queue.h"

#define MESSAGE_ATTRIBUTES_MAX 10

/* A message to send; what it points to lives in the arena. */
struct message_input {
	struct send send;
	struct attribute attributes[MESSAGE_ATTRIBUTES_MAX];
	char content_dedup[SHA256_HEX_SIZE];
};

/* Returns NULL, or an error's code with its text in problem_text. */
const char *message_parse(struct arena *a, const struct queue *q,
    const struct json *in, struct message_input *ret_input);
/* Bytes of all bodies and attributes of a batch, as far as they parse. */
size_t message_batch_size(struct arena *a, const struct json *entries);
/* The members of a send's answer, without braces. */
void message_write_sent(struct buf *out, const struct queue *q,
    const struct message_input *input, const struct sent *sent,
    const struct fault *f);

/* Checks the lists of names that a ReceiveMessage may have. */
const char *message_names_check(const struct json *in);
/*
 * Writes one element of Messages, with the attributes that the receive asked
 * for.
 */
void message_write(struct buf *out, const struct message *m,
    const struct json *in, const struct fault *f);

/* Is this a legal deduplication, group or attempt id? */
bool message_id_valid(struct span id);

#endif
