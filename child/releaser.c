/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The releaser: a short-lived process that does for a dead child what it can
 * do no more.  A message whose handler had succeeded is deleted, never given
 * back; one that no handler has seen is given back at once; one that was being
 * worked is given back at once the first time (most deaths are not the
 * message's fault) and after the retry delay of its count when it comes back
 * from that.  See child.h.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/child.h"
#include "child/settle.h"
#include "common/backoff.h"
#include "common/client.h"
#include "common/clock.h"
#include "common/exitcode.h"
#include "common/log.h"
#include "common/sqs.h"

#include "common/banned.h"

enum {
	BATCHES_MAX = (SCOREBOARD_HANDS + SQS_BATCH_MAX - 1) / SQS_BATCH_MAX,
	RETRY_MS = 500
};

struct batch {
	struct releaser *releaser;
	bool deletes;
	const struct scoreboard_held *held[SQS_BATCH_MAX];
	int delays_s[SQS_BATCH_MAX];
	size_t n;
	struct aws_call *call;
	int64_t again_ms; /* CLOCK_NEVER: not, or settled */
};

struct releaser {
	const struct releaser_args *args;
	struct client client;
	struct batch batches[2 * BATCHES_MAX];
	size_t n_batches;
	size_t failed; /* entries that SQS refused */
};

static int
delay_s(const struct releaser *r, const struct scoreboard_held *h)
{
	if (h->state != SCOREBOARD_HAND_WORKING || h->receive_count <= 1)
		return 0;
	return settle_retry_delay_s(r->args->queue, h->receive_count - 1,
	    backoff_random());
}

static struct batch *
batch_with_room(struct releaser *r, bool deletes)
{
	struct batch *b;
	size_t i;

	for (i = 0; i < r->n_batches; i++)
		if (r->batches[i].deletes == deletes &&
		    r->batches[i].n < SQS_BATCH_MAX)
			return &r->batches[i];
	b = &r->batches[r->n_batches++];
	b->releaser = r;
	b->deletes = deletes;
	return b;
}

/* The last first: of a FIFO group the last goes back before the others. */
static void
sort_into_batches(struct releaser *r)
{
	const struct scoreboard_snapshot *s = r->args->held;
	size_t i = s->n_held;

	while (i-- > 0) {
		const struct scoreboard_held *h = &s->held[i];
		struct batch *b;

		if (h->receipt_handle[0] == '\0') {
			log_warn("cannot_release", log_str("id", h->id),
			    log_str("msg",
				"its receipt handle was not kept: "
				"it comes back when its timeout ends"));
			r->failed++;
			continue;
		}
		b = batch_with_room(r, h->state == SCOREBOARD_HAND_DELETING);
		b->held[b->n] = h;
		b->delays_s[b->n] = delay_s(r, h);
		b->n++;
	}
}

static void
log_entry(struct batch *b, size_t i, const struct sqs_entry_result *e)
{
	if (e->answered && !e->failed) {
		log_info("message_recovered", log_str("id", b->held[i]->id),
		    log_int("receive_count", b->held[i]->receive_count),
		    log_str("outcome", b->deletes ? "deleted" : "released"),
		    log_int(b->deletes ? NULL : "delay_s", b->delays_s[i]));
		return;
	}
	b->releaser->failed++;
	log_warn("message_not_recovered", log_str("id", b->held[i]->id),
	    log_str("code", e->answered ? e->code : "unanswered"),
	    log_str("error", e->text));
}

static void
on_answer(void *arg, struct span answer, const struct error *e)
{
	struct batch *b = arg;
	struct sqs_entry_result results[SQS_BATCH_MAX];
	struct error bad;
	size_t i;

	b->call = NULL;
	if (e == NULL && sqs_parse_batch(answer, results, b->n, &bad) == -1)
		e = &bad;
	if (e != NULL) {
		log_warn("release_failed", LOG_ERROR_FIELDS(e),
		    log_int("messages", (long long)b->n));
		b->again_ms = clock_ms() + RETRY_MS;
		return;
	}
	for (i = 0; i < b->n; i++)
		log_entry(b, i, &results[i]);
}

static void
send_batch(struct batch *b)
{
	struct releaser *r = b->releaser;
	const char *handles[SQS_BATCH_MAX];
	struct buf body = BUF_INIT(SQS_REQUEST_MAX);
	const char *url = r->args->queue->queue_url;
	size_t i;

	for (i = 0; i < b->n; i++)
		handles[i] = b->held[i]->receipt_handle;
	if (b->deletes)
		sqs_delete_message_batch(&body, url, handles, b->n);
	else
		sqs_change_message_visibility_batch(&body, url, handles,
		    b->delays_s, b->n);
	b->again_ms = CLOCK_NEVER;
	b->call = aws_start(r->client.aws,
	    b->deletes ? "DeleteMessageBatch" : "ChangeMessageVisibilityBatch",
	    &body, 0, on_answer, b);
}

/* Sends what is due; returns whether anything is left to wait for. */
static bool
advance(struct releaser *r, int64_t now_ms)
{
	bool waiting = false;
	size_t i;

	aws_step(r->client.aws, now_ms);
	for (i = 0; i < r->n_batches; i++) {
		struct batch *b = &r->batches[i];

		if (b->call == NULL && b->again_ms <= now_ms)
			send_batch(b);
		if (b->call != NULL || b->again_ms != CLOCK_NEVER)
			waiting = true;
	}
	return waiting;
}

static bool
run(struct releaser *r)
{
	int64_t now;

	while (now = clock_ms(), advance(r, now)) {
		if (now >= r->args->deadline_ms)
			return false;
		http_wait(r->client.http, NULL, 0,
		    clock_timeout_ms(now,
			clock_earlier(r->args->deadline_ms,
			    clock_earlier(aws_deadline(r->client.aws),
				now + RETRY_MS)),
			RETRY_MS));
	}
	return r->failed == 0;
}

void
releaser_main(const struct releaser_args *args)
{
	static struct releaser r; /* zero; one a process */
	struct error e;
	bool all = false;

	signal(SIGPIPE, SIG_IGN);
	setproctitle("-sqsherd: releaser");
	r.args = args;
	if (client_open(&r.client, args->settings, args->queue, &e) == -1) {
		log_error("release_failed", LOG_ERROR_FIELDS(&e));
	} else {
		sort_into_batches(&r);
		all = run(&r);
	}
	client_close(&r.client);
	exit(all ? EXITCODE_OK : EXITCODE_FAILED);
}
