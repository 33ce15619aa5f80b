/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * SQS's operations: builds the JSON of requests and reads that of answers.
 * Pure; aws.h carries the bytes.  Received messages are parsed by message.h.
 * Source: SQS API Reference (AWS JSON protocol).
 */
#ifndef COMMON_AWS_SQS_H
#define COMMON_AWS_SQS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/aws/message.h"
#include "common/base/buf.h"
#include "common/base/error.h"

enum {
	SQS_BATCH_MAX = 10,
	SQS_MESSAGE_MAX = 1048576,         /* bytes, and of a whole batch */
	SQS_VISIBILITY_MAX_S = 43200,      /* 12 h since the receive */
	SQS_ANSWER_MAX = 96 * 1024 * 1024, /* ten bodies of 1 MiB, each byte
					      escaped as \u00XX, and more */
	SQS_REQUEST_MAX = 8 * 1024 * 1024
};

/*
 * attempt_id is for a FIFO queue: a receive whose answer was lost is repeated
 * with the same attempt_id; NULL: none.
 */
void sqs_receive_message(struct buf *to, const char *queue_url, int max,
    int wait_time_s, int visibility_timeout_s, const char *attempt_id);

/* Entry ids are "0" ... "n-1", n at most SQS_BATCH_MAX. */
void sqs_delete_message_batch(struct buf *to, const char *queue_url,
    const char *const *receipt_handles, size_t n);
void sqs_change_message_visibility_batch(struct buf *to, const char *queue_url,
    const char *const *receipt_handles, const int *visibility_timeouts_s,
    size_t n);

struct sqs_attribute { /* of a message to send */
	const char *name;
	const char *type; /* "String", "Number", ... */
	const char *value;
};

struct sqs_entry { /* of a message to send */
	struct span body;
	const struct sqs_attribute *attributes;
	size_t n_attributes;
	int delay_s;          /* -1: the queue's */
	const char *group_id; /* NULL: none */
	const char *deduplication_id;
};
void sqs_send_message_batch(struct buf *to, const char *queue_url,
    const struct sqs_entry *entries, size_t n);

struct sqs_message { /* to send; NULL: absent */
	struct span body;
	const struct message_attribute *attributes;
	size_t n_attributes;
	const char *group_id;
	const char *deduplication_id;
	const char *trace_header;
};
void sqs_send_message(struct buf *to, const char *queue_url,
    const struct sqs_message *m);

void sqs_get_redrive_policy(struct buf *to, const char *queue_url);
void sqs_get_queue_url(struct buf *to, const char *name, const char *account);

struct sqs_arn {
	char account[32];
	char name[96];
};
/*
 * The dead-letter queue in an answer to sqs_get_redrive_policy; its name is ""
 * if there is none.  Returns 0, or -1 with *e.
 */
int sqs_parse_redrive_policy(struct span answer, struct sqs_arn *ret,
    struct error *e);
/* Returns 0, or -1 with *e when there is no URL of at most size - 1 bytes. */
int sqs_parse_queue_url(struct span answer, char *ret, size_t size,
    struct error *e);
/*
 * Checks that the answer to sqs_send_message confirms this body.  Returns 0, or
 * -1 with *e.
 */
int sqs_check_sent(struct span answer, struct span body, struct error *e);

/* The result of one entry of a batch. */
struct sqs_entry_result {
	bool answered; /* false: the answer does not mention it */
	bool failed;
	bool sender_fault;
	char code[96];
	char text[160];
};
/*
 * Fills results[0..n).  Ids that were not asked for are ignored.  Returns 0,
 * or -1 with *e when the answer is not such a document.
 */
int sqs_parse_batch(struct span answer, struct sqs_entry_result *results,
    size_t n, struct error *e);

#endif
