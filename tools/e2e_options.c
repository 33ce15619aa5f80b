/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See e2e_options.h. */
#include "tools/e2e_options.h"

#include <err.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/exitcode.h"

#include "common/base/banned.h"

enum {
	TIMEOUT_S = 900,
	TIMEOUT_MAX_S = 86400
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
take_option(struct e2e_options *o, int option)
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

void
e2e_options_parse(struct e2e_options *ret, int argc, char **argv)
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

	*ret = (struct e2e_options){ .timeout_s = TIMEOUT_S,
		.body = "{\"job_id\":\"%s\"}" };
	while ((option = getopt_long(argc, argv, "h", longs, NULL)) != -1)
		take_option(ret, option);
	if (optind < argc)
		usage_error("'%s': there are no arguments but options",
		    argv[optind]);
	if (ret->log_group == NULL)
		usage_error("--log-group is missing");
	if (ret->cluster == NULL)
		usage_error("--cluster-arn is missing");
	if (ret->service == NULL)
		usage_error("--service-name is missing");
}
