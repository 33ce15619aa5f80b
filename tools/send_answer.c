/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See send_answer.h. */
#include "tools/send_answer.h"

#include <stdio.h>
#include <string.h>

#include "common/base/json.h"

#include "common/base/banned.h"

struct reader {
	struct send_receipt *receipts;
	size_t n;
	long long id; /* of the current entry; -1: not seen yet */
	struct send_receipt current;
};

static void
keep_text(char *to, size_t size, const struct json_value *v)
{
	(void)snprintf(to, size, "%.*s", (int)v->text.len, v->text.p);
}

/* Successful[i].Id, .MessageId and .MD5OfMessageBody, in any order. */
static int
on_receipt_value(void *arg, const struct json_path *path,
    const struct json_value *v)
{
	struct reader *r = arg;
	const struct json_level *key = &path->level[2];

	if (path->depth < 2 || !json_key_is(&path->level[0], "Successful"))
		return 0;
	if (path->depth == 2 && v->type == JSON_OBJECT) {
		memset(&r->current, 0, sizeof(r->current));
		r->id = -1;
	} else if (path->depth == 2 && v->type == JSON_OBJECT_END) {
		if (r->id >= 0)
			r->receipts[r->id] = r->current;
	} else if (path->depth != 3 || v->type != JSON_STRING) {
		return 0;
	} else if (json_key_is(key, "Id")) {
		(void)json_integer(v, 0, (long long)r->n - 1, &r->id);
	} else if (json_key_is(key, "MessageId")) {
		keep_text(r->current.message_id, sizeof(r->current.message_id),
		    v);
	} else if (json_key_is(key, "MD5OfMessageBody")) {
		keep_text(r->current.md5_of_body,
		    sizeof(r->current.md5_of_body), v);
	}
	return 0;
}

int
send_answer_parse(struct span answer, struct sqs_entry_result *results,
    struct send_receipt *receipts, size_t n, struct error *e)
{
	struct reader reader = { .receipts = receipts, .n = n, .id = -1 };

	memset(receipts, 0, n * sizeof(*receipts));
	if (sqs_parse_batch(answer, results, n, e) == -1)
		return -1;
	return json_parse(answer, on_receipt_value, &reader, e);
}
