/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Answers of any bytes to what is asked before a message is moved: which
 * queue, what URL, did it arrive.  A queue that is found has an account and a
 * name, and is found again in a policy that names it; a refusal has a reason in
 * one line; nothing but an answer with the right checksum says that a body has
 * arrived.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/sqs.h"
#include "common/base/xalloc.h"

enum {
	URL_MAX = 128
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_error(const struct error *e)
{
	assert(e->kind == ERROR_RETRY || e->kind == ERROR_OPERATOR);
	assert(e->text[0] != '\0');
	assert(e->text[strcspn(e->text, "\r\n")] == '\0');
}

/* The answer of an SQS whose queue has this policy. */
static void
put_answer(struct buf *to, struct span policy)
{
	buf_reset(to);
	buf_puts(to, "{\"Attributes\":{\"RedrivePolicy\":");
	buf_put_json(to, policy.p, policy.len);
	buf_puts(to, "}}");
	assert(!to->overflow);
}

static void
check_again(const struct sqs_arn *arn)
{
	struct buf policy = BUF_INIT(4096), answer = BUF_INIT(8192);
	char *text =
	    xasprintf("arn:aws:sqs:eu-west-1:%s:%s", arn->account, arn->name);
	struct sqs_arn again;
	struct error e;

	buf_puts(&policy, "{\"deadLetterTargetArn\":");
	buf_puts_json(&policy, text);
	buf_puts(&policy, ",\"maxReceiveCount\":\"5\"}");
	put_answer(&answer, buf_span(&policy));
	assert(sqs_parse_redrive_policy(buf_span(&answer), &again, &e) == 0);
	assert(strcmp(again.account, arn->account) == 0);
	assert(strcmp(again.name, arn->name) == 0);
	free(text);
	buf_release(&policy);
	buf_release(&answer);
}

static void
check_policy(struct span answer)
{
	struct sqs_arn arn;
	struct error e = { .kind = ERROR_NONE };

	if (sqs_parse_redrive_policy(answer, &arn, &e) == -1) {
		check_error(&e);
		return;
	}
	assert(memchr(arn.account, '\0', sizeof(arn.account)) != NULL);
	assert(memchr(arn.name, '\0', sizeof(arn.name)) != NULL);
	assert((arn.name[0] == '\0') == (arn.account[0] == '\0'));
	if (arn.name[0] != '\0')
		check_again(&arn);
}

static void
check_url(struct span answer)
{
	char url[URL_MAX], again[URL_MAX];
	struct buf written = BUF_INIT(8192);
	struct error e = { .kind = ERROR_NONE };

	if (sqs_parse_queue_url(answer, url, sizeof(url), &e) == -1) {
		check_error(&e);
		return;
	}
	assert(url[0] != '\0' && strlen(url) < sizeof(url));
	if (!span_is_utf8(span_of(url)))
		return;
	buf_puts(&written, "{\"QueueUrl\":");
	buf_puts_json(&written, url);
	buf_putc(&written, '}');
	assert(sqs_parse_queue_url(buf_span(&written), again, sizeof(again),
		   &e) == 0);
	assert(strcmp(again, url) == 0);
	buf_release(&written);
}

/* Some servers tell no checksum.  One that does confirms one body at most. */
static void
check_sent(struct span answer)
{
	static const char key[] = "MD5OfMessageBody";
	struct error e = { .kind = ERROR_NONE };

	if (sqs_check_sent(answer, span_of("body"), &e) == -1) {
		check_error(&e);
		return;
	}
	assert(memmem(answer.p, answer.len, "MessageId", 9) != NULL ||
	    memchr(answer.p, '\\', answer.len) != NULL);
	if (memmem(answer.p, answer.len, key, sizeof(key) - 1) == NULL)
		return;
	if (sqs_check_sent(answer, span_of("ydob"), &e) == -1)
		check_error(&e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span input = { (const char *)data, size };
	struct buf wrapped = BUF_INIT(64 * 1024 * 1024);

	check_policy(input);
	put_answer(&wrapped, input);
	check_policy(buf_span(&wrapped));
	check_url(input);
	check_sent(input);
	buf_release(&wrapped);
	return 0;
}
