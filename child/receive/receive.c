/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See receive.h. */
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
	/* of the last receive, while its answer is not here */
	char attempt_id[33];
	int64_t attempt_ms;
	struct receive_counts counts;
};

struct receive *
receive_new(struct aws *aws, const struct queue_settings *q, int wait_time_s,
    receive_messages_fn *messages, void *arg)
{
	struct receive *r = xcalloc(1, sizeof(*r));

	r->aws = aws;
	r->queue = q;
	r->wait_time_s = wait_time_s;
	r->messages = messages;
	r->arg = arg;
	return r;
}

void
receive_free(struct receive *r)
{
	if (r == NULL)
		return;
	aws_cancel(r->call);
	free(r);
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
log_failure(struct receive *r, const struct error *e, int64_t pause_ms,
    int64_t now_ms)
{
	struct log_repeat *repeat = &r->complaints;

	if (!log_repeat_is_due(repeat, error_kind_name(e->kind), LOG_REPEAT_MS,
		now_ms))
		return;
	log_warn("receive_failed", log_str("kind", error_kind_name(e->kind)),
	    LOG_ERROR_FIELDS(e), log_int("failures", r->failures),
	    log_ms("pause_ms", pause_ms),
	    log_int(repeat->unlogged > 0 ? "unlogged" : NULL,
		repeat->unlogged));
}

static aws_done_fn on_answer;

/*
 * When an answer of a FIFO queue is lost, its messages would block their groups
 * until the visibility timeout ends; a receive with the same attempt id gets
 * them again.
 */
static const char *
attempt_id(struct receive *r, int64_t now_ms)
{
	uint64_t random[2];

	if (!r->queue->fifo)
		return NULL;
	if (r->attempt_id[0] == '\0' ||
	    now_ms - r->attempt_ms > ATTEMPT_MAX_MS) {
		arc4random_buf(random, sizeof(random));
		(void)snprintf(r->attempt_id, sizeof(r->attempt_id),
		    "%016" PRIx64 "%016" PRIx64, random[0], random[1]);
		r->attempt_ms = now_ms;
	}
	return r->attempt_id;
}

static void
send_call(struct receive *r, int64_t now_ms)
{
	struct buf body = BUF_INIT(SQS_REQUEST_MAX);

	sqs_receive_message(&body, r->queue->queue_url, r->call_max,
	    r->call_wait_s, (int)(r->queue->visibility_timeout_ms / 1000),
	    attempt_id(r, now_ms));
	r->sent_ms = now_ms;
	r->counts.receives++;
	r->call = aws_start(r->aws, "ReceiveMessage", &body,
	    r->call_wait_s * INT64_C(1000), on_answer, r);
}

/* See receive_end. */
static void
ask_again(struct receive *r, const struct error *e, int64_t now_ms)
{
	if (!r->ending || r->asked_again || !r->queue->fifo ||
	    e->kind != ERROR_RETRY)
		return;
	r->asked_again = true;
	r->call_wait_s = 0;
	send_call(r, now_ms);
	(void)aws_end_with_attempt(r->call);
}

static void
on_failure(struct receive *r, const struct error *e, int64_t now_ms)
{
	int64_t pause =
	    receive_pause_ms(e->kind, ++r->failures, backoff_random());

	r->counts.errors++;
	log_failure(r, e, pause, now_ms);
	r->in_trouble = true;
	r->trouble = *e;
	r->next_ms = now_ms + pause;
	ask_again(r, e, now_ms);
}

static void
on_success(struct receive *r, size_t n, int64_t now_ms)
{
	int64_t elapsed = now_ms - r->sent_ms;
	bool early =
	    elapsed < r->wait_time_s * INT64_C(1000) / 2 || r->wait_time_s == 0;

	if (r->call_wait_s < r->wait_time_s)
		early = false; /* it was not asked to wait */

	if (r->in_trouble)
		log_info("receive_recovered", log_int("failures", r->failures));
	r->in_trouble = false;
	log_repeat_end(&r->complaints);
	r->failures = 0;
	r->empties = n == 0 && early ? r->empties + 1 : 0;
	if (r->empties > 0)
		r->next_ms = now_ms +
		    backoff_half_jitter_ms(backoff_limit_ms(r->empties,
					       EMPTY_BASE_MS, EMPTY_CAP_MS),
			backoff_random());
}

static void
on_answer(void *arg, struct span answer, const struct error *e)
{
	struct receive *r = arg;
	struct message_list list;
	struct error bad;
	int64_t now_ms = clock_ms();
	size_t i;

	r->call = NULL;
	if (e == NULL && message_parse_list(answer, &list, &bad) == -1)
		e = &bad;
	if (e != NULL) {
		on_failure(r, e, now_ms);
		return;
	}
	r->attempt_id[0] = '\0';
	if (list.n == 0 && list.n_unusable > 0) {
		error_set(&bad, ERROR_RETRY,
		    "unusable answer to ReceiveMessage: %s", list.reason);
		on_failure(r, &bad, now_ms);
	} else {
		on_success(r, list.n, now_ms);
	}
	r->messages(r->arg, &list, r->sent_ms);
	for (i = 0; i < list.n; i++)
		message_release(&list.messages[i]);
}

bool
receive_begin(struct receive *r, int max, bool wait, int64_t now_ms)
{
	if (r->call != NULL || max <= 0 || now_ms < r->next_ms)
		return false;
	r->call_max = max;
	r->call_wait_s = wait ? r->wait_time_s : 0;
	send_call(r, now_ms);
	return true;
}

void
receive_end(struct receive *r)
{
	r->ending = true;
	if (r->call == NULL || aws_end_with_attempt(r->call))
		return;
	aws_cancel(r->call);
	r->call = NULL;
}

int64_t
receive_ready_ms(const struct receive *r)
{
	return r->call != NULL ? CLOCK_NEVER : r->next_ms;
}

bool
receive_is_polling(const struct receive *r)
{
	return r->call != NULL;
}

bool
receive_is_pausing(const struct receive *r, int64_t now_ms)
{
	return r->call == NULL && now_ms < r->next_ms;
}

const struct error *
receive_trouble(const struct receive *r)
{
	return r->in_trouble ? &r->trouble : NULL;
}

struct receive_counts
receive_counts(const struct receive *r)
{
	return r->counts;
}
