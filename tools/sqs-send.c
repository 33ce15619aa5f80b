/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqs-send: sends messages to a queue, from arguments, from the lines of
 * stdin, or many copies of one for load.
 *
 * Bodies go from a source, which checks them, to a list of pending entries,
 * and from there in batches on up to four requests; entries that fail for no
 * fault of ours go back to the head of the list.  Stdin is read only when
 * there is something to read and room for it, so one wait serves everything.
 * Every body that was read is counted once, as sent or as failed.
 */
#include <sys/queue.h>
#include <sys/signalfd.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/aws/aws_client.h"
#include "common/aws/message.h"
#include "common/aws/sqs.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/json.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"
#include "common/settings/settings.h"
#include "tools/send_failures.h"
#include "tools/send_options.h"
#include "tools/send_source.h"

#include "common/base/banned.h"

enum {
	REQUESTS_MAX = 4, /* in flight */
	TRIES_MAX = 4,    /* of an entry, each of several attempts */
	RETRY_BASE_MS = 200,
	RETRY_CAP_MS = 5000,
	PROGRESS_EVERY_MS = 100,
	PLAIN_ID_MAX = 2048,   /* an id has 127 bytes, an escape ten */
	TELL_AFTER_MS = 10000, /* a failure, while others may join it */
	TOLD_MAX = 64 * 1024 * 1024
};

/* ---- sending ---- */

struct entry { /* a message to send */
	TAILQ_ENTRY(entry) entry;
	long long number;
	unsigned tries;
	size_t len;
	char *body;
	char deduplication_id[SEND_ID_MAX + 1]; /* "": none */
};

TAILQ_HEAD(entry_list, entry);

struct sender;

struct request {
	struct sender *sender;
	struct aws_call *call; /* NULL: free */
	struct entry *entries[SQS_BATCH_MAX];
	size_t n;
};

struct sender {
	const struct send_options *options;
	const struct queue_settings *queue;
	struct aws_client client;
	struct send_source source;
	bool source_ended;
	bool source_dry;
	bool stdin_idle; /* dry, and nothing to read right now */
	bool stopped;    /* before the source's end */
	struct entry_list pending;
	struct entry_list again; /* of the answer being read, to be retried */
	size_t n_pending;
	size_t pending_bytes;
	struct request requests[REQUESTS_MAX];
	size_t n_requests; /* how many of them may be in flight */
	size_t in_flight;
	int64_t resume_ms; /* no request before: a retry's pause */
	long long sent, failed;
	struct send_failures failures; /* that were not told yet */
	int64_t tell_ms;               /* when they are; CLOCK_NEVER: none */
	int signal_fd;
	bool on_terminal;
	bool progress_shown;
	int64_t progress_ms; /* when it was shown */
};

/* What Successful says of an entry; "": it does not mention it. */
struct receipt {
	char message_id[128];
	char md5_of_body[33];
};

static void
clear_progress(struct sender *s)
{
	if (s->progress_shown)
		(void)fputs("\r\033[K", stderr);
	s->progress_shown = false;
}

static void
show_progress(struct sender *s, int64_t now_ms)
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

static void
tell_failures(struct sender *s)
{
	struct buf text = BUF_INIT(TOLD_MAX);

	send_failures_tell(&s->failures, &text, "sqs-send: ", unit_name(s),
	    s->options->verbose);
	clear_progress(s);
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
	/* What is too long is cut: it is for people only. */
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->failed++;
	if (!send_failures_add(&s->failures, number, text, cure)) {
		tell_failures(s);
		(void)send_failures_add(&s->failures, number, text, cure);
	}
	if (s->tell_ms == CLOCK_NEVER)
		s->tell_ms = clock_ms() + TELL_AFTER_MS;
}

/* At once, if no other can join them before stdin has more. */
static void
tell_due_failures(struct sender *s, int64_t now_ms)
{
	if (s->tell_ms <= now_ms ||
	    (s->tell_ms != CLOCK_NEVER && s->source_dry && s->n_pending == 0 &&
		s->in_flight == 0))
		tell_failures(s);
}

/* NULL: whoever reads the error knows as much. */
static const char *
cure_of(const struct error *e)
{
	switch (e->kind) {
	case ERROR_CREDENTIALS:
		return "are these the right credentials, for this account, and "
		       "not expired? see AWS_PROFILE and AWS_ACCESS_KEY_ID";
	case ERROR_OPERATOR:
		if (e->code[0] == '\0')
			break; /* it is ours, and says what to do */
		return "check the queue's URL and region (--queue-url, "
		       "--region), and that the credentials allow "
		       "sqs:SendMessage";
	case ERROR_THROTTLED:
		return "SQS takes no more for now: send these again later";
	case ERROR_RETRY:
		if (e->http_status != 0)
			return "the service has trouble: send these again "
			       "later";
		return "does anything listen there, and is it the right "
		       "endpoint? see --endpoint-url, --queue-url and "
		       "AWS_ENDPOINT_URL; then send these again";
	case ERROR_NONE:
	case ERROR_NOT_OURS:
	case ERROR_INVALID:
		break;
	}
	return NULL;
}

static void
count_success(struct sender *s, const struct entry *e, const struct receipt *r)
{
	struct buf id = BUF_INIT(PLAIN_ID_MAX);

	s->sent++;
	if (!s->options->verbose)
		return;
	clear_progress(s);
	/* SQS's are plain; what answers need not be SQS. */
	plain_puts(&id, r->message_id);
	(void)printf("%lld %s\n", e->number, buf_str(&id));
	buf_release(&id);
}

static void
entry_free(struct entry *e)
{
	free(e->body);
	free(e);
}

static size_t
entry_bytes(const struct sender *s, const struct entry *e)
{
	return e->len + s->options->attributes_bytes;
}

/* A retry keeps the id, so that a FIFO queue never takes an entry twice. */
static void
set_deduplication_id(const struct sender *s, struct entry *e)
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
	struct entry *e = xcalloc(1, sizeof(*e));

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
give_up(struct sender *s, struct entry *e, const struct error *why)
{
	count_failure(s, e->number, cure_of(why), "was not sent: %s%s%s",
	    why->code, why->code[0] != '\0' && why->text[0] != '\0' ? ": " : "",
	    why->text);
	entry_free(e);
}

/* No more is read or sent; what is in flight is waited for. */
static void
stop(struct sender *s, const char *what, const struct error *why)
{
	struct entry *e;

	if (s->stopped)
		return;
	s->stopped = s->source_ended = true;
	clear_progress(s);
	warnx("%s: nothing is read after %s %lld", what, unit_name(s),
	    s->source.number);
	while ((e = TAILQ_FIRST(&s->pending)) != NULL) {
		TAILQ_REMOVE(&s->pending, e, entry);
		give_up(s, e, why);
	}
	s->n_pending = s->pending_bytes = 0;
}

static void
stop_for(struct sender *s, const char *why)
{
	struct error e;

	(void)error_set(&e, ERROR_NONE, "%s", why);
	stop(s, why, &e);
}

/* It goes back to the head of the line, if that was not too often. */
static void
try_again(struct sender *s, struct entry *e, const struct error *why)
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

/* An answer is read: what is to be tried again goes first, in its order. */
static void
put_first(struct sender *s)
{
	TAILQ_CONCAT(&s->again, &s->pending, entry);
	TAILQ_CONCAT(&s->pending, &s->again, entry);
}

static void
on_call_failed(struct request *r, const struct error *e)
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
	/* It would be the same for every batch to come. */
	if (e->kind == ERROR_OPERATOR || e->kind == ERROR_CREDENTIALS)
		stop(r->sender, "giving up", e);
}

/* Stored, but is it what we sent? */
static void
on_sent(struct sender *s, struct entry *e, const struct receipt *r)
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
on_entry(struct sender *s, struct entry *e,
    const struct sqs_entry_result *result, const struct receipt *r)
{
	struct error why;

	if (result->answered && !result->failed) {
		on_sent(s, e, r);
		return;
	}
	/* There is nothing to do about it but to send it again. */
	(void)error_set(&why, ERROR_NONE, "%s",
	    result->answered ? result->text : "the answer does not mention it");
	if (result->answered)
		(void)strlcpy(why.code, result->code, sizeof(why.code));
	if (result->answered && result->sender_fault)
		give_up(s, e, &why);
	else
		try_again(s, e, &why);
}

struct receipt_reader {
	struct receipt *receipts;
	size_t n;
	long long id; /* of the current entry; -1: not seen yet */
	struct receipt current;
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
	struct receipt_reader *r = arg;
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

static int
parse_answer(struct span answer, struct sqs_entry_result *results,
    struct receipt *receipts, size_t n, struct error *e)
{
	struct receipt_reader reader = { .receipts = receipts,
		.n = n,
		.id = -1 };

	memset(receipts, 0, n * sizeof(*receipts));
	if (sqs_parse_batch(answer, results, n, e) == -1)
		return -1;
	return json_parse(answer, on_receipt_value, &reader, e);
}

static void
on_answer(void *arg, struct span answer, const struct error *e)
{
	struct request *r = arg;
	struct sqs_entry_result results[SQS_BATCH_MAX];
	struct receipt receipts[SQS_BATCH_MAX];
	struct error broken;
	size_t i;

	r->call = NULL;
	r->sender->in_flight--;
	if (e == NULL &&
	    parse_answer(answer, results, receipts, r->n, &broken) == -1)
		e = &broken;
	if (e != NULL) {
		on_call_failed(r, e);
		return;
	}
	for (i = 0; i < r->n; i++)
		on_entry(r->sender, r->entries[i], &results[i], &receipts[i]);
	put_first(r->sender);
}

static struct request *
free_request(struct sender *s)
{
	size_t i;

	for (i = 0; i < s->n_requests; i++)
		if (s->requests[i].call == NULL)
			return &s->requests[i];
	return NULL;
}

/* Moves what fits in one batch from the pending to the request. */
static void
take_batch(struct sender *s, struct request *r)
{
	size_t bytes = 0;
	struct entry *e;

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
send_batch(struct sender *s, struct request *r)
{
	const struct send_options *o = s->options;
	struct sqs_entry entries[SQS_BATCH_MAX];
	struct buf body = BUF_INIT(SQS_REQUEST_MAX);
	size_t i;

	take_batch(s, r);
	for (i = 0; i < r->n; i++) {
		const struct entry *e = r->entries[i];

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
 * Full batches go at once.  A rest goes at the end of the source, or when
 * nothing is in flight and stdin lets it wait.
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

static void
advance(struct sender *s, int64_t now_ms)
{
	aws_step(s->client.aws, now_ms);
	fill_pending(s);
	while (may_send(s, now_ms)) {
		send_batch(s, free_request(s));
		fill_pending(s);
	}
}

/* A second signal has its default effect. */
static void
on_signal(struct sender *s)
{
	struct signalfd_siginfo info;
	sigset_t none;

	if (read(s->signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	stop_for(s, "interrupted");
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
wait_for_something(struct sender *s, int64_t now_ms)
{
	struct curl_waitfd fds[2] = { { .fd = s->signal_fd,
					  .events = CURL_WAIT_POLLIN },
		{ .fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN } };
	int64_t deadline = aws_deadline(s->client.aws);
	bool wants_stdin = s->source_dry && !s->source_ended;

	deadline = clock_earlier(deadline, s->tell_ms);
	if (s->n_pending > 0 && s->in_flight < s->n_requests &&
	    s->resume_ms > now_ms)
		deadline = clock_earlier(deadline, s->resume_ms);
	/* A rest that could go: only look whether stdin has more. */
	if (wants_stdin && s->n_pending > 0 && s->in_flight == 0 &&
	    s->resume_ms <= now_ms)
		deadline = now_ms;
	http_wait(s->client.http, fds, wants_stdin ? 2 : 1,
	    clock_timeout_ms(now_ms, deadline, 60000));
	if (fds[0].revents != 0)
		on_signal(s);
	s->stdin_idle = wants_stdin && fds[1].revents == 0;
	if (wants_stdin && fds[1].revents != 0)
		send_source_read(&s->source);
}

static void
run(struct sender *s)
{
	int64_t now_ms;

	while (now_ms = clock_ms(), advance(s, now_ms),
	    !s->source_ended || s->n_pending > 0 || s->in_flight > 0) {
		show_progress(s, now_ms);
		tell_due_failures(s, now_ms);
		/* Nobody learns the ids that were asked for. */
		if (!s->source_ended && ferror(stdout))
			stop_for(s, "cannot write to stdout");
		wait_for_something(s, now_ms);
	}
	clear_progress(s);
	tell_failures(s);
}

/* ---- the rest ---- */

static void
on_problem(void *arg, const char *message)
{
	(void)arg;
	warnx("%s", message);
}

/* The same rules for queue, region, endpoint and CA as sqsherd's own. */
static struct settings *
load_settings(const struct send_options *o)
{
	char program[] = "true"; /* required, never run */
	char *const command[] = { program, NULL };
	const char *assignments[2];
	char *owned[2] = { NULL, NULL };
	struct settings_input in = { .assignments = assignments,
		.queue_url = o->queue_url,
		.command = command,
		.environ_ = environ };
	struct settings *s;
	size_t i;

	if (o->endpoint_url != NULL)
		owned[in.n_assignments++] =
		    xasprintf("endpoint_url=%s", o->endpoint_url);
	if (o->region != NULL)
		owned[in.n_assignments++] = xasprintf("region=%s", o->region);
	for (i = 0; i < in.n_assignments; i++)
		assignments[i] = owned[i];
	s = settings_load(&in, on_problem, NULL);
	for (i = 0; i < nitems(owned); i++)
		free(owned[i]);
	return s;
}

/*
 * A closed standard descriptor would be taken by a socket, which would then
 * get our output.  What is opened in its place fails for the use that the
 * descriptor has.
 */
static void
hold_standard_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			exit(EXITCODE_INTERNAL);
}

/* What is ignored, as under nohup(1), stays so. */
static int
open_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction now;
	sigset_t set;
	size_t i;
	int fd;

	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (i = 0; i < nitems(signals); i++)
		if (sigaction(signals[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		err(EXITCODE_INTERNAL, "cannot open signals");
	return fd;
}

static int
send_all(const struct send_options *o, const struct settings *settings)
{
	static struct sender s; /* zero */
	struct error e;

	s.options = o;
	s.tell_ms = CLOCK_NEVER;
	s.queue = &settings->queues[0];
	s.n_requests = s.queue->fifo ? 1 : REQUESTS_MAX;
	s.on_terminal = isatty(STDERR_FILENO) == 1;
	TAILQ_INIT(&s.pending);
	TAILQ_INIT(&s.again);
	s.signal_fd = open_signals();
	if (aws_client_open(&s.client, settings, s.queue, NULL, &e) == -1) {
		warnx("%s", e.text);
		return EXITCODE_CONFIG;
	}
	send_source_open(&s.source, o);
	run(&s);
	aws_client_close(&s.client);
	send_source_release(&s.source);
	(void)close(s.signal_fd);
	(void)printf("sent %lld, failed %lld\n", s.sent, s.failed);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		warnx("cannot write to stdout");
		return EXITCODE_FAILED;
	}
	return s.failed == 0 && !s.stopped ? EXITCODE_OK : EXITCODE_FAILED;
}

int
main(int argc, char **argv)
{
	struct send_options o;
	struct settings *settings;
	int status;

	hold_standard_descriptors();
	send_options_parse(&o, argc, argv);
	settings = load_settings(&o);
	if (settings == NULL)
		return EXITCODE_CONFIG;
	send_options_check_queue(&o, &settings->queues[0]);
	status = send_all(&o, settings);
	settings_free(settings);
	return status;
}
