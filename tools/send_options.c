/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The options of sqs-send.  See send_options.h.
 */
#include "tools/send_options.h"

#include <err.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/exitcode.h"

#include "common/base/banned.h"

enum {
	ATTRIBUTE_NAME_MAX = 256,
	DELAY_MAX_S = 900,
	COUNT_MAX = 1000000000
};

static const char usage_text[] =
    "usage: sqs-send [options] [--] [body...]\n"
    "\n"
    "Sends each body as a message; without bodies, each line of stdin.  With\n"
    "--file, a text of several lines is one message.\n"
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
    "  -f, --file FILE         send all of the file as one message, as it is;\n"
    "                          '-' is stdin\n"
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
bool
send_text_is_legal(struct span text)
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
	    strcmp(type + base, ".") != 0 && send_text_is_legal(span_of(type));
}

/* text is cut up in place: the command line lives as long as the process. */
static void
add_attribute(struct send_options *o, char *text)
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
	if (value[0] == '\0' || !send_text_is_legal(span_of(value)))
		usage_error("-a '%s': the value is empty or has characters "
			    "that SQS does not allow",
		    text);
	for (i = 0; i < o->n_attributes; i++)
		if (strcmp(o->attributes[i].name, text) == 0)
			usage_error("-a '%s': given twice", text);
	if (o->n_attributes == SEND_ATTRIBUTES_MAX)
		usage_error("-a '%s': a message has at most %d attributes",
		    text, SEND_ATTRIBUTES_MAX);
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

bool
send_options_is_one_message(const struct send_options *o)
{
	return o->file != NULL || (o->count == 0 && o->n_bodies == 1);
}

/* Checks what does not depend on the queue. */
static void
check_options(const struct send_options *o)
{
	/* Derived ids append a number of at most 19 digits. */
	size_t suffix = send_options_is_one_message(o) ? 0 : 20;

	if (o->group_id != NULL)
		check_id("-g", o->group_id, SEND_ID_MAX);
	if (o->deduplication_id != NULL)
		check_id("-D", o->deduplication_id, SEND_ID_MAX - suffix);
	if (o->deduplication_id != NULL && o->content_dedup)
		usage_error("-D and --content-dedup exclude each other");
	if (o->file != NULL && (o->n_bodies > 0 || o->count > 0))
		usage_error("--file is the one body: neither others nor "
			    "--count go with it");
	if (o->count > 0 && o->n_bodies != 1)
		usage_error("--count takes exactly one body");
	if (o->attributes_bytes >= SQS_MESSAGE_MAX)
		usage_error("the attributes alone are larger than a message");
}

void
send_options_check_queue(const struct send_options *o,
    const struct queue_settings *q)
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
take_option(struct send_options *o, int option)
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
	case 'f':
		o->file = optarg;
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

void
send_options_parse(struct send_options *o, int argc, char **argv)
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
		{ "file", required_argument, NULL, 'f' },
		{ "count", required_argument, NULL, OPTION_COUNT },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, OPTION_VERSION },
		{ NULL, 0, NULL, 0 } };
	int option;

	memset(o, 0, sizeof(*o));
	o->delay_s = -1;
	while ((option = getopt_long(argc, argv, "+q:d:f:g:D:a:vh", longs,
		    NULL)) != -1)
		take_option(o, option);
	o->bodies = argv + optind;
	o->n_bodies = (size_t)(argc - optind);
	check_options(o);
}
