/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See sender.h. */
#include "tools/sender.h"

#include <err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/aws/message_md5.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"
#include "tools/send_answer.h"

#include "common/base/banned.h"

enum {
	TRIES_MAX = 4, /* of an entry, each of several attempts */
	RETRY_BASE_MS = 200,
	RETRY_CAP_MS = 5000,
	PROGRESS_EVERY_MS = 100,
	PLAIN_ID_MAX = 2048,   /* an id has 127 bytes, an escape ten */
	TELL_AFTER_MS = 10000, /* a failure, while others may join it */
	TOLD_MAX = 64 * 1024 * 1024
};

void
sender_clear_progress(struct sender *s)
{
	if (s->progress_shown)
		(void)fputs("\r\033[K", stderr);
	s->progress_shown = false;
}

void
sender_show_progress(struct sender *s, int64_t now_ms)
{
	if (!s->on_terminal || now_ms - s->progress_ms < PROGRESS_EVERY_MS)
		return;
	s->progress_ms = now_ms;
	s->progress_shown = true;
	(void)fprintf(stderr, "\r\033[Ksent %lld, failed %lld", s->sent,
	    s->failed);
}

static const char *
unit_name(const struct sender *s)
{
	if (s->options->count > 0 || s->options->file != NULL)
		return "message";
	return s->options->n_bodies > 0 ? "argument" : "line";
}

/* ---- failures ---- */

void
sender_tell_failures(struct sender *s)
{
	struct buf text = BUF_INIT(TOLD_MAX);

	send_failures_tell(&s->failures, &text, "sqs-send: ", unit_name(s),
	    s->options->verbose);
	sender_clear_progress(s);
	(void)fputs(buf_str(&text), stderr);
	buf_release(&text);
	s->tell_ms = CLOCK_NEVER;
}

/* cure: what a person can do about it; NULL: nothing that is known. */
static void __attribute__((format(printf, 4, 5)))
count_failure(struct sender *s, long long number, const char *cure,
    const char *fmt, ...)
{
	char text[SEND_REASON_MAX];
	va_list ap;

	va_start(ap, fmt);
	/* A text that is too long is cut: only people read it. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->failed++;
	if (!send_failures_add(&s->failures, number, text, cure)) {
		sender_tell_failures(s);
		(void)send_failures_add(&s->failures, number, text, cure);
	}
	if (s->tell_ms == CLOCK_NEVER)
		s->tell_ms = clock_ms() + TELL_AFTER_MS;
}

/* Prints failures at once, if no other can join them before stdin has more. */
void
sender_tell_due_failures(struct sender *s, int64_t now_ms)
{
	if (s->tell_ms <= now_ms ||
	    (s->tell_ms != CLOCK_NEVER && s->source_dry && s->n_pending == 0 &&
		s->in_flight == 0))
		sender_tell_failures(s);
}

static void
count_success(struct sender *s, const struct sender_entry *e,
    const struct send_receipt *r)
{
	struct buf id = BUF_INIT(PLAIN_ID_MAX);

	s->sent++;
	if (!s->options->verbose)
		return;
	sender_clear_progress(s);
	/* SQS's ids are plain text, but another server may have answered. */
	plain_puts(&id, r->message_id);
	(void)printf("%lld %s\n", e->number, buf_str(&id));
	buf_release(&id);
}

static void
entry_free(struct sender_entry *e)
{
	free(e->body);
	free(e);
}

static size_t
entry_bytes(const struct sender *s, const struct sender_entry *e)
{
	return e->len + s->options->attributes_bytes;
}

/* A retry keeps the id, so that a FIFO queue never takes an entry twice. */
static void
set_deduplication_id(const struct sender *s, struct sender_entry *e)
{
	const struct send_options *o = s->options;
	unsigned char random[16];
	struct buf hex = BUF_INIT(2 * sizeof(random));

	if (!s->queue->fifo || o->content_dedup)
		return;
	if (o->deduplication_id == NULL) {
		arc4random_buf(random, sizeof(random));
		buf_put_hex(&hex, random, sizeof(random));
		(void)strlcpy(e->deduplication_id, buf_str(&hex),
		    sizeof(e->deduplication_id));
		buf_release(&hex);
	} else if (send_options_is_one_message(o)) {
		(void)strlcpy(e->deduplication_id, o->deduplication_id,
		    sizeof(e->deduplication_id));
	} else {
		(void)snprintf(e->deduplication_id, sizeof(e->deduplication_id),
		    "%s-%lld", o->deduplication_id, e->number);
	}
}

static void
add_entry(struct sender *s, struct span body)
{
	struct sender_entry *e = xcalloc(1, sizeof(*e));

	e->number = s->source.number;
	e->body = xmemdup0(body.p, body.len);
	e->len = body.len;
	set_deduplication_id(s, e);
	TAILQ_INSERT_TAIL(&s->pending, e, entry);
	s->n_pending++;
	s->pending_bytes += entry_bytes(s, e);
}

static bool
has_full_batch(const struct sender *s)
{
	return s->n_pending >= SQS_BATCH_MAX ||
	    s->pending_bytes >= SQS_MESSAGE_MAX;
}

/* Takes bodies from the source until a batch is full. */
static void
fill_pending(struct sender *s)
{
	struct send_body body;

	s->source_dry = false;
	while (!s->source_ended && !s->source_dry && !has_full_batch(s)) {
		switch (send_source_next(&s->source, &body)) {
		case SEND_SOURCE_BODY:
			add_entry(s, body.body);
			break;
		case SEND_SOURCE_BAD:
			count_failure(s, s->source.number, NULL, "%s",
			    body.problem);
			break;
		case SEND_SOURCE_DRY:
			s->source_dry = true;
			break;
		case SEND_SOURCE_END:
			s->source_ended = true;
			break;
		}
	}
}

static void
give_up(struct sender *s, struct sender_entry *e, const struct error *why)
{
	count_failure(s, e->number, send_failures_cure(why),
	    "was not sent: %s%s%s", why->code,
	    why->code[0] != '\0' && why->text[0] != '\0' ? ": " : "",
	    why->text);
	entry_free(e);
}

/* Reads and sends no more; the requests that are in flight are waited for. */
static void
stop_with(struct sender *s, const char *what, const struct error *why)
{
	struct sender_entry *e;

	if (s->stopped)
		return;
	s->stopped = s->source_ended = true;
	sender_clear_progress(s);
	warnx("%s: nothing is read after %s %lld", what, unit_name(s),
	    s->source.number);
	while ((e = TAILQ_FIRST(&s->pending)) != NULL) {
		TAILQ_REMOVE(&s->pending, e, entry);
		give_up(s, e, why);
	}
	s->n_pending = s->pending_bytes = 0;
}

void
sender_stop(struct sender *s, const char *why)
{
	struct error e;

	(void)error_set(&e, ERROR_NONE, "%s", why);
	stop_with(s, why, &e);
}

/* The entry goes back to the pending ones, unless it was tried too often. */
static void
try_again(struct sender *s, struct sender_entry *e, const struct error *why)
{
	int64_t pause;

	if (++e->tries == TRIES_MAX || s->stopped) {
		give_up(s, e, why);
		return;
	}
	pause = backoff_half_jitter_ms(backoff_limit_ms(e->tries, RETRY_BASE_MS,
					   RETRY_CAP_MS),
	    backoff_random());
	s->resume_ms = clock_ms() + pause;
	TAILQ_INSERT_TAIL(&s->again, e, entry);
	s->n_pending++;
	s->pending_bytes += entry_bytes(s, e);
}

/*
 * Called when an answer has been read: the entries to be tried again go first,
 * in their order.
 */
static void
put_first(struct sender *s)
{
	TAILQ_CONCAT(&s->again, &s->pending, entry);
	TAILQ_CONCAT(&s->pending, &s->again, entry);
}

static void
on_call_failed(struct sender_request *r, const struct error *e)
{
	bool heals = e->kind == ERROR_RETRY || e->kind == ERROR_THROTTLED;
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (heals)
			try_again(r->sender, r->entries[i], e);
		else
			give_up(r->sender, r->entries[i], e);
	}
	put_first(r->sender);
	/* Every other batch would fail in the same way. */
	if (e->kind == ERROR_OPERATOR || e->kind == ERROR_CREDENTIALS)
		stop_with(r->sender, "giving up", e);
}

/* SQS has stored the entry, but is it what we sent? */
static void
on_sent(struct sender *s, struct sender_entry *e, const struct send_receipt *r)
{
	char md5[33];

	message_md5(e->body, e->len, md5);
	if (message_md5_differs(r->md5_of_body, md5))
		count_failure(s, e->number, NULL,
		    "was stored as message '%s' with "
		    "another MD5 than it was sent with: '%s' instead of '%s'",
		    r->message_id, r->md5_of_body, md5);
	else
		count_success(s, e, r);
	entry_free(e);
}

static void
on_entry(struct sender *s, struct sender_entry *e,
    const struct sqs_entry_result *result, const struct send_receipt *r)
{
	struct error why;

	if (result->answered && !result->failed) {
		on_sent(s, e, r);
		return;
	}
	/* All that a person can do is to send it again. */
	(void)error_set(&why, ERROR_NONE, "%s",
	    result->answered ? result->text : "the answer does not mention it");
	if (result->answered)
		(void)strlcpy(why.code, result->code, sizeof(why.code));
	if (result->answered && result->sender_fault)
		give_up(s, e, &why);
	else
		try_again(s, e, &why);
}

static void
on_answer(void *arg, struct span answer, const struct error *e)
{
	struct sender_request *r = arg;
	struct sqs_entry_result results[SQS_BATCH_MAX];
	struct send_receipt receipts[SQS_BATCH_MAX];
	struct error broken;
	size_t i;

	r->call = NULL;
	r->sender->in_flight--;
	if (e == NULL &&
	    send_answer_parse(answer, results, receipts, r->n, &broken) == -1)
		e = &broken;
	if (e != NULL) {
		on_call_failed(r, e);
		return;
	}
	for (i = 0; i < r->n; i++)
		on_entry(r->sender, r->entries[i], &results[i], &receipts[i]);
	put_first(r->sender);
}

/* may_send has seen that there is one. */
static struct sender_request *
free_request(struct sender *s)
{
	size_t i = 0;

	while (s->requests[i].call != NULL)
		i++;
	return &s->requests[i];
}

/* Moves what fits in one batch from the pending to the request. */
static void
take_batch(struct sender *s, struct sender_request *r)
{
	size_t bytes = 0;
	struct sender_entry *e;

	r->n = 0;
	while (r->n < SQS_BATCH_MAX && (e = TAILQ_FIRST(&s->pending)) != NULL &&
	    bytes + entry_bytes(s, e) <= SQS_MESSAGE_MAX) {
		TAILQ_REMOVE(&s->pending, e, entry);
		s->n_pending--;
		s->pending_bytes -= entry_bytes(s, e);
		bytes += entry_bytes(s, e);
		r->entries[r->n++] = e;
	}
}

static void
send_batch(struct sender *s, struct sender_request *r)
{
	const struct send_options *o = s->options;
	struct sqs_entry entries[SQS_BATCH_MAX];
	struct buf body = BUF_INIT(SQS_REQUEST_MAX);
	size_t i;

	take_batch(s, r);
	for (i = 0; i < r->n; i++) {
		const struct sender_entry *e = r->entries[i];

		entries[i] = (struct sqs_entry){ .body = { e->body, e->len },
			.attributes = o->attributes,
			.n_attributes = o->n_attributes,
			.delay_s = o->delay_s,
			.group_id = o->group_id,
			.deduplication_id = e->deduplication_id[0] != '\0'
			    ? e->deduplication_id
			    : NULL };
	}
	sqs_send_message_batch(&body, s->queue->queue_url, entries, r->n);
	r->sender = s;
	s->in_flight++;
	r->call = aws_start(s->client.aws, "SendMessageBatch", &body, 0,
	    on_answer, r);
}

/*
 * A full batch goes at once.  The entries of a batch that is not full go at the
 * end of the source, or when nothing is in flight and stdin has nothing to
 * read.
 */
static bool
may_send(const struct sender *s, int64_t now_ms)
{
	if (s->n_pending == 0 || s->in_flight == s->n_requests ||
	    now_ms < s->resume_ms)
		return false;
	return has_full_batch(s) || s->source_ended ||
	    (s->in_flight == 0 && s->stdin_idle);
}

bool
sender_wants_stdin(const struct sender *s)
{
	return s->source_dry && !s->source_ended;
}

static int64_t
next_ms(const struct sender *s, int64_t now_ms)
{
	int64_t deadline_ms =
	    clock_earlier(aws_deadline(s->client.aws), s->tell_ms);

	/* There are entries that could go: only look whether stdin has more. */
	if (sender_wants_stdin(s) && s->n_pending > 0 && s->in_flight == 0 &&
	    s->resume_ms <= now_ms)
		return now_ms;
	if (s->n_pending > 0 && s->in_flight < s->n_requests &&
	    s->resume_ms > now_ms)
		return clock_earlier(deadline_ms, s->resume_ms);
	return deadline_ms;
}

int64_t
sender_step(struct sender *s, int64_t now_ms)
{
	aws_step(s->client.aws, now_ms);
	fill_pending(s);
	while (may_send(s, now_ms)) {
		send_batch(s, free_request(s));
		fill_pending(s);
	}
	return next_ms(s, now_ms);
}

bool
sender_is_done(const struct sender *s)
{
	return s->source_ended && s->n_pending == 0 && s->in_flight == 0;
}

int
sender_open(struct sender *s, const struct send_options *options,
    const struct settings *settings, struct error *e)
{
	*s = (struct sender){ .options = options,
		.queue = &settings->queues[0],
		.tell_ms = CLOCK_NEVER };
	s->n_requests = s->queue->fifo ? 1 : SENDER_REQUESTS_MAX;
	s->on_terminal = isatty(STDERR_FILENO) == 1;
	TAILQ_INIT(&s->pending);
	TAILQ_INIT(&s->again);
	if (aws_client_open(&s->client, settings, s->queue, NULL, e) == -1)
		return -1;
	send_source_open(&s->source, options);
	return 0;
}

void
sender_release(struct sender *s)
{
	aws_client_close(&s->client);
	send_source_release(&s->source);
}
