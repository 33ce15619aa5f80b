/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqs-e2e: does a deployed service work?  Waits until the ECS service is
 * stable, sends one message, and looks in CloudWatch Logs for the record in
 * which sqsherd says that the message was done.  Prints each step; after a
 * failure it shows what a person would look at next.
 *
 * It makes one call at a time and waits for it: nothing else goes on meanwhile.
 */
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/aws/sqs.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/json.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"
#include "common/settings/settings.h"
#include "tools/cloudwatch_logs.h"
#include "tools/e2e_call.h"
#include "tools/e2e_options.h"
#include "tools/ecs_service.h"
#include "tools/message_record.h"
#include "tools/send_answer.h"
#include "tools/tool_settings.h"

#include "common/base/banned.h"

enum {
	SERVICE_EVERY_MS = 5000,
	LOGS_EVERY_MS = 2000,
	SKEW_MS = 5 * 60 * 1000, /* between our clock and that of the logs */
	REPORT_MS = 60000,       /* for what is shown after a failure */
	REPORT_SINCE_MS = 15 * 60 * 1000,
	REPORT_LINES = 50,
	SEEN_MAX = 1024, /* log events about our message */
	BODY_MAX = SQS_MESSAGE_MAX,
	REQUEST_MAX = 64 * 1024,
	SAID_MAX = 4096,
	PLAIN_MAX = 8 * 1024 * 1024 /* of a log event, with its escapes */
};

/* ---- one run ---- */

struct e2e {
	const struct e2e_options *options;
	struct e2e_calls calls;
	int64_t began_ms;
	int64_t began_real_ms, sent_real_ms;
	char job_id[33];
	char message_id[128];
	struct ecs_service service; /* as ECS described it last */
	char told[512];             /* what was printed about it */
	int64_t told_event_ms;
	char *seen[SEEN_MAX]; /* ids of log events that were shown */
	size_t n_seen;
	bool done, rejected; /* our message, according to the log */
};

/* A log and an answer may hold anything, and the output may be a terminal. */
static void
print_line(const char *prefix, struct span text)
{
	struct buf plain = BUF_INIT(PLAIN_MAX);

	if (text.len > 0 && text.p[text.len - 1] == '\n')
		text.len--;
	plain_put(&plain, text.p, text.len);
	(void)printf("%s%s\n", prefix, buf_str(&plain));
	(void)fflush(stdout);
	buf_release(&plain);
}

static void __attribute__((format(printf, 2, 3)))
say(const struct e2e *x, const char *fmt, ...)
{
	char prefix[32], text[SAID_MAX];
	va_list ap;

	(void)snprintf(prefix, sizeof(prefix), "[%6.1f s] ",
	    (double)(clock_ms() - x->began_ms) / 1000);
	va_start(ap, fmt);
	/* A text that is too long is cut: only people read it. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_line(prefix, span_of(text));
}

static bool
may_heal(const struct error *e)
{
	return e->kind == ERROR_RETRY || e->kind == ERROR_THROTTLED;
}

/* Returns whether to go on. */
static bool
bear(const struct e2e *x, const char *operation, const struct error *e)
{
	say(x, "%s failed: %s%s%s", operation, e->code,
	    e->code[0] != '\0' ? ": " : "", e->text);
	return may_heal(e);
}

/* Sleeps until the next look; returns false when the time is over. */
static bool
pause_for(const struct e2e *x, int ms)
{
	int64_t now_ms = clock_ms();

	if (now_ms >= x->calls.deadline_ms)
		return false;
	(void)poll(NULL, 0, clock_timeout_ms(now_ms, x->calls.deadline_ms, ms));
	return true;
}

/* ---- the service ---- */

static int
describe_service(struct e2e *x, struct error *e)
{
	struct buf body = BUF_INIT(REQUEST_MAX), answer;
	int result;

	ecs_service_describe(&body, x->options->cluster, x->options->service);
	if (e2e_call(&x->calls, E2E_API_ECS, "DescribeServices", &body, &answer,
		e) == -1)
		return -1;
	result = ecs_service_parse(buf_span(&answer), &x->service, e);
	buf_release(&answer);
	return result;
}

/*
 * Prints the events of the service since this program began, the oldest first.
 */
static void
tell_events(struct e2e *x)
{
	const struct ecs_service *s = &x->service;
	size_t i = s->n_events;

	while (i-- > 0) {
		if (s->events[i].created_ms <= x->told_event_ms)
			continue;
		x->told_event_ms = s->events[i].created_ms;
		say(x, "ecs: %s", s->events[i].message);
	}
}

static void
tell_service(struct e2e *x)
{
	const struct ecs_service *s = &x->service;
	char text[sizeof(x->told)];

	(void)snprintf(text, sizeof(text),
	    "service %s: %s, %lld of %lld running, %lld pending, "
	    "%zu deployments%s%s",
	    x->options->service, s->status, s->running, s->desired, s->pending,
	    s->n_deployments, s->rollout[0] != '\0' ? ", rollout " : "",
	    s->rollout);
	if (strcmp(text, x->told) != 0)
		say(x, "%s", text);
	(void)strlcpy(x->told, text, sizeof(x->told));
	tell_events(x);
}

/* Has the deployment failed for good? */
static bool
is_lost(const struct e2e *x)
{
	const struct ecs_service *s = &x->service;

	if (!s->found)
		say(x, "there is no service %s in %s%s%s", x->options->service,
		    x->options->cluster, s->failure[0] != '\0' ? ": " : "",
		    s->failure);
	else if (strcmp(s->status, "ACTIVE") != 0)
		say(x, "the service is not active but %s", s->status);
	else if (strcmp(s->rollout, "FAILED") == 0)
		say(x, "the rollout failed: %s", s->rollout_reason);
	else
		return false;
	return true;
}

static int
await_service(struct e2e *x)
{
	struct error e;

	do {
		if (describe_service(x, &e) == -1) {
			if (!bear(x, "DescribeServices", &e))
				return -1;
			continue;
		}
		if (x->service.found)
			tell_service(x);
		if (is_lost(x))
			return -1;
		if (ecs_service_is_stable(&x->service))
			return 0;
	} while (pause_for(x, SERVICE_EVERY_MS));
	say(x, "the service did not become stable in time");
	return -1;
}

/* ---- the message ---- */

/* The template with the job id in place of each "%s". */
static void
put_body(const struct e2e *x, struct buf *to)
{
	const char *p = x->options->body, *at;

	while ((at = strstr(p, "%s")) != NULL) {
		buf_append(to, p, (size_t)(at - p));
		buf_puts(to, x->job_id);
		p = at + 2;
	}
	buf_puts(to, p);
}

static int
read_message_id(struct e2e *x, struct span answer, struct error *e)
{
	struct sqs_entry_result result;
	struct send_receipt receipt;

	if (send_answer_parse(answer, &result, &receipt, 1, e) == -1)
		return -1;
	if (result.failed)
		return error_set(e, ERROR_INVALID, "%s: %s", result.code,
		    result.text);
	/* The id goes into a filter pattern, in quotes. */
	if (!result.answered || receipt.message_id[0] == '\0' ||
	    strpbrk(receipt.message_id, "\"\\") != NULL)
		return error_set(e, ERROR_INVALID,
		    "the answer has no message id");
	(void)strlcpy(x->message_id, receipt.message_id, sizeof(x->message_id));
	return 0;
}

/*
 * If the answer is lost and the call repeated, the message may be in the queue
 * twice; a FIFO queue drops the second by its deduplication id.
 */
static int
send_message(struct e2e *x)
{
	struct buf text = BUF_INIT(BODY_MAX), body = BUF_INIT(SQS_REQUEST_MAX);
	struct buf answer;
	struct sqs_entry entry = { .delay_s = -1 };
	struct error e;
	int result;

	put_body(x, &text);
	entry.body = buf_span(&text);
	if (x->calls.queue->fifo)
		entry.group_id = entry.deduplication_id = x->job_id;
	sqs_send_message_batch(&body, x->calls.queue->queue_url, &entry, 1);
	x->sent_real_ms = clock_real_ms();
	result = e2e_call(&x->calls, E2E_API_SQS, "SendMessageBatch", &body,
	    &answer, &e);
	if (result == 0) {
		result = read_message_id(x, buf_span(&answer), &e);
		buf_release(&answer);
	}
	if (result == -1)
		(void)bear(x, "SendMessageBatch", &e);
	else
		say(x, "sent job %s as message %s", x->job_id, x->message_id);
	buf_release(&text);
	return result;
}

/* ---- the log ---- */

static bool
was_seen(struct e2e *x, const char *id)
{
	size_t i;

	for (i = 0; i < x->n_seen; i++)
		if (strcmp(x->seen[i], id) == 0)
			return true;
	if (x->n_seen < SEEN_MAX)
		x->seen[x->n_seen++] = xstrdup(id);
	return false;
}

static void
on_log_event(void *arg, const struct cloudwatch_logs_event *event)
{
	struct e2e *x = arg;

	if (was_seen(x, event->id))
		return;
	say(x, "log %s:", event->stream);
	print_line("  ", event->message);
	switch (message_record_read(event->message, x->message_id)) {
	case MESSAGE_RECORD_DELETED:
		x->done = true;
		break;
	case MESSAGE_RECORD_REJECTED:
		x->rejected = true;
		break;
	case MESSAGE_RECORD_OTHER:
		break;
	}
}

/* Reads all pages: a page without events need not be the last. */
static int
read_log(struct e2e *x, const char *term, int64_t since_ms,
    cloudwatch_logs_event_fn *fn, void *arg, struct error *e)
{
	struct buf token = BUF_INIT(CLOUDWATCH_LOGS_TOKEN_MAX);
	int result;

	do {
		struct buf body = BUF_INIT(REQUEST_MAX), answer;
		const struct cloudwatch_logs_query q = {
			.group = x->options->log_group,
			.term = term,
			.since_ms = since_ms,
			.next_token = buf_str(&token)
		};

		cloudwatch_logs_filter_events(&body, &q);
		result = e2e_call(&x->calls, E2E_API_LOGS, "FilterLogEvents",
		    &body, &answer, e);
		if (result == 0) {
			result = cloudwatch_logs_parse_events(buf_span(&answer),
			    fn, arg, &token, e);
			buf_release(&answer);
		}
	} while (result == 0 && token.len > 0);
	buf_release(&token);
	return result;
}

static int
await_success(struct e2e *x)
{
	struct error e;

	do {
		if (read_log(x, x->message_id, x->sent_real_ms - SKEW_MS,
			on_log_event, x, &e) == -1 &&
		    !bear(x, "FilterLogEvents", &e))
			return -1;
		if (x->done) {
			say(x, "the message was done");
			return 0;
		}
		if (x->rejected) {
			say(x, "the handler rejected the message");
			return -1;
		}
	} while (pause_for(x, LOGS_EVERY_MS));
	say(x, "no record says that the message was done");
	return -1;
}

/* ---- after a failure ---- */

struct tail {
	char *lines[REPORT_LINES];
	size_t n; /* in all */
};

static void
on_tail_event(void *arg, const struct cloudwatch_logs_event *event)
{
	struct tail *t = arg;
	char **place = &t->lines[t->n++ % REPORT_LINES];

	free(*place);
	*place = xmemdup0(event->message.p, event->message.len);
}

static void
show_log(struct e2e *x)
{
	static struct tail t; /* zero */
	struct error e;
	size_t i;

	if (read_log(x, NULL, x->began_real_ms - REPORT_SINCE_MS, on_tail_event,
		&t, &e) == -1)
		(void)bear(x, "FilterLogEvents", &e);
	(void)printf("the last lines of %s:\n", x->options->log_group);
	for (i = t.n > REPORT_LINES ? t.n - REPORT_LINES : 0; i < t.n; i++)
		print_line("  ", span_of(t.lines[i % REPORT_LINES]));
	if (t.n == 0)
		(void)printf("  (none)\n");
	for (i = 0; i < REPORT_LINES; i++)
		free(t.lines[i]);
}

static void
show_service(struct e2e *x)
{
	struct error e;
	char time[32];
	size_t i;

	if (describe_service(x, &e) == -1)
		(void)bear(x, "DescribeServices", &e);
	(void)printf("the last events of %s:\n", x->options->service);
	for (i = x->service.n_events; i-- > 0;) {
		const struct ecs_service_event *event = &x->service.events[i];

		clock_format_iso(event->created_ms, time, sizeof(time));
		(void)printf("  %s ", time);
		print_line("", span_of(event->message));
	}
	if (x->service.n_events == 0)
		(void)printf("  (none)\n");
}

/* ---- the whole ---- */

static void
make_job_id(char ret[33])
{
	struct buf hex = BUF_INIT(32);
	unsigned char random[16];

	arc4random_buf(random, sizeof(random));
	buf_put_hex(&hex, random, sizeof(random));
	(void)strlcpy(ret, buf_str(&hex), 33);
	buf_release(&hex);
}

static int
run(struct e2e *x)
{
	x->began_ms = clock_ms();
	x->calls.deadline_ms =
	    x->began_ms + (int64_t)x->options->timeout_s * 1000;
	x->began_real_ms = x->told_event_ms = clock_real_ms();
	make_job_id(x->job_id);
	if (await_service(x) == 0 && send_message(x) == 0 &&
	    await_success(x) == 0)
		return EXITCODE_OK;
	x->calls.deadline_ms = clock_ms() + REPORT_MS;
	show_log(x);
	show_service(x);
	return EXITCODE_FAILED;
}

static int
open_and_run(const struct e2e_options *o, const struct settings *settings)
{
	static struct e2e x; /* zero */
	struct error e;
	int status = EXITCODE_CONFIG;

	x.options = o;
	if (e2e_calls_open(&x.calls, settings, &e) == -1)
		warnx("%s", e.text);
	else
		status = run(&x);
	e2e_calls_release(&x.calls);
	while (x.n_seen > 0)
		free(x.seen[--x.n_seen]);
	return status;
}

int
main(int argc, char **argv)
{
	struct e2e_options o;
	struct settings *settings;
	int status;

	(void)signal(SIGPIPE, SIG_IGN);
	e2e_options_parse(&o, argc, argv);
	settings = tool_settings_load(o.queue_url, NULL, NULL);
	if (settings == NULL)
		return EXITCODE_CONFIG;
	status = open_and_run(&o, settings);
	settings_free(settings);
	return status;
}
