/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqs-e2e: does a deployed service work?  Waits until the ECS service is
 * stable, sends one message, and looks in CloudWatch Logs for the record in
 * which sqsherd says that it was done.  Says what it sees as it goes; at a
 * failure it shows what a person would look at next.
 *
 * One call at a time, each waited for: nothing else goes on meanwhile.
 */
#include <err.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/aws/aws_client.h"
#include "common/aws/sqs.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/json.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"
#include "common/http/aws_endpoint.h"
#include "common/settings/settings.h"
#include "tools/cloudwatch_logs.h"
#include "tools/ecs_service.h"

#include "common/base/banned.h"

enum {
	TIMEOUT_S = 900,
	TIMEOUT_MAX_S = 86400,
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

static const char usage_text[] =
    "usage: sqs-e2e --queue-url URL --log-group NAME --cluster-arn ARN\n"
    "               --service-name NAME [--timeout SECONDS] [--body TEXT]\n"
    "\n"
    "Waits until the ECS service is stable, sends a message, and finds the\n"
    "record of its success in CloudWatch Logs.\n"
    "\n"
    "      --queue-url URL     the queue (default: $SQS_QUEUE_URL)\n"
    "      --log-group NAME    where the service's containers log to\n"
    "      --cluster-arn ARN   the cluster, or its name\n"
    "      --service-name NAME the service\n"
    "      --timeout SECONDS   for everything (default: 900)\n"
    "      --body TEXT         of the message; %s in it becomes the job id\n"
    "                          (default: {\"job_id\":\"%s\"})\n"
    "  -h, --help\n"
    "      --version\n"
    "\n"
    "Settings and credentials come from the environment, as for sqsherd.\n"
    "Exit status: 0 the message was done, 1 it was not, 64 wrong usage,\n"
    "78 wrong configuration.\n";

struct options {
	const char *queue_url, *log_group, *cluster, *service, *body;
	int timeout_s;
};

/* ---- options ---- */

static _Noreturn void __attribute__((format(printf, 1, 2)))
usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarnx(fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "try 'sqs-e2e --help'\n");
	exit(EXITCODE_USAGE);
}

enum {
	OPTION_QUEUE_URL = 256,
	OPTION_LOG_GROUP,
	OPTION_CLUSTER_ARN,
	OPTION_SERVICE_NAME,
	OPTION_TIMEOUT,
	OPTION_BODY,
	OPTION_VERSION
};

static int
timeout_option(const char *text)
{
	const char *problem;
	long long n = strtonum(text, 1, TIMEOUT_MAX_S, &problem);

	if (problem != NULL)
		usage_error("--timeout '%s': %s, it goes from 1 to %d", text,
		    problem, TIMEOUT_MAX_S);
	return (int)n;
}

static _Noreturn void
exit_after(const char *text)
{
	(void)fputs(text, stdout);
	exit(fflush(stdout) == 0 ? EXITCODE_OK : EXITCODE_FAILED);
}

static void
take_option(struct options *o, int option)
{
	switch (option) {
	case OPTION_QUEUE_URL:
		o->queue_url = optarg;
		break;
	case OPTION_LOG_GROUP:
		o->log_group = optarg;
		break;
	case OPTION_CLUSTER_ARN:
		o->cluster = optarg;
		break;
	case OPTION_SERVICE_NAME:
		o->service = optarg;
		break;
	case OPTION_TIMEOUT:
		o->timeout_s = timeout_option(optarg);
		break;
	case OPTION_BODY:
		o->body = optarg;
		break;
	case 'h':
		exit_after(usage_text);
	case OPTION_VERSION:
		exit_after("sqs-e2e " SQSHERD_VERSION "\n");
	default: /* getopt_long said what is wrong */
		exit(EXITCODE_USAGE);
	}
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = { { "queue-url", required_argument,
						   NULL, OPTION_QUEUE_URL },
		{ "log-group", required_argument, NULL, OPTION_LOG_GROUP },
		{ "cluster-arn", required_argument, NULL, OPTION_CLUSTER_ARN },
		{ "service-name", required_argument, NULL,
		    OPTION_SERVICE_NAME },
		{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
		{ "body", required_argument, NULL, OPTION_BODY },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, OPTION_VERSION },
		{ NULL, 0, NULL, 0 } };
	int option;

	*o = (struct options){ .timeout_s = TIMEOUT_S,
		.body = "{\"job_id\":\"%s\"}" };
	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		take_option(o, option);
	if (optind < argc)
		usage_error("'%s': there are no arguments but options",
		    argv[optind]);
	if (o->log_group == NULL)
		usage_error("--log-group is missing");
	if (o->cluster == NULL)
		usage_error("--cluster-arn is missing");
	if (o->service == NULL)
		usage_error("--service-name is missing");
}

/* ---- one run ---- */

enum api {
	API_SQS,
	API_ECS,
	API_LOGS
};

struct e2e {
	const struct options *options;
	const struct settings *settings;
	const struct queue_settings *queue;
	struct aws_client sqs;
	struct aws_client other; /* its aws is that of the API in use */
	enum api api;            /* API_SQS: none yet */
	int64_t began_ms, deadline_ms;
	int64_t began_real_ms, sent_real_ms;
	char job_id[33];
	char message_id[128];
	struct ecs_service service; /* as it was told last */
	char told[512];             /* what was said about it */
	int64_t told_event_ms;
	char *seen[SEEN_MAX]; /* ids of log events that were shown */
	size_t n_seen;
	bool done, rejected; /* what the log said about our message */
};

/* A log and an answer may hold anything, and this may be a terminal. */
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
	/* What is too long is cut: it is for people only. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_line(prefix, span_of(text));
}

/* ---- calls ---- */

struct answer {
	bool over;
	int result;
	struct buf body;
	struct error error;
};

static void
on_answer(void *arg, struct span body, const struct error *e)
{
	struct answer *a = arg;

	a->over = true;
	a->result = e == NULL ? 0 : -1;
	if (e != NULL)
		a->error = *e;
	else
		buf_append(&a->body, body.p, body.len);
}

static const struct {
	const char *service, *target, *endpoint_variable;
} apis[] = {
	[API_ECS] = { "ecs", "AmazonEC2ContainerServiceV20141113",
	    "AWS_ENDPOINT_URL_ECS" },
	[API_LOGS] = { "logs", "Logs_20140328",
	    "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" },
};

static int
endpoint_of(const struct e2e *x, enum api api, char *ret, size_t size)
{
	const struct aws_endpoint_variant plain = { false, false };
	const char *url = getenv(apis[api].endpoint_variable);

	if (url == NULL || url[0] == '\0')
		url = getenv("AWS_ENDPOINT_URL");
	if (url != NULL && url[0] != '\0')
		return strlcpy(ret, url, size) < size ? 0 : -1;
	return aws_endpoint_of_region(apis[api].service, x->queue->region,
	    plain, ret, size);
}

/* Credentials tell one aws at a time of their changes: the last one made. */
static int
use_api(struct e2e *x, enum api api, struct error *e)
{
	const struct settings *s = x->settings;
	char endpoint[1024];
	const struct aws_options options = { .service = apis[api].service,
		.target = apis[api].target,
		.json_1_1 = true,
		.region = x->queue->region,
		.endpoint_url = endpoint,
		.connect_timeout_ms = s->connect_timeout_ms,
		.request_timeout_ms = s->request_timeout_ms,
		.max_attempts = (unsigned)s->max_attempts };

	if (x->api == api)
		return 0;
	if (endpoint_of(x, api, endpoint, sizeof(endpoint)) == -1)
		return error_set(e, ERROR_INVALID, "no endpoint for \"%s\"",
		    apis[api].service);
	aws_free(x->other.aws);
	x->other.aws = aws_new(x->other.http, x->other.credentials, &options);
	x->api = api;
	return 0;
}

/* One call; body is taken over, ret_answer is the caller's to release. */
static int
call(struct e2e *x, enum api api, const char *operation, struct buf *body,
    struct buf *ret_answer, struct error *e)
{
	struct aws_client *c = api == API_SQS ? &x->sqs : &x->other;
	struct answer a = { .body = BUF_INIT(SQS_ANSWER_MAX) };
	struct aws_call *under_way;
	int64_t now_ms;

	if (api != API_SQS && use_api(x, api, e) == -1) {
		buf_release(body);
		return -1;
	}
	under_way = aws_start(c->aws, operation, body, 0, on_answer, &a);
	while (now_ms = clock_ms(), aws_step(c->aws, now_ms), !a.over) {
		if (now_ms >= x->deadline_ms) {
			aws_cancel(under_way);
			return error_set(e, ERROR_RETRY, "the time is over");
		}
		http_wait(c->http, NULL, 0,
		    clock_timeout_ms(now_ms,
			clock_earlier(aws_deadline(c->aws), x->deadline_ms),
			1000));
	}
	if (a.result == -1) {
		*e = a.error;
		buf_release(&a.body);
	} else {
		*ret_answer = a.body;
	}
	return a.result;
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

/* Until the next look; returns false when the time is over. */
static bool
pause_for(const struct e2e *x, int ms)
{
	int64_t now_ms = clock_ms();

	if (now_ms >= x->deadline_ms)
		return false;
	(void)poll(NULL, 0, clock_timeout_ms(now_ms, x->deadline_ms, ms));
	return true;
}

/* ---- the service ---- */

static int
describe_service(struct e2e *x, struct error *e)
{
	struct buf body = BUF_INIT(REQUEST_MAX), answer;
	int result;

	ecs_service_describe(&body, x->options->cluster, x->options->service);
	if (call(x, API_ECS, "DescribeServices", &body, &answer, e) == -1)
		return -1;
	result = ecs_service_parse(buf_span(&answer), &x->service, e);
	buf_release(&answer);
	return result;
}

/* What ECS itself said since we began, the oldest first. */
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

/* Is there no hope for the service? */
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
on_sent_value(void *arg, const struct json_path *path,
    const struct json_value *v)
{
	struct e2e *x = arg;

	if (path->depth == 3 && v->type == JSON_STRING &&
	    json_key_is(&path->level[0], "Successful") &&
	    json_key_is(&path->level[2], "MessageId"))
		(void)snprintf(x->message_id, sizeof(x->message_id), "%.*s",
		    (int)v->text.len, v->text.p);
	return 0;
}

static int
read_message_id(struct e2e *x, struct span answer, struct error *e)
{
	struct sqs_entry_result result;

	if (sqs_parse_batch(answer, &result, 1, e) == -1 ||
	    json_parse(answer, on_sent_value, x, e) == -1)
		return -1;
	if (result.failed)
		return error_set(e, ERROR_INVALID, "%s: %s", result.code,
		    result.text);
	/* It goes into a filter pattern, in quotes. */
	if (!result.answered || x->message_id[0] == '\0' ||
	    strpbrk(x->message_id, "\"\\") != NULL)
		return error_set(e, ERROR_INVALID,
		    "the answer has no message id");
	return 0;
}

/*
 * If the answer is lost the message may be in the queue twice; a FIFO queue
 * knows the two apart by their deduplication id.
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
	if (x->queue->fifo)
		entry.group_id = entry.deduplication_id = x->job_id;
	sqs_send_message_batch(&body, x->queue->queue_url, &entry, 1);
	x->sent_real_ms = clock_real_ms();
	result = call(x, API_SQS, "SendMessageBatch", &body, &answer, &e);
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

struct record {
	char event[32], id[128], outcome[32];
};

static int
on_record_value(void *arg, const struct json_path *path,
    const struct json_value *v)
{
	struct record *r = arg;
	const struct {
		const char *key;
		char *to;
		size_t size;
	} members[] = {
		{ "event", r->event, sizeof(r->event) },
		{ "id", r->id, sizeof(r->id) },
		{ "outcome", r->outcome, sizeof(r->outcome) },
	};
	size_t i;

	if (path->depth != 1 || v->type != JSON_STRING)
		return 0;
	for (i = 0; i < nitems(members); i++)
		if (json_key_is(&path->level[0], members[i].key))
			(void)snprintf(members[i].to, members[i].size, "%.*s",
			    (int)v->text.len, v->text.p);
	return 0;
}

/* The last word about our message is sqsherd's record of it. */
static void
examine(struct e2e *x, struct span line)
{
	struct record r = { .event = "" };

	if (json_parse(line, on_record_value, &r, NULL) == -1 ||
	    strcmp(r.event, "message") != 0 || strcmp(r.id, x->message_id) != 0)
		return;
	if (strcmp(r.outcome, "deleted") == 0)
		x->done = true;
	else if (strcmp(r.outcome, "rejected") == 0)
		x->rejected = true;
}

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
	examine(x, event->message);
}

/* All pages: one without events need not be the last. */
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
		result =
		    call(x, API_LOGS, "FilterLogEvents", &body, &answer, e);
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
on_problem(void *arg, const char *message)
{
	(void)arg;
	warnx("%s", message);
}

static struct settings *
load_settings(const struct options *o)
{
	char program[] = "true"; /* required, never run */
	char *const command[] = { program, NULL };
	const struct settings_input in = { .queue_url = o->queue_url,
		.command = command,
		.environ_ = environ };

	return settings_load(&in, on_problem, NULL);
}

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
	x->deadline_ms = x->began_ms + (int64_t)x->options->timeout_s * 1000;
	x->began_real_ms = x->told_event_ms = clock_real_ms();
	make_job_id(x->job_id);
	if (await_service(x) == 0 && send_message(x) == 0 &&
	    await_success(x) == 0)
		return EXITCODE_OK;
	x->deadline_ms = clock_ms() + REPORT_MS;
	show_log(x);
	show_service(x);
	return EXITCODE_FAILED;
}

static int
open_and_run(const struct options *o, const struct settings *settings)
{
	static struct e2e x; /* zero */
	struct error e;
	int status = EXITCODE_CONFIG;

	x.options = o;
	x.settings = settings;
	x.queue = &settings->queues[0];
	if (aws_client_open(&x.sqs, settings, x.queue, NULL, &e) == -1 ||
	    aws_client_open(&x.other, settings, x.queue, NULL, &e) == -1)
		warnx("%s", e.text);
	else
		status = run(&x);
	aws_client_close(&x.other);
	aws_client_close(&x.sqs);
	while (x.n_seen > 0)
		free(x.seen[--x.n_seen]);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct settings *settings;
	int status;

	(void)signal(SIGPIPE, SIG_IGN);
	parse_options(&o, argc, argv);
	settings = load_settings(&o);
	if (settings == NULL)
		return EXITCODE_CONFIG;
	status = open_and_run(&o, settings);
	settings_free(settings);
	return status;
}
