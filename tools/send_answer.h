/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The answer to SendMessageBatch: the result of each entry, and the receipt of
 * each that SQS has stored.  Pure.
 */
#ifndef TOOLS_SEND_ANSWER_H
#define TOOLS_SEND_ANSWER_H

#include <stddef.h>

#include "common/aws/sqs.h"
#include "common/base/buf.h"
#include "common/base/error.h"

/* The members of an entry in Successful; "": the entry is not in it. */
struct send_receipt {
	char message_id[128];
	char md5_of_body[33];
};

/*
 * Reads the answer to a request with n entries, whose ids are "0" to n - 1;
 * both arrays have n places.  Returns 0, or -1 with *e: it is no answer to such
 * a request.
 */
int send_answer_parse(struct span answer, struct sqs_entry_result *results,
    struct send_receipt *receipts, size_t n, struct error *e);

#endif
