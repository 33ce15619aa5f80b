/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The long poll.  See receive.h.
 */
#include "child/receive/receive.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/aws/sqs.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_repeat.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	EMPTY_BASE_MS = 200, /* SQS Developer Guide: pause after an empty
				answer when polling without waiting */
	EMPTY_CAP_MS = 1000,
	ATTEMPT_MAX_MS = 240000 /* SQS forgets an attempt after 5 minutes */
};

struct receive {
	struct aws *aws;
	const struct queue_settings *queue;
	int wait_time_s;
	receive_messages_fn *messages;
	void *arg;

	struct aws_call *call; /* NULL: not polling */
	int call_max, call_wait_s;
	bool ending, asked_again;
	int64_t sent_ms;
	int64_t next_ms; /* no poll before */
	unsigned failures;
	unsigned empties; /* early ones, in a row */
	bool in_trouble;
	struct error trouble;
	struct log_repeat complaints; /* about failures */
	/* Of the last receive, as long as its answer is not here. */
	char attempt_id[33];
	int64_t attempt_ms;
	struct receive_counts counts;
};

struct receive *
receive_new(struct aws *aws, const struct queue_settings *q, int wait_time_s,
    receive_messages_fn *messages, void *arg)
{
	struct receive *in = xcalloc(1, sizeof(*in));

	in->aws = aws;
	in->queue = q;
	in->wait_time_s = wait_time_s;
	in->messages = messages;
	in->arg = arg;
	return in;
}

void
receive_free(struct receive *in)
{
	if (in == NULL)
		return;
	aws_cancel(in->call);
	free(in);
}

int64_t
receive_pause_ms(enum error_kind kind, unsigned failures, double unit)
{
	int64_t base = 200, cap = 20000;

	switch (kind) {
	case ERROR_THROTTLED:
		base = 1000;
		break;
	case ERROR_OPERATOR:
	case ERROR_INVALID:
		base = 2000;
		cap = 60000;
		break;
	case ERROR_NONE:
	case ERROR_RETRY:
	case ERROR_CREDENTIALS:
	case ERROR_NOT_OURS:
		break;
	}
	return backoff_half_jitter_ms(backoff_limit_ms(failures, base, cap),
	    unit);
}

static void
log_failure(struct receive *in, const struct error *e, int64_t pause_ms,
    int64_t now_ms)
{
	struct log_repeat *r = &in->complaints;

	if (!log_repeat_is_due(r, error_kind_name(e->kind), LOG_REPEAT_MS,
		now_ms))
		return;
	log_warn("receive_failed", log_str("kind", error_kind_name(e->kind)),
	    LOG_ERROR_FIELDS(e), log_int("failures", in->failures),
	    log_ms("pause_ms", pause_ms),
	    log_int(r->unlogged > 0 ? "unlogged" : NULL, r->unlogged));
}

static aws_done_fn on_answer;

/*
 * When an answer of a FIFO queue is lost, what it held would block its groups
 * until the visibility timeout ends; a receive with the same id gets it again.
 */
static const char *
attempt_id(struct receive *in, int64_t now_ms)
{
	uint64_t r[2];

	if (!in->queue->fifo)
		return NULL;
	if (in->attempt_id[0] == '\0' ||
	    now_ms - in->attempt_ms > ATTEMPT_MAX_MS) {
		arc4random_buf(r, sizeof(r));
		(void)snprintf(in->attempt_id, sizeof(in->attempt_id),
		    "%016" PRIx64 "%016" PRIx64, r[0], r[1]);
		in->attempt_ms = now_ms;
	}
	return in->attempt_id;
}

static void
send_call(struct receive *in, int64_t now_ms)
{
	struct buf body = BUF_INIT(SQS_REQUEST_MAX);

	sqs_receive_message(&body, in->queue->queue_url, in->call_max,
	    in->call_wait_s, (int)(in->queue->visibility_timeout_ms / 1000),
	    attempt_id(in, now_ms));
	in->sent_ms = now_ms;
	in->counts.receives++;
	in->call = aws_start(in->aws, "ReceiveMessage", &body,
	    in->call_wait_s * INT64_C(1000), on_answer, in);
}

/* See receive_end. */
static void
ask_again(struct receive *in, const struct error *e, int64_t now_ms)
{
	if (!in->ending || in->asked_again || !in->queue->fifo ||
	    e->kind != ERROR_RETRY)
		return;
	in->asked_again = true;
	in->call_wait_s = 0;
	send_call(in, now_ms);
	(void)aws_end_with_attempt(in->call);
}

static void
on_failure(struct receive *in, const struct error *e, int64_t now_ms)
{
	int64_t pause =
	    receive_pause_ms(e->kind, ++in->failures, backoff_random());

	in->counts.errors++;
	log_failure(in, e, pause, now_ms);
	in->in_trouble = true;
	in->trouble = *e;
	in->next_ms = now_ms + pause;
	ask_again(in, e, now_ms);
}

static void
on_success(struct receive *in, size_t n, int64_t now_ms)
{
	int64_t elapsed = now_ms - in->sent_ms;
	bool early = elapsed < in->wait_time_s * INT64_C(1000) / 2 ||
	    in->wait_time_s == 0;

	if (in->call_wait_s < in->wait_time_s)
		early = false; /* it was not to wait */

	if (in->in_trouble)
		log_info("receive_recovered",
		    log_int("failures", in->failures));
	in->in_trouble = false;
	log_repeat_end(&in->complaints);
	in->failures = 0;
	in->empties = n == 0 && early ? in->empties + 1 : 0;
	if (in->empties > 0)
		in->next_ms = now_ms +
		    backoff_half_jitter_ms(backoff_limit_ms(in->empties,
					       EMPTY_BASE_MS, EMPTY_CAP_MS),
			backoff_random());
}

static void
on_answer(void *arg, struct span answer, const struct error *e)
{
	struct receive *in = arg;
	struct message_list list;
	struct error bad;
	int64_t now_ms = clock_ms();
	size_t i;

	in->call = NULL;
	if (e == NULL && message_parse_list(answer, &list, &bad) == -1)
		e = &bad;
	if (e != NULL) {
		on_failure(in, e, now_ms);
		return;
	}
	in->attempt_id[0] = '\0';
	if (list.n == 0 && list.n_unusable > 0) {
		error_set(&bad, ERROR_RETRY,
		    "unusable answer to ReceiveMessage: %s", list.reason);
		on_failure(in, &bad, now_ms);
	} else {
		on_success(in, list.n, now_ms);
	}
	in->messages(in->arg, &list, in->sent_ms);
	for (i = 0; i < list.n; i++)
		message_release(&list.messages[i]);
}

bool
receive_begin(struct receive *in, int max, bool wait, int64_t now_ms)
{
	if (in->call != NULL || max <= 0 || now_ms < in->next_ms)
		return false;
	in->call_max = max;
	in->call_wait_s = wait ? in->wait_time_s : 0;
	send_call(in, now_ms);
	return true;
}

void
receive_end(struct receive *in)
{
	in->ending = true;
	if (in->call == NULL || aws_end_with_attempt(in->call))
		return;
	aws_cancel(in->call);
	in->call = NULL;
}

int64_t
receive_ready_ms(const struct receive *in)
{
	return in->call != NULL ? CLOCK_NEVER : in->next_ms;
}

bool
receive_is_polling(const struct receive *in)
{
	return in->call != NULL;
}

bool
receive_is_pausing(const struct receive *in, int64_t now_ms)
{
	return in->call == NULL && now_ms < in->next_ms;
}

const struct error *
receive_trouble(const struct receive *in)
{
	return in->in_trouble ? &in->trouble : NULL;
}

struct receive_counts
receive_counts(const struct receive *in)
{
	return in->counts;
}
