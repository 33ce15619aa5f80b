/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Lines that an operator's tool, or anybody else with the right, sends.
 */
#include "supervisor/control/control_request.h"

#include "t/unit/tap.h"

#include "common/base/banned.h"

static void
test_good(void)
{
	static const struct {
		const char *line;
		enum control_request_kind kind;
		const char *queue;
		unsigned number;
	} cases[] = {
		{ "status", CONTROL_REQUEST_STATUS, "", 0 },
		{ "health", CONTROL_REQUEST_HEALTH, "", 0 },
		{ "metrics", CONTROL_REQUEST_METRICS, "", 0 },
		{ "scale jobs 4", CONTROL_REQUEST_SCALE, "jobs", 4 },
		{ "scale my_jobs-2.fifo 1000000", CONTROL_REQUEST_SCALE,
		    "my_jobs-2.fifo", 1000000 },
		{ "pause jobs", CONTROL_REQUEST_PAUSE, "jobs", 0 },
		{ "resume jobs", CONTROL_REQUEST_RESUME, "jobs", 0 },
		{ "restart jobs/0", CONTROL_REQUEST_RESTART, "jobs", 0 },
		{ "restart jobs/017", CONTROL_REQUEST_RESTART, "jobs", 17 },
		{ "reload", CONTROL_REQUEST_RELOAD, "", 0 },
		{ "drain", CONTROL_REQUEST_DRAIN, "", 0 },
		{ "stop", CONTROL_REQUEST_STOP, "", 0 },
	};
	struct control_request r;
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&r, 0xA5, sizeof(r));
		is_int(control_request_parse(span_of(cases[i].line), &r, &why),
		    0, cases[i].line);
		is_int(r.kind, cases[i].kind, "is what it says");
		is_str(r.queue, cases[i].queue, "of the queue");
		is_int(r.number, cases[i].number, "and of the number");
	}
}

static void
test_bad(void)
{
	static const struct {
		const char *line, *why;
	} cases[] = {
		{ "", "there is no such command" },
		{ " status", "there is no such command" },
		{ "stat", "there is no such command" },
		{ "STATUS", "there is no such command" },
		{ "status ", "" },
		{ "status\r", "there is no such command" },
		{ "stop now", "this command takes no operand" },
		{ "pause", "this command takes the name of a queue" },
		{ "pause ", "this command takes the name of a queue" },
		{ "pause a b", "this command takes the name of a queue" },
		{ "pause a\tb", "this command takes the name of a queue" },
		{ "pause \x7F", "this command takes the name of a queue" },
		{ "pause \xFF", "this command takes the name of a queue" },
		{ "scale jobs", "a number of children" },
		{ "scale jobs ", "a number of children" },
		{ "scale jobs -1", "a number of children" },
		{ "scale jobs 1 ", "a number of children" },
		{ "scale jobs 0x1", "a number of children" },
		{ "scale jobs 1000001", "a number of children" },
		{ "scale jobs 18446744073709551617", "a number of children" },
		{ "scale  1", "a number of children" },
		{ "restart jobs", "this command takes a slot" },
		{ "restart /1", "this command takes a slot" },
		{ "restart jobs/", "this command takes a slot" },
		{ "restart jobs/1/2", "this command takes a slot" },
	};
	struct control_request r = { .number = 4711 };
	const char *why;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		why = "";
		if (cases[i].why[0] == '\0') {
			is_int(control_request_parse(span_of(cases[i].line), &r,
				   &why),
			    0, "a blank at the end of a line does no harm");
			r.number = 4711;
			continue;
		}
		is_int(control_request_parse(span_of(cases[i].line), &r, &why),
		    -1, cases[i].line);
		ok(strstr(why, cases[i].why) != NULL, why);
	}
	is_int(r.number, 4711, "the result is untouched");
}

static void
test_long(void)
{
	char line[CONTROL_REQUEST_LINE_MAX + 1] = "pause ";
	struct control_request r;
	const char *why;

	memset(line + 6, 'q', CONTROL_REQUEST_QUEUE_MAX);
	is_int(control_request_parse((struct span){ line,
					 6 + CONTROL_REQUEST_QUEUE_MAX },
		   &r, &why),
	    0, "the longest name of a queue is taken");
	is_int(strlen(r.queue), CONTROL_REQUEST_QUEUE_MAX, "whole");
	line[6 + CONTROL_REQUEST_QUEUE_MAX] = 'q';
	is_int(control_request_parse((struct span){ line,
					 7 + CONTROL_REQUEST_QUEUE_MAX },
		   &r, &why),
	    -1, "a longer one is not");
	is_int(control_request_parse((struct span){ "status\0x", 8 }, &r, &why),
	    -1, "nor is anything with a NUL in it");
}

int
main(void)
{
	test_good();
	test_bad();
	test_long();
	return tap_done();
}
