/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Records as sentences.
 */
#include "common/base/log_text.h"

#include <signal.h>

#include "common/base/log_signal.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

static struct buf b = BUF_INIT(4096);
static enum log_text_kind kind;

#define CHILD      "child", "jobs", 0
#define REPORTER   "reporter", "", -1
#define SUPERVISOR "supervisor", "", -1
#define ID         log_str("id", "842f7fdb-32a2-4439-a6be-a1250eca19d2")
#define PLACE      log_str("queue", "jobs"), log_int("slot", 3)

/* The sentence of a record, or what comes in its place. */
static const char *
put(const char *role, const char *queue, int slot, const char *event,
    const struct log_field *fields, size_t n)
{
	const struct log_text t = { .role = role,
		.queue = queue,
		.slot = slot,
		.event = event,
		.fields = fields,
		.n = n };

	buf_reset(&b);
	kind = log_text_put(&b, &t, 4096);
	return buf_str(&b);
}

#define sentence_is(who, event, want, ...)                                     \
	do {                                                                   \
		const struct log_field fields[] = { __VA_ARGS__ };             \
		is_str(put(who, event, fields, nitems(fields)), want, event);  \
	} while (0)
#define has_none(who, event, ...)                                              \
	do {                                                                   \
		const struct log_field fields[] = { __VA_ARGS__ };             \
		(void)put(who, event, fields, nitems(fields));                 \
		ok(kind == LOG_TEXT_NOTHING, event " is left out");            \
	} while (0)

static void
test_life(void)
{
	sentence_is(SUPERVISOR, "started",
	    "sqsherd 1.0 started: 1 queue, 4 children",
	    log_str("version", "1.0"), log_int("children", 4),
	    log_int("queues", 1));
	sentence_is(SUPERVISOR, "ready",
	    "sqsherd is ready: each queue has a child", log_int("children", 4));
	sentence_is(SUPERVISOR, "stop_began",
	    "sqsherd stops on SIGTERM; may take 25 s",
	    log_str("signal", "SIGTERM"), log_int("sender_pid", 1),
	    log_ms("grace", 25000), log_int("children", 4));
	sentence_is(SUPERVISOR, "stop_began",
	    "sqsherd stops: asked on the control socket; may take 25 s",
	    log_str("msg", "asked on the control socket"),
	    log_ms("grace", 25000));
	sentence_is(SUPERVISOR, "stopped",
	    "sqsherd stopped after 61 s: 12 messages, 10 done, 2 to be retried",
	    log_int("exit_status", 0), log_ms("duration", 61042),
	    log_int("received", 12), log_int("deleted", 10),
	    log_int("retried", 2), log_int("released", 0),
	    log_int("rejected", 0), log_int("expired", 0));
	sentence_is(SUPERVISOR, "stopped",
	    "sqsherd stopped after 5 min with exit status 76",
	    log_int("exit_status", 76), log_ms("duration", 330000));
	has_none(SUPERVISOR, "child_started", PLACE, log_int("child_pid", 7));
	has_none(SUPERVISOR, "child_exited", PLACE, log_int("exit_status", 0));
	sentence_is(SUPERVISOR, "child_exited",
	    "jobs/3 died of SIGKILL; starts again in 1.1 s", PLACE,
	    log_str("signal", "SIGKILL"), log_ms("restart_in", 1093));
	sentence_is(SUPERVISOR, "child_exited",
	    "jobs/3 died of SIGKILL, out of memory; starts again in 1.1 s",
	    PLACE, log_str("signal", "SIGKILL"),
	    log_bool("out_of_memory", true), log_ms("restart_in", 1093));
	sentence_is(SUPERVISOR, "child_exited",
	    "jobs/3 ended with exit status 1; starts again in 1.1 s", PLACE,
	    log_int("exit_status", 1), log_ms("restart_in", 1093));
	sentence_is(SUPERVISOR, "child_hung",
	    "jobs/3 hangs: nothing from it for 31 s, with message 842f7fdb; "
	    "it is ended",
	    PLACE, log_ms("silent", 31000), ID);
	sentence_is(SUPERVISOR, "reload_failed",
	    "sqsherd keeps its old settings: children: \"x\" is no number",
	    log_str("error", "children: \"x\" is no number"));
}

static void
test_sqs(void)
{
	sentence_is(CHILD, "receive_failed",
	    "jobs/0 cannot receive: the queue does not exist; next try in 1.7 s",
	    log_str("kind", "operator"),
	    log_str("error", "The specified queue does not exist."),
	    log_str("code", "AWS.SimpleQueueService.NonExistentQueue"),
	    log_str("request_id", "x"), log_int("failures", 1),
	    log_ms("pause_ms", 1743));
	sentence_is(CHILD, "receive_failed",
	    "jobs/0 cannot receive: could not connect to server; "
	    "next try in 208 ms",
	    log_str("error", "Could not connect to server"),
	    log_ms("pause_ms", 208));
	sentence_is(CHILD, "receive_failed",
	    "jobs/0 cannot receive: InternalFailure; next try in 208 ms",
	    log_str("error", ""), log_str("code", "InternalFailure"),
	    log_ms("pause_ms", 208));
	sentence_is(CHILD, "receive_recovered", "jobs/0 receives again",
	    log_int("failures", 1));
	sentence_is(CHILD, "call_failed",
	    "jobs/0 cannot delete messages: slow down; it is tried again",
	    log_str("operation", "DeleteMessageBatch"),
	    log_str("error", "slow down"));
}

static void
test_messages(void)
{
	sentence_is(CHILD, "message", "jobs/0 842f7fdb done in 208 ms", ID,
	    log_str("verdict", "done"), log_str("outcome", "deleted"),
	    log_int("handler_ms", 208), log_int("total_ms", 231));
	sentence_is(CHILD, "message",
	    "jobs/0 842f7fdb failed: exit status 1; again in 3 s", ID,
	    log_str("outcome", "retried"), log_int("exit_status", 1),
	    log_int("delay_s", 3));
	sentence_is(CHILD, "message",
	    "jobs/0 842f7fdb failed: job timeout: SIGTERM; again in 3 s", ID,
	    log_str("outcome", "retried"), log_str("reason", "job timeout"),
	    log_signal(SIGTERM), log_int("delay_s", 3));
	sentence_is(CHILD, "message",
	    "jobs/0 842f7fdb rejected, to the dead-letter queue: no job", ID,
	    log_str("outcome", "rejected"), log_str("reason", "no job"));
	sentence_is(CHILD, "handler_output", "jobs/0 842f7fdb | a \"b\" \\", ID,
	    log_str("stream", "stdout"), log_str("line", "a \"b\" \\"));
	sentence_is(CHILD, "handler_output", "jobs/0 842f7fdb | \\u001b[2J", ID,
	    log_str("line", "\x1B[2J"));
	sentence_is(CHILD, "handler_output", "jobs/0 842f7fdb |", ID,
	    log_str("line", ""));
	sentence_is(CHILD, "job_timeout",
	    "jobs/0 842f7fdb takes more than 60 s: its handler is stopped", ID,
	    log_ms("after_ms", 60000));
	sentence_is(CHILD, "ownership_lost",
	    "jobs/0 842f7fdb is not ours any more: its visibility timeout "
	    "ended",
	    ID, log_str("msg", "long"));
	sentence_is(CHILD, "poison_rejected",
	    "jobs/0 842f7fdb is rejected: 1 child died of it", ID,
	    log_int("deaths", 1));
	sentence_is(CHILD, "brake_on",
	    "jobs/0: the handler is broken: exit status 127; one child tries",
	    log_str("error", "exit status 127"), log_str("msg", "long"));
	sentence_is(CHILD, "brake_released",
	    "jobs/0: the handler works: all children receive again",
	    log_str("msg", "long"));
}

static void
test_others(void)
{
	sentence_is(CHILD, "settle_retry",
	    "jobs/0 settle retry 842f7fdb: slow down", ID,
	    log_str("code", "Throttled"), log_str("error", "Slow down."));
	ok(kind == LOG_TEXT_WHOLE, "its fields are left out");
	sentence_is(REPORTER, "any_event", "reporter any event: why",
	    log_str("msg", "why"));
	sentence_is(REPORTER, "any_event", "reporter any event",
	    log_int("n", 1));
	ok(kind == LOG_TEXT_WANTS_FIELDS, "fields are all that it has");
	sentence_is(SUPERVISOR, "message", "sqsherd message",
	    log_str("outcome", "none that is known"));
	ok(kind == LOG_TEXT_WANTS_FIELDS,
	    "and so it is if no sentence fits the fields");
	sentence_is(SUPERVISOR, "paused", "jobs is paused",
	    log_str("queue", "jobs"));
}

static void
test_durations(void)
{
	static const struct {
		int64_t ms;
		const char *want;
	} cases[] = { { -5, "0 s" }, { 0, "0 s" }, { 1, "1 ms" },
		{ 999, "999 ms" }, { 1000, "1 s" }, { 1743, "1.7 s" },
		{ 9949, "9.9 s" }, { 9950, "10 s" }, { 61042, "61 s" },
		{ 119499, "119 s" }, { 120000, "2 min" },
		{ 7199000, "119 min" }, { 7200000, "2 h" },
		{ 172800000, "2 d" }, { INT64_MAX, "106751991167 d" } };
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		buf_reset(&b);
		log_text_put_duration(&b, cases[i].ms);
		is_str(buf_str(&b), cases[i].want, "a time");
	}
}

static uint32_t
hash_of(const char *event, const char *error, int slot, long long pause,
    enum log_text_topic *ret)
{
	const struct log_field fields[] = { log_str("error", error),
		log_ms("pause_ms", pause) };
	const struct log_text t = { .role = "child",
		.queue = "jobs",
		.slot = slot,
		.event = event,
		.fields = fields,
		.n = nitems(fields) };
	uint32_t hash = 0;

	*ret = log_text_topic(&t, &hash);
	return hash;
}

static void
test_topics(void)
{
	enum log_text_topic topic, other;
	uint32_t hash = hash_of("receive_failed", "a", 0, 1, &topic);

	ok(topic == LOG_TEXT_RECEIVE, "a failure has its topic");
	is_int(hash_of("receive_failed", "a", 1, 2, &other), hash,
	    "which child it is and how long it pauses makes no difference");
	ok(hash_of("receive_failed", "b", 0, 1, &other) != hash,
	    "but what is wrong does");
	ok(hash_of("receive_recovered", "a", 0, 1, &other) != hash,
	    "and that it works again");
	ok(other == topic, "which is of the same topic");
	(void)hash_of("message", "a", 0, 1, &other);
	ok(other == LOG_TEXT_NO_TOPIC, "what is of one child has none");
}

/* Cut strings make a short sentence. */
static void
test_cut(void)
{
	const struct log_field fields[] = { log_str("line", "0123456789"),
		log_str("id", "abc") };
	const struct log_text t = { .role = "child",
		.queue = "jobs",
		.slot = 0,
		.event = "handler_output",
		.fields = fields,
		.n = nitems(fields) };
	struct buf small = BUF_INIT(20);

	buf_reset(&b);
	(void)log_text_put(&b, &t, 4);
	is_str(buf_str(&b), "jobs/0 abc | 0123", "strings are cut");
	(void)log_text_put(&small, &t, 100);
	ok(small.overflow, "or do not fit");
	buf_release(&small);
}

int
main(void)
{
	test_life();
	test_sqs();
	test_messages();
	test_others();
	test_durations();
	test_topics();
	test_cut();
	buf_release(&b);
	return tap_done();
}
