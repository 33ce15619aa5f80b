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
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/backoff.h"
#include "common/client.h"
#include "common/clock.h"
#include "common/exitcode.h"
#include "common/json.h"
#include "common/message.h"
#include "common/settings.h"
#include "common/sqs.h"
#include "common/xalloc.h"

#include "common/banned.h"

enum {
	ATTRIBUTES_MAX = 10,
	ATTRIBUTE_NAME_MAX = 256,
	ID_MAX = 128, /* of a group or deduplication id */
	DELAY_MAX_S = 900,
	COUNT_MAX = 1000000000,
	REQUESTS_MAX = 4, /* in flight */
	READ_BYTES = 64 * 1024,
	TRIES_MAX = 4, /* of an entry, each of several attempts */
	RETRY_BASE_MS = 200,
	RETRY_CAP_MS = 5000,
	PROGRESS_EVERY_MS = 100
};

static const char usage_text[] =
    "usage: sqs-send [options] [--] [body...]\n"
    "\n"
    "Sends each body as a message; without bodies, each line of stdin.\n"
    "\n"
    "  -q, --queue-url URL     the queue (default: $SQS_QUEUE_URL)\n"
    "      --endpoint-url URL  where to send requests, if not the queue's host\n"
    "      --region REGION     if it is not in the queue's URL\n"
    "  -d, --delay SECONDS     deliver later, up to 900 (standard queues)\n"
    "  -g, --group ID          message group; required for FIFO queues\n"
    "  -D, --dedup ID          deduplication id (FIFO): of one body as it is,\n"
    "                          of many ID-1, ID-2, ... by line or argument, so\n"
    "                          that a run can be repeated; without it random\n"
    "      --content-dedup     send none: the queue takes it from the content\n"
    "  -a, --attribute NAME=VALUE or NAME:TYPE=VALUE\n"
    "                          up to 10; TYPE is String (default) or Number,\n"
    "                          with an optional .label\n"
    "      --count N           send the one body N times; %d in it becomes 1..N\n"
    "  -v, --verbose           print the number and message id of each\n"
    "  -h, --help\n"
    "      --version\n"
    "\n"
    "A request whose answer is lost is sent again.  On a standard queue that\n"
    "can make duplicates; on a FIFO queue the deduplication id prevents them.\n"
    "A FIFO queue gets one request at a time, in order; an entry that SQS\n"
    "refuses alone in its batch may still end up behind its successors.\n"
    "\n"
    "Settings and credentials come from the environment, as for sqsherd.\n"
    "Exit status: 0 all were sent, 1 some were not, 64 wrong usage,\n"
    "78 wrong configuration.\n";

/* ---- options ---- */

struct options {
	const char *queue_url, *endpoint_url, *region;
	const char *group_id, *deduplication_id;
	bool content_dedup;
	bool verbose;
	int delay_s;     /* -1: the queue's */
	long long count; /* 0: not given */
	char *const *bodies;
	size_t n_bodies;
	struct sqs_attribute attributes[ATTRIBUTES_MAX];
	size_t n_attributes;
	size_t attributes_bytes; /* they count as the body does */
};

static _Noreturn void __attribute__((format(printf, 1, 2)))
usage_error(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarnx(fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "try 'sqs-send --help'\n");
	exit(EXITCODE_USAGE);
}

/*
 * SQS API Reference, SendMessage: a body holds #x9, #xA, #xD, #x20 to #xD7FF,
 * #xE000 to #xFFFD and #x10000 to #x10FFFF.  UTF-8 has no surrogates, so what
 * is left to look for are control characters, U+FFFE and U+FFFF.
 */
static bool
is_legal(struct span text)
{
	const unsigned char *p = (const unsigned char *)text.p;
	size_t i;

	if (!span_is_utf8(text))
		return false;
	for (i = 0; i < text.len; i++) {
		if (p[i] < ' ' && p[i] != '\t' && p[i] != '\n' && p[i] != '\r')
			return false;
		if (p[i] == 0xEF && p[i + 1] == 0xBF && p[i + 2] >= 0xBE)
			return false;
	}
	return true;
}

/* Group and deduplication ids: letters, digits and punctuation of ASCII. */
static const char *
check_id(const char *option, const char *id, size_t max)
{
	size_t len = strlen(id), i;

	for (i = 0; i < len && id[i] > ' ' && id[i] < 0x7F; i++)
		continue;
	if (i < len || len == 0 || len > max)
		usage_error("%s '%s': an id has 1 to %zu letters, digits or "
			    "punctuation characters",
		    option, id, max);
	return id;
}

static bool
attribute_name_is_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= ATTRIBUTE_NAME_MAX &&
	    strspn(name,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789_.-") == len &&
	    name[0] != '.' && name[len - 1] != '.' &&
	    strstr(name, "..") == NULL && strncasecmp(name, "aws.", 4) != 0 &&
	    strncasecmp(name, "amazon.", 7) != 0;
}

/* "String" or "Number", each with an optional ".label". */
static bool
attribute_type_is_valid(const char *type)
{
	size_t base = strcspn(type, ".");

	return base == 6 && strlen(type) <= ATTRIBUTE_NAME_MAX &&
	    (strncmp(type, "String", 6) == 0 ||
		strncmp(type, "Number", 6) == 0) &&
	    strcmp(type + base, ".") != 0 && is_legal(span_of(type));
}

/* text is cut up in its place: the command line lives as long as we do. */
static void
add_attribute(struct options *o, char *text)
{
	char *value = strchr(text, '=');
	char *type;
	size_t i;

	if (value == NULL)
		usage_error("-a '%s': there is no '='", text);
	*value++ = '\0';
	type = strchr(text, ':');
	if (type != NULL)
		*type++ = '\0';
	if (!attribute_name_is_valid(text))
		usage_error(
		    "-a '%s': a name has 1 to 256 letters, digits, "
		    "'_', '-' and single dots inside, and does not begin with "
		    "'AWS.' or 'Amazon.'",
		    text);
	if (type != NULL && !attribute_type_is_valid(type))
		usage_error("-a '%s': the type '%s' is not String or Number "
			    "with an optional .label",
		    text, type);
	if (value[0] == '\0' || !is_legal(span_of(value)))
		usage_error("-a '%s': the value is empty or has characters "
			    "that SQS does not allow",
		    text);
	for (i = 0; i < o->n_attributes; i++)
		if (strcmp(o->attributes[i].name, text) == 0)
			usage_error("-a '%s': given twice", text);
	if (o->n_attributes == ATTRIBUTES_MAX)
		usage_error("-a '%s': a message has at most %d attributes",
		    text, ATTRIBUTES_MAX);
	o->attributes[o->n_attributes++] = (struct sqs_attribute){ text,
		type != NULL ? type : "String", value };
	o->attributes_bytes += strlen(text) + strlen(value) +
	    (type != NULL ? strlen(type) : strlen("String"));
}

static long long
number_option(const char *option, const char *text, long long min,
    long long max)
{
	const char *problem;
	long long n = strtonum(text, min, max, &problem);

	if (problem != NULL)
		usage_error("%s '%s': %s, it goes from %lld to %lld", option,
		    text, problem, min, max);
	return n;
}

static bool
is_one_message(const struct options *o)
{
	return o->count == 0 && o->n_bodies == 1;
}

/* What can be said without knowing the queue. */
static void
check_options(const struct options *o)
{
	/* Derived ids append a number of at most 19 digits. */
	size_t suffix = is_one_message(o) ? 0 : 20;

	if (o->group_id != NULL)
		check_id("-g", o->group_id, ID_MAX);
	if (o->deduplication_id != NULL)
		check_id("-D", o->deduplication_id, ID_MAX - suffix);
	if (o->deduplication_id != NULL && o->content_dedup)
		usage_error("-D and --content-dedup exclude each other");
	if (o->count > 0 && o->n_bodies != 1)
		usage_error("--count takes exactly one body");
	if (o->attributes_bytes >= SQS_MESSAGE_MAX)
		usage_error("the attributes alone are larger than a message");
}

static void
check_against_queue(const struct options *o, const struct queue_settings *q)
{
	if (q->fifo && o->group_id == NULL)
		usage_error("'%s' is a FIFO queue: give a group with -g",
		    q->queue_url);
	if (q->fifo && o->delay_s >= 0)
		usage_error("-d: '%s' is a FIFO queue, which delays only as a "
			    "whole",
		    q->queue_url);
	if (!q->fifo && (o->deduplication_id != NULL || o->content_dedup))
		usage_error("-D and --content-dedup are for FIFO queues, "
			    "'%s' is none",
		    q->queue_url);
}

enum {
	OPTION_ENDPOINT_URL = 256,
	OPTION_REGION,
	OPTION_CONTENT_DEDUP,
	OPTION_COUNT,
	OPTION_VERSION
};

static void
take_option(struct options *o, int option)
{
	switch (option) {
	case 'q':
		o->queue_url = optarg;
		break;
	case OPTION_ENDPOINT_URL:
		o->endpoint_url = optarg;
		break;
	case OPTION_REGION:
		o->region = optarg;
		break;
	case 'd':
		o->delay_s = (int)number_option("-d", optarg, 0, DELAY_MAX_S);
		break;
	case 'g':
		o->group_id = optarg;
		break;
	case 'D':
		o->deduplication_id = optarg;
		break;
	case OPTION_CONTENT_DEDUP:
		o->content_dedup = true;
		break;
	case 'a':
		add_attribute(o, optarg);
		break;
	case OPTION_COUNT:
		o->count = number_option("--count", optarg, 1, COUNT_MAX);
		break;
	case 'v':
		o->verbose = true;
		break;
	case 'h':
		(void)fputs(usage_text, stdout);
		exit(fflush(stdout) == 0 ? EXITCODE_OK : EXITCODE_FAILED);
	case OPTION_VERSION:
		(void)puts("sqs-send " SQSHERD_VERSION);
		exit(fflush(stdout) == 0 ? EXITCODE_OK : EXITCODE_FAILED);
	default: /* getopt_long said what is wrong */
		exit(EXITCODE_USAGE);
	}
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	static const struct option longs[] = { { "queue-url", required_argument,
						   NULL, 'q' },
		{ "endpoint-url", required_argument, NULL,
		    OPTION_ENDPOINT_URL },
		{ "region", required_argument, NULL, OPTION_REGION },
		{ "delay", required_argument, NULL, 'd' },
		{ "group", required_argument, NULL, 'g' },
		{ "dedup", required_argument, NULL, 'D' },
		{ "content-dedup", no_argument, NULL, OPTION_CONTENT_DEDUP },
		{ "attribute", required_argument, NULL, 'a' },
		{ "count", required_argument, NULL, OPTION_COUNT },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, OPTION_VERSION },
		{ NULL, 0, NULL, 0 } };
	int option;

	memset(o, 0, sizeof(*o));
	o->delay_s = -1;
	while ((option = getopt_long(argc, argv, "+q:d:g:D:a:vh", longs,
		    NULL)) != -1)
		take_option(o, option);
	o->bodies = argv + optind;
	o->n_bodies = (size_t)(argc - optind);
	check_options(o);
}

/* ---- the source of bodies ---- */

enum source_state {
	SOURCE_BODY,
	SOURCE_BAD, /* a body that cannot be sent */
	SOURCE_DRY, /* stdin must be read first */
	SOURCE_END
};

struct source {
	const struct options *options;
	long long number; /* of the last body, from 1 */
	struct buf text;  /* the template filled in, or what was read */
	/* of stdin: */
	size_t at; /* where the next line begins in text */
	bool eof;
	bool skipping; /* the rest of a line that was too long */
};

struct item {
	struct span body; /* borrowed until the next call */
	char problem[96];
};

static void
source_open(struct source *s, const struct options *o)
{
	memset(s, 0, sizeof(*s));
	s->options = o;
	/* From stdin: a line that is just too long, and what was read with
	   it. */
	buf_init(&s->text, SQS_MESSAGE_MAX + 2 * READ_BYTES);
}

static enum source_state __attribute__((format(printf, 2, 3)))
bad(struct item *ret, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(ret->problem, sizeof(ret->problem), fmt, ap);
	va_end(ap);
	return SOURCE_BAD;
}

static enum source_state
check_body(const struct options *o, struct item *ret)
{
	size_t len = ret->body.len;

	if (len == 0)
		return bad(ret, "is empty");
	if (len + o->attributes_bytes > SQS_MESSAGE_MAX)
		return bad(ret, "is larger than 1 MiB%s",
		    o->n_attributes > 0 ? " with its attributes" : "");
	if (memchr(ret->body.p, '\0', len) != NULL)
		return bad(ret, "holds a NUL byte");
	if (!is_legal(ret->body))
		return bad(ret,
		    "is not UTF-8 or holds characters that SQS "
		    "does not allow");
	return SOURCE_BODY;
}

/* The template with its number in place of each "%d". */
static struct span
fill_template(struct source *s)
{
	const char *p = s->options->bodies[0];
	const char *mark;

	buf_reset(&s->text);
	while ((mark = strstr(p, "%d")) != NULL) {
		buf_append(&s->text, p, (size_t)(mark - p));
		buf_put_int(&s->text, s->number);
		p = mark + 2;
	}
	buf_puts(&s->text, p);
	return buf_span(&s->text);
}

static enum source_state
next_argument(struct source *s, struct item *ret)
{
	const struct options *o = s->options;
	long long last = o->count > 0 ? o->count : (long long)o->n_bodies;

	if (s->number == last)
		return SOURCE_END;
	s->number++;
	ret->body =
	    o->count > 0 ? fill_template(s) : span_of(o->bodies[s->number - 1]);
	if (s->text.overflow)
		return bad(ret, "is larger than 1 MiB");
	return check_body(o, ret);
}

/* Takes the next line out of the text, without its newline. */
static enum source_state
take_line(struct source *s, struct span *ret)
{
	size_t left = s->text.len - s->at;
	const char *from = buf_str(&s->text) + s->at;
	const char *newline = left > 0 ? memchr(from, '\n', left) : NULL;

	if (newline == NULL && !s->eof && left <= SQS_MESSAGE_MAX)
		return SOURCE_DRY;
	if (newline == NULL && left == 0)
		return SOURCE_END;
	ret->p = from;
	ret->len = newline != NULL ? (size_t)(newline - from) : left;
	s->at += ret->len + (newline != NULL);
	if (newline == NULL && !s->eof)
		s->skipping = true;
	s->number++;
	return SOURCE_BODY;
}

/* Drops the text up to the end of a line of which nothing is wanted. */
static void
skip_rest_of_line(struct source *s)
{
	size_t left = s->text.len - s->at;
	const char *from = buf_str(&s->text) + s->at;
	const char *newline = left > 0 ? memchr(from, '\n', left) : NULL;

	s->at = newline != NULL ? (size_t)(newline + 1 - buf_str(&s->text))
				: s->text.len;
	if (newline != NULL || s->eof)
		s->skipping = false;
}

static enum source_state
next_line(struct source *s, struct item *ret)
{
	enum source_state state;

	if (s->skipping)
		skip_rest_of_line(s);
	if (s->skipping)
		return SOURCE_DRY;
	state = take_line(s, &ret->body);
	return state == SOURCE_BODY ? check_body(s->options, ret) : state;
}

static enum source_state
source_next(struct source *s, struct item *ret)
{
	return s->options->n_bodies > 0 ? next_argument(s, ret)
					: next_line(s, ret);
}

/* Reads once from stdin, which has something. */
static void
source_read(struct source *s)
{
	ssize_t n;
	char *to;

	/* What is left of the text is less than a line: move it to the
	   front. */
	if (s->at > 0) {
		memmove(s->text.data, s->text.data + s->at,
		    s->text.len - s->at);
		s->text.len -= s->at;
		s->at = 0;
	}
	to = buf_reserve(&s->text, READ_BYTES);
	n = read(STDIN_FILENO, to, READ_BYTES);
	if (n > 0)
		s->text.len += (size_t)n;
	else if (n == 0)
		s->eof = true;
	else if (errno != EINTR && errno != EAGAIN)
		err(EXITCODE_FAILED, "cannot read stdin");
}

/* ---- sending ---- */

struct entry { /* a message to send */
	TAILQ_ENTRY(entry) entry;
	long long number;
	unsigned tries;
	size_t len;
	char *body;
	char deduplication_id[ID_MAX + 1]; /* "": none */
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
	const struct options *options;
	const struct queue_settings *queue;
	struct client client;
	struct source source;
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
	if (s->options->count > 0)
		return "message";
	return s->options->n_bodies > 0 ? "argument" : "line";
}

static void __attribute__((format(printf, 3, 4)))
count_failure(struct sender *s, long long number, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->failed++;
	clear_progress(s);
	warnx("%s %lld %s", unit_name(s), number, text);
}

static void
count_success(struct sender *s, const struct entry *e, const struct receipt *r)
{
	s->sent++;
	if (!s->options->verbose)
		return;
	clear_progress(s);
	(void)printf("%lld %s\n", e->number, r->message_id);
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
	const struct options *o = s->options;
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
	} else if (is_one_message(o)) {
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
	struct item item;

	s->source_dry = false;
	while (!s->source_ended && !s->source_dry && !has_full_batch(s)) {
		switch (source_next(&s->source, &item)) {
		case SOURCE_BODY:
			add_entry(s, item.body);
			break;
		case SOURCE_BAD:
			count_failure(s, s->source.number, "%s", item.problem);
			break;
		case SOURCE_DRY:
			s->source_dry = true;
			break;
		case SOURCE_END:
			s->source_ended = true;
			break;
		}
	}
}

/* No more is read or sent; what is in flight is waited for. */
static void
stop(struct sender *s, const char *why)
{
	struct entry *e;

	if (s->stopped)
		return;
	s->stopped = s->source_ended = true;
	clear_progress(s);
	warnx("%s: nothing is read after %s %lld", why, unit_name(s),
	    s->source.number);
	while ((e = TAILQ_FIRST(&s->pending)) != NULL) {
		TAILQ_REMOVE(&s->pending, e, entry);
		count_failure(s, e->number, "was not sent");
		entry_free(e);
	}
	s->n_pending = s->pending_bytes = 0;
}

static void
give_up(struct sender *s, struct entry *e, const char *code, const char *text)
{
	count_failure(s, e->number, "was not sent: %s%s%s", code,
	    code[0] != '\0' && text[0] != '\0' ? ": " : "", text);
	entry_free(e);
}

/* It goes back to the head of the line, if that was not too often. */
static void
try_again(struct sender *s, struct entry *e, const char *code, const char *text)
{
	int64_t pause;

	if (++e->tries == TRIES_MAX || s->stopped) {
		give_up(s, e, code, text);
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
			try_again(r->sender, r->entries[i], e->code, e->text);
		else
			give_up(r->sender, r->entries[i], e->code, e->text);
	}
	put_first(r->sender);
	/* It would be the same for every batch to come. */
	if (e->kind == ERROR_OPERATOR || e->kind == ERROR_CREDENTIALS)
		stop(r->sender, "giving up");
}

/* Stored, but is it what we sent? */
static void
on_sent(struct sender *s, struct entry *e, const struct receipt *r)
{
	char md5[33];

	message_md5(e->body, e->len, md5);
	if (strcmp(md5, r->md5_of_body) == 0)
		count_success(s, e, r);
	else
		count_failure(s, e->number,
		    "was stored as message '%s' with "
		    "another MD5 than it was sent with: '%s' instead of '%s'",
		    r->message_id, r->md5_of_body, md5);
	entry_free(e);
}

static void
on_entry(struct sender *s, struct entry *e,
    const struct sqs_entry_result *result, const struct receipt *r)
{
	if (!result->answered)
		try_again(s, e, "", "the answer does not mention it");
	else if (!result->failed)
		on_sent(s, e, r);
	else if (!result->sender_fault)
		try_again(s, e, result->code, result->text);
	else
		give_up(s, e, result->code, result->text);
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
	const struct options *o = s->options;
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
	stop(s, "interrupted");
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
		source_read(&s->source);
}

static void
run(struct sender *s)
{
	int64_t now;

	while (now = clock_ms(), advance(s, now),
	    !s->source_ended || s->n_pending > 0 || s->in_flight > 0) {
		show_progress(s, now);
		/* Nobody learns the ids that were asked for. */
		if (!s->source_ended && ferror(stdout))
			stop(s, "cannot write to stdout");
		wait_for_something(s, now);
	}
	clear_progress(s);
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
load_settings(const struct options *o)
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
send_all(const struct options *o, const struct settings *settings)
{
	static struct sender s; /* zero */
	struct error e;

	s.options = o;
	s.queue = &settings->queues[0];
	s.n_requests = s.queue->fifo ? 1 : REQUESTS_MAX;
	s.on_terminal = isatty(STDERR_FILENO) == 1;
	TAILQ_INIT(&s.pending);
	TAILQ_INIT(&s.again);
	s.signal_fd = open_signals();
	if (client_open(&s.client, settings, s.queue, &e) == -1) {
		warnx("%s", e.text);
		return EXITCODE_CONFIG;
	}
	source_open(&s.source, o);
	run(&s);
	client_close(&s.client);
	buf_release(&s.source.text);
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
	struct options o;
	struct settings *settings;
	int status;

	hold_standard_descriptors();
	parse_options(&o, argc, argv);
	settings = load_settings(&o);
	if (settings == NULL)
		return EXITCODE_CONFIG;
	check_against_queue(&o, &settings->queues[0]);
	status = send_all(&o, settings);
	settings_free(settings);
	return status;
}
