/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See deadletter.h. */
#include "child/message/deadletter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child/message/settle_times.h"
#include "common/aws/sqs.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/ipc/scoreboard_child.h"

#include "common/base/banned.h"

enum {
	RETRY_BASE_MS = 200,
	RETRY_CAP_MS = 10000,
	ASK_AGAIN_MS = 60000, /* when there is no dead-letter queue */
	URL_KEPT_MS = 300000, /* the redrive policy can be changed */
	URL_MAX = 512
};

struct deadletter {
	struct aws *aws;
	const struct queue_settings *queue;
	struct jobs *jobs;
	struct settle *settle;
	deadletter_failed_fn *failed;
	void *arg;

	char url[URL_MAX]; /* "": not known */
	int64_t known_until_ms;
	char why[160]; /* why there is none, until missing_until_ms */
	int64_t missing_until_ms;
	struct aws_call *call; /* NULL: none under way */
	struct job *job;       /* being sent; NULL: the call is a lookup */
	int64_t next_ms;       /* no call before */
	unsigned failures;     /* that may heal, in a row */
	struct error trouble;  /* the last of these failures */
	bool has_called_back;  /* in this step */
};

struct deadletter *
deadletter_new(struct aws *aws, const struct queue_settings *q,
    struct jobs *jobs, struct settle *settle, deadletter_failed_fn *failed,
    void *arg)
{
	struct deadletter *d = xcalloc(1, sizeof(*d));

	d->aws = aws;
	d->queue = q;
	d->jobs = jobs;
	d->settle = settle;
	d->failed = failed;
	d->arg = arg;
	return d;
}

void
deadletter_free(struct deadletter *d)
{
	if (d == NULL)
		return;
	aws_cancel(d->call);
	free(d);
}

/* ---- what is sent ---- */

static void
put_text(struct message_attribute *a, char *name, char *type, char *value)
{
	*a = (struct message_attribute){ .name = name,
		.type = type,
		.value = value,
		.value_len = strlen(value) };
}

/* Adds the most useful attributes first: there may not be room for all. */
static void
fill_own(const struct queue_settings *q, const struct job *j,
    struct deadletter_own *own)
{
	static char string[] = "String", number[] = "Number";
	static char reason[] = "SqsherdReason", queue[] = "SqsherdQueue",
		    count[] = "SqsherdReceiveCount", id[] = "SqsherdMessageId";

	if (j->reason[0] != '\0')
		(void)strlcpy(own->reason, j->reason, sizeof(own->reason));
	else
		(void)snprintf(own->reason, sizeof(own->reason),
		    "exit status %d", j->exit_status);
	(void)snprintf(own->receive_count, sizeof(own->receive_count), "%lld",
	    j->message.receive_count);
	put_text(&own->list[0], reason, string, own->reason);
	put_text(&own->list[1], queue, string, q->name);
	put_text(&own->list[2], id, string, j->message.id);
	put_text(&own->list[3], count, number, own->receive_count);
}

static bool
is_own(const struct deadletter_own *own, const char *name)
{
	size_t i;

	for (i = 0; i < nitems(own->list); i++)
		if (strcmp(own->list[i].name, name) == 0)
			return true;
	return false;
}

static size_t
attribute_bytes(const struct message_attribute *a)
{
	return strlen(a->name) + strlen(a->type) + a->value_len;
}

size_t
deadletter_attributes(const struct queue_settings *q, const struct job *j,
    struct deadletter_own *own,
    struct message_attribute ret[MESSAGE_ATTRIBUTES_MAX])
{
	const struct message *m = &j->message;
	size_t i, n = 0, bytes = m->body_len;

	fill_own(q, j, own);
	for (i = 0; i < m->n_attributes; i++) {
		if (is_own(own, m->attributes[i].name))
			continue;
		ret[n++] = m->attributes[i];
		bytes += attribute_bytes(&m->attributes[i]);
	}
	for (i = 0; i < nitems(own->list); i++) {
		if (n >= DEADLETTER_ATTRIBUTES_MAX ||
		    bytes + attribute_bytes(&own->list[i]) > SQS_MESSAGE_MAX)
			break;
		ret[n++] = own->list[i];
		bytes += attribute_bytes(&own->list[i]);
	}
	return n;
}

/* ---- failures ---- */

static bool
may_heal(const struct error *e)
{
	return e->kind == ERROR_RETRY || e->kind == ERROR_THROTTLED ||
	    e->kind == ERROR_CREDENTIALS;
}

static void
postpone(struct deadletter *d, const char *operation, const struct error *e)
{
	int64_t limit =
	    backoff_limit_ms(++d->failures, RETRY_BASE_MS, RETRY_CAP_MS);

	log_warn("call_failed", log_str("operation", operation),
	    log_str("kind", error_kind_name(e->kind)), LOG_ERROR_FIELDS(e));
	scoreboard_count(d->jobs->row, SCOREBOARD_ERRORS, 1);
	scoreboard_set_failure(d->jobs->row, e, clock_ms());
	d->trouble = *e;
	d->next_ms =
	    clock_ms() + backoff_half_jitter_ms(limit, backoff_random());
}

/*
 * There is no dead-letter queue to move to.  That is logged when it is found
 * out, not again for each message.
 */
static void
set_missing(struct deadletter *d, const char *why)
{
	d->url[0] = '\0';
	(void)strlcpy(d->why, why, sizeof(d->why));
	d->missing_until_ms = clock_ms() + ASK_AGAIN_MS;
	log_warn("no_dead_letter_queue", log_str("error", why),
	    log_str("msg", "rejected messages are retried"));
}

static void
on_refused(struct deadletter *d, const char *operation, const struct error *e)
{
	char why[160];

	(void)snprintf(why, sizeof(why), "%s: %.64s %.64s", operation, e->code,
	    e->text);
	set_missing(d, why);
}

static void
fail(struct deadletter *d, struct job *j, const char *why)
{
	d->has_called_back = true;
	d->failed(d->arg, j, why);
}

/* ---- the lookup ---- */

static void
on_url(void *arg, struct span answer, const struct error *e)
{
	struct deadletter *d = arg;
	struct error bad;

	d->call = NULL;
	if (e == NULL &&
	    sqs_parse_queue_url(answer, d->url, sizeof(d->url), &bad) == -1)
		e = &bad;
	if (e == NULL) {
		d->failures = 0;
		d->known_until_ms = clock_ms() + URL_KEPT_MS;
	} else if (may_heal(e))
		postpone(d, "GetQueueUrl", e);
	else
		on_refused(d, "GetQueueUrl", e);
}

static void
ask_for_url(struct deadletter *d, const struct sqs_arn *arn)
{
	struct buf body = BUF_INIT(SQS_REQUEST_MAX);

	sqs_get_queue_url(&body, arn->name, arn->account);
	d->call = aws_start(d->aws, "GetQueueUrl", &body, 0, on_url, d);
}

static void
on_policy(void *arg, struct span answer, const struct error *e)
{
	struct deadletter *d = arg;
	struct sqs_arn arn;
	struct error bad;

	d->call = NULL;
	if (e == NULL && sqs_parse_redrive_policy(answer, &arn, &bad) == -1)
		e = &bad;
	if (e == NULL && arn.name[0] != '\0')
		ask_for_url(d, &arn);
	else if (e == NULL)
		set_missing(d, "the queue has no dead-letter queue");
	else if (may_heal(e))
		postpone(d, "GetQueueAttributes", e);
	else
		on_refused(d, "GetQueueAttributes", e);
}

static void
look_up(struct deadletter *d)
{
	struct buf body = BUF_INIT(SQS_REQUEST_MAX);

	sqs_get_redrive_policy(&body, d->queue->queue_url);
	d->call =
	    aws_start(d->aws, "GetQueueAttributes", &body, 0, on_policy, d);
}

/* ---- the send ---- */

static void
on_not_sent(struct deadletter *d, struct job *j, const struct error *e)
{
	char why[160];

	if (may_heal(e)) {
		postpone(d, "SendMessage", e);
		return;
	}
	/* ERROR_INVALID is about this message alone, which may be too long for
	   that queue. */
	if (e->kind != ERROR_INVALID)
		on_refused(d, "SendMessage", e);
	(void)snprintf(why, sizeof(why), "SendMessage: %.64s %.64s", e->code,
	    e->text);
	fail(d, j, why);
}

static void
on_sent(void *arg, struct span answer, const struct error *e)
{
	struct deadletter *d = arg;
	struct job *j = d->job;
	struct span body = { j->message.body, j->message.body_len };
	struct error bad;

	d->call = NULL;
	d->job = NULL;
	if (e == NULL && sqs_check_sent(answer, body, &bad) == -1)
		e = &bad;
	if (e != NULL) {
		on_not_sent(d, j, e);
		return;
	}
	d->failures = 0;
	settle_delete(d->settle, j, JOB_REJECTED, clock_ms());
}

static void
send_job(struct deadletter *d, struct job *j)
{
	const struct message *m = &j->message;
	struct message_attribute attributes[MESSAGE_ATTRIBUTES_MAX];
	struct deadletter_own own;
	struct sqs_message to_send = { .body = { m->body, m->body_len },
		.attributes = attributes,
		.n_attributes =
		    deadletter_attributes(d->queue, j, &own, attributes),
		.group_id = m->group_id,
		/* SQS itself uses the message id when it moves a message.
		   Also, a send that is repeated within 5 minutes then makes one
		   message only. */
		.deduplication_id = d->queue->fifo ? m->id : NULL,
		.trace_header = m->trace_header };
	struct buf body = BUF_INIT(SQS_REQUEST_MAX);

	sqs_send_message(&body, d->url, &to_send);
	d->job = j;
	d->call = aws_start(d->aws, "SendMessage", &body, 0, on_sent, d);
}

/* ---- the order of things ---- */

static struct job *
next_moving(const struct deadletter *d)
{
	struct job *j;

	TAILQ_FOREACH(j, &d->jobs->list, entry)
		if (j->state == JOB_MOVING)
			return j;
	return NULL;
}

/* When to give up a job that waits to be sent; CLOCK_NEVER: not yet known. */
static int64_t
give_up_ms(const struct deadletter *d, const struct job *j)
{
	if (j->lost)
		return j->verdict_ms;
	return d->failures > 0
	    ? j->verdict_ms + settle_times_patience_ms(d->queue)
	    : CLOCK_NEVER;
}

static void
give_up_overdue(struct deadletter *d, int64_t now_ms)
{
	struct job *j;

	TAILQ_FOREACH(j, &d->jobs->list, entry)
		if (j->state == JOB_MOVING && j != d->job &&
		    give_up_ms(d, j) <= now_ms)
			fail(d, j,
			    j->lost ? "it is not ours any more"
				    : d->trouble.text);
}

void
deadletter_move(struct deadletter *d, struct job *j, int64_t now_ms)
{
	jobs_begin_move(d->jobs, j, now_ms);
}

void
deadletter_give_up(struct deadletter *d, const char *why)
{
	struct job *j;

	aws_cancel(d->call);
	d->call = NULL;
	d->job = NULL;
	while ((j = next_moving(d)) != NULL)
		fail(d, j, why);
}

static int64_t
next_ms(const struct deadletter *d)
{
	int64_t next = CLOCK_NEVER;
	const struct job *j;

	TAILQ_FOREACH(j, &d->jobs->list, entry)
		if (j->state == JOB_MOVING && j != d->job)
			next = clock_earlier(next, give_up_ms(d, j));
	return d->call == NULL && next_moving(d) != NULL
	    ? clock_earlier(next, d->next_ms)
	    : next;
}

int64_t
deadletter_step(struct deadletter *d, int64_t now_ms)
{
	struct job *j;

	d->has_called_back = false;
	give_up_overdue(d, now_ms);
	while (d->call == NULL && d->next_ms <= now_ms &&
	    (j = next_moving(d)) != NULL) {
		if (d->url[0] != '\0' && now_ms < d->known_until_ms)
			send_job(d, j);
		else if (d->missing_until_ms <= now_ms)
			look_up(d);
		else
			fail(d, j, d->why);
	}
	return d->has_called_back ? now_ms : next_ms(d);
}
