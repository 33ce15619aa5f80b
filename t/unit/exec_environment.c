/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What an exec handler finds in its environment.
 */
#include "child/handler/exec_environment.h"

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static const char *
value_of(const struct exec_environment *e, const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; i < e->n; i++)
		if (strncmp(e->vars[i], name, len) == 0 &&
		    e->vars[i][len] == '=')
			return e->vars[i] + len + 1;
	return NULL;
}

static void
test_facts(struct exec_environment *e)
{
	struct queue_settings q = { .queue_url =
					(char[]){ "https://h/1/jobs.fifo" } };
	struct message m = { .id = (char[]){ "m-1" },
		.receive_count = 3,
		.sent_timestamp_ms = 1700000000000,
		.first_receive_timestamp_ms = 1700000000005,
		.group_id = (char[]){ "g" },
		.trace_header = (char[]){ "Root=1" } };
	struct payload p = { .message = &m };
	size_t n;

	is_int(exec_environment_fill(e, &p, &q, 1234), 0,
	    "nothing is left out");
	is_str(value_of(e, "SQS_MESSAGE_ID"), "m-1", "message id");
	is_str(value_of(e, "SQS_RECEIVE_COUNT"), "3", "receive count");
	is_str(value_of(e, "SQS_QUEUE_URL"), "https://h/1/jobs.fifo", "URL");
	is_str(value_of(e, "SQS_QUEUE_NAME"), "jobs.fifo", "queue name");
	is_str(value_of(e, "SQS_SENT_TIMESTAMP"), "1700000000000", "sent");
	is_str(value_of(e, "SQS_FIRST_RECEIVE_TIMESTAMP"), "1700000000005",
	    "first receive");
	is_str(value_of(e, "SQS_MESSAGE_GROUP_ID"), "g", "group");
	is_str(value_of(e, "SQS_DEADLINE"), "1234", "deadline");
	is_str(value_of(e, "_X_AMZN_TRACE_ID"), "Root=1", "trace id");
	n = e->n;
	m.group_id = m.trace_header = NULL;
	exec_environment_fill(e, &p, &q, 1234);
	is_str(value_of(e, "SQS_MESSAGE_GROUP_ID"), NULL,
	    "a fact of the last message does not stay");
	is_int(e->n, n - 2, "absent facts are absent");
}

static void
test_attributes(struct exec_environment *e)
{
	static char large[128 * 1024];
	struct message_attribute a[] = {
		{ (char[]){ "colour" }, (char[]){ "String" },
		    (char[]){ "blue=green" }, 10, false },
		{ (char[]){ "a-b.c" }, (char[]){ "Number" }, (char[]){ "7" }, 1,
		    false },
		{ (char[]){ "a.b-c" }, (char[]){ "Number" }, (char[]){ "8" }, 1,
		    false },
		{ (char[]){ "blob" }, (char[]){ "Binary" },
		    (char[]){ "\0\377\200\376" }, 4, true },
		{ (char[]){ "none" }, (char[]){ "Binary.gif" }, (char[]){ "" },
		    0, true },
		{ (char[]){ "bytes" }, (char[]){ "Binary" }, large, 96 * 1024,
		    true },
		{ (char[]){ "nul" }, (char[]){ "String" }, (char[]){ "a\0b" },
		    3, false },
		{ (char[]){ "large" }, (char[]){ "String" }, large,
		    sizeof(large) - 1, false }
	};
	struct queue_settings q = { .queue_url = (char[]){ "https://h/1/q" } };
	struct message m = { .id = (char[]){ "m" },
		.receive_count = 1,
		.attributes = a,
		.n_attributes = nitems(a) };
	struct payload p = { .message = &m };

	memset(large, 'x', sizeof(large) - 1);
	is_int(exec_environment_fill(e, &p, &q, 0), 4,
	    "what cannot be a variable is counted");
	is_str(value_of(e, "SQS_ATTR_colour"), "blue=green", "a string");
	is_str(value_of(e, "SQS_ATTR_a_b_c"), "7",
	    "of two names that become one the first stays");
	is_str(value_of(e, "SQS_ATTR_blob"), "AP+A/g==", "bytes as base64");
	is_str(value_of(e, "SQS_ATTR_none"), "", "no bytes");
	is_str(value_of(e, "SQS_ATTR_bytes"), NULL,
	    "not bytes whose base64 is of 128 kB");
	is_str(value_of(e, "SQS_ATTR_nul"), NULL, "nor a value with a NUL");
	is_str(value_of(e, "SQS_ATTR_large"), NULL, "nor one of 128 kB");
}

static void
test_notification(struct exec_environment *e)
{
	struct message_attribute of_sqs[] = { { (char[]){ "a" },
	    (char[]){ "String" }, (char[]){ "of SQS" }, 6, false } };
	struct message_attribute of_sns[] = {
		{ (char[]){ "a" }, (char[]){ "String" }, (char[]){ "of SNS" },
		    6, false },
		{ (char[]){ "b.c" }, (char[]){ "Binary" }, (char[]){ "\0" }, 1,
		    true }
	};
	struct queue_settings q = { .queue_url = (char[]){ "https://h/1/q" } };
	struct message m = { .id = (char[]){ "m" },
		.attributes = of_sqs,
		.n_attributes = nitems(of_sqs) };
	struct sns_notification n = { .message_id = (char[]){ "n-1" },
		.topic_arn = (char[]){ "arn:t" },
		.subject = (char[]){ "hello there" },
		.timestamp = (char[]){ "2026-01-01T00:00:00.000Z" },
		.attributes = of_sns,
		.n_attributes = nitems(of_sns) };
	struct payload p = { .message = &m, .sns = &n };

	is_int(exec_environment_fill(e, &p, &q, 0), 1,
	    "a name that the message has already is counted");
	is_str(value_of(e, "SNS_MESSAGE_ID"), "n-1", "SNS's id");
	is_str(value_of(e, "SNS_TOPIC_ARN"), "arn:t", "topic");
	is_str(value_of(e, "SNS_SUBJECT"), "hello there", "subject");
	is_str(value_of(e, "SNS_TIMESTAMP"), "2026-01-01T00:00:00.000Z",
	    "timestamp");
	is_str(value_of(e, "SQS_MESSAGE_ID"), "m", "SQS's id is its own");
	is_str(value_of(e, "SQS_ATTR_a"), "of SQS",
	    "the message's own attribute comes first");
	is_str(value_of(e, "SQS_ATTR_b_c"), "AA==", "SNS's attribute");
	p.sns = NULL;
	exec_environment_fill(e, &p, &q, 0);
	is_str(value_of(e, "SNS_MESSAGE_ID"), NULL,
	    "nothing of it stays for the next");
}

int
main(void)
{
	char *base[] = { (char[]){ "PATH=/bin" },
		(char[]){ "NOTIFY_SOCKET=/run/x" },
		(char[]){ "WATCHDOG_USEC=1" }, (char[]){ "LISTEN_FDS=1" },
		(char[]){ "SQS_ATTR_stale=1" },
		(char[]){ "SQS_MESSAGE_ID=stale" },
		(char[]){ "SNS_SUBJECT=stale" }, NULL };
	struct exec_environment e;

	exec_environment_init(&e, base);
	is_int(e.n, 1, "only what is the user's is inherited");
	is_str(value_of(&e, "PATH"), "/bin", "and that is");
	test_facts(&e);
	test_attributes(&e);
	test_notification(&e);
	is_str(value_of(&e, "NOTIFY_SOCKET"), NULL,
	    "a handler cannot speak to systemd for us");
	exec_environment_release(&e);
	return tap_done();
}
