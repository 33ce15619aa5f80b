/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * FilterLogEvents: what is asked, and what is read of the answer.
 */
#include "tools/cloudwatch_logs.h"

#include "t/unit/tap.h"

#include "common/base/banned.h"

static struct buf seen = BUF_INIT(4096), token = BUF_INIT(32);

static void
on_event(void *arg, const struct cloudwatch_logs_event *e)
{
	(void)arg;
	buf_printf(&seen, "%lld %s %s %.*s;", (long long)e->time_ms, e->id,
	    e->stream, (int)e->message.len, e->message.p);
}

static int
parse(const char *text)
{
	struct error e;

	buf_reset(&seen);
	return cloudwatch_logs_parse_events(span_of(text), on_event, NULL,
	    &token, &e);
}

static void
test_request(void)
{
	struct buf b = BUF_INIT(1024);
	struct cloudwatch_logs_query q = { .group = "/jobs",
		.since_ms = 1764041000000,
		.next_token = "" };

	cloudwatch_logs_filter_events(&b, &q);
	is_str(buf_str(&b),
	    "{\"logGroupName\":\"/jobs\",\"startTime\":1764041000000}",
	    "all events since a time");
	q.term = "3f2c-9a1e";
	q.next_token = "t\"1";
	buf_reset(&b);
	cloudwatch_logs_filter_events(&b, &q);
	is_str(buf_str(&b),
	    "{\"logGroupName\":\"/jobs\",\"startTime\":1764041000000,"
	    "\"filterPattern\":\"\\\"3f2c-9a1e\\\"\","
	    "\"nextToken\":\"t\\\"1\"}",
	    "those with a term, the next page");
	buf_release(&b);
}

static void
test_pages(void)
{
	is_int(parse("{\"events\":[{\"eventId\":\"1\",\"timestamp\":5,"
		     "\"logStreamName\":\"s\",\"message\":\"a \\\"b\\\"\"},"
		     "{\"message\":\"c\"}],\"nextToken\":\"more\"}"),
	    0, "a page is read");
	is_str(buf_str(&seen), "5 1 s a \"b\";0   c;",
	    "each event is passed on, and nothing of the one before it");
	is_str(buf_str(&token), "more", "there is another page");
	is_int(parse("{\"nextToken\":\"on\",\"events\":[]}"), 0,
	    "an empty page");
	is_str(buf_str(&seen), "", "has no event");
	is_str(buf_str(&token), "on", "and need not be the last");
	is_int(parse("{\"events\":[],\"nextToken\":null,"
		     "\"searchedLogStreams\":[]}"),
	    0, "the last page");
	is_str(buf_str(&token), "", "has no token");
}

static void
test_bad(void)
{
	is_int(parse("{\"events\":[{\"message\":"), -1,
	    "half an answer is an error");
	is_int(parse("{\"nextToken\":\"0123456789012345678901234567890123\"}"),
	    -1, "and so is a token that would have to be cut");
	is_int(parse("{\"events\":{\"message\":\"x\"},\"x\":[[[1]]]}"), 0,
	    "what is not an event");
	is_str(buf_str(&seen), "", "is ignored");
}

int
main(void)
{
	test_request();
	test_pages();
	test_bad();
	buf_release(&seen);
	buf_release(&token);
	return tap_done();
}
