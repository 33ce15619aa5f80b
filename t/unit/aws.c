/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The pure parts of the AWS client: error answers, and when to try again.
 */
#include "common/base/xalloc.h"
#include "common/http/aws_error.h"
#include "common/http/aws_retry.h"
#include "t/unit/tap.h"

static struct error
parse(int status, const char *body, const char *query_error,
    const char *error_type)
{
	struct http_answer a = { .status = status,
		.body = span_of(body),
		.request_id = "r-1",
		.query_error = query_error,
		.error_type = error_type,
		.token_ttl = "",
		.date = "",
		.retry_after_ms = -1 };
	struct error e;

	aws_parse_error(&a, &e);
	return e;
}

static void
test_errors(void)
{
	static const struct {
		const char *name;
		int status;
		const char *body, *query_error, *error_type;
		const char *code;
		enum error_kind kind;
	} cases[] = { { "the code is the shape behind the namespace", 400,
			  "{\"__type\":\"com.amazonaws.sqs#OverLimit\"}", "",
			  "", "OverLimit", ERROR_THROTTLED },
		{ "the query code in the header wins", 400,
		    "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\","
		    "\"message\":\"no\"}",
		    "AWS.SimpleQueueService.NonExistentQueue;Sender", "",
		    "AWS.SimpleQueueService.NonExistentQueue", ERROR_OPERATOR },
		{ "a bare code is taken", 403,
		    "{\"__type\":\"ExpiredTokenException\"}", "", "",
		    "ExpiredTokenException", ERROR_CREDENTIALS },
		{ "what follows a colon is dropped", 403,
		    "{\"__type\":\"x#RequestThrottled:http://y/\"}", "", "",
		    "RequestThrottled", ERROR_THROTTLED },
		{ "the member \"code\" will do", 403,
		    "{\"code\":\"AccessDenied\"}", "", "", "AccessDenied",
		    ERROR_OPERATOR },
		{ "the header X-Amzn-ErrorType will do", 400, "{}", "",
		    "ThrottlingException:", "ThrottlingException",
		    ERROR_THROTTLED },
		{ "an XML body is understood", 403,
		    "<?xml version='1.0'?><ErrorResponse><Error><Code>"
		    "InvalidClientTokenId</Code><Message>m</Message></Error>"
		    "</ErrorResponse>",
		    "", "", "InvalidClientTokenId", ERROR_CREDENTIALS },
		{ "an XML body without an end is no crash", 403, "<Code>Half",
		    "", "", "", ERROR_OPERATOR },
		{ "status 500 is transient whatever the body says", 500,
		    "{\"__type\":\"AccessDenied\"}", "", "", "AccessDenied",
		    ERROR_RETRY },
		{ "but a code of throttling is one with any status", 503,
		    "<Error><Code>SlowDown</Code></Error>", "", "", "SlowDown",
		    ERROR_THROTTLED },
		{ "status 503 with HTML is transient", 503, "<html>busy</html>",
		    "", "", "", ERROR_RETRY },
		{ "status 429 is throttling", 429, "", "", "", "",
		    ERROR_THROTTLED },
		{ "a redirect needs a person", 307, "", "", "", "",
		    ERROR_OPERATOR },
		{ "an unknown code needs a person", 400,
		    "{\"__type\":\"Novelty\"}", "", "", "Novelty",
		    ERROR_OPERATOR },
		{ "an expired receipt handle is not ours", 404,
		    "{\"__type\":\"com.amazonaws.sqs#ReceiptHandleIsInvalid\"}",
		    "ReceiptHandleIsInvalid;Sender", "",
		    "ReceiptHandleIsInvalid", ERROR_NOT_OURS },
		{ "a query error of one part is ignored", 400,
		    "{\"__type\":\"InvalidIdFormat\"}", ";;", "",
		    "InvalidIdFormat", ERROR_NOT_OURS } };
	struct error e;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		e = parse(cases[i].status, cases[i].body, cases[i].query_error,
		    cases[i].error_type);
		is_str(e.code, cases[i].code, cases[i].name);
		is_int(e.kind, cases[i].kind, cases[i].name);
	}
	e = parse(400, "{\"message\":\"two\\nlines\"}", "", "");
	is_str(e.text, "two lines", "a message is one line");
	is_str(e.request_id, "r-1", "the request id is kept");
	e = parse(404, "", "", "");
	is_str(e.text, "HTTP status 404",
	    "without a message the status is one");
}

static void
test_retry_delays(void)
{
	static const int64_t normal[] = { 50, 100, 200, 400, 800, 1600, 3200,
		6400, 12800, 20000, 20000 };
	static const int64_t throttled[] = { 1000, 2000, 4000, 8000, 16000,
		20000 };
	struct error e;
	struct aws_quota q;
	unsigned i;

	error_set(&e, ERROR_RETRY, "x");
	for (i = 0; i < nitems(normal); i++) {
		q.tokens = AWS_QUOTA_TOKENS;
		is_int(aws_retry_decide(&q, &e, i + 1, 99, false, 1.0).delay_ms,
		    normal[i], "the limit of a normal delay doubles to 20 s");
	}
	error_set(&e, ERROR_THROTTLED, "x");
	for (i = 0; i < nitems(throttled); i++) {
		q.tokens = AWS_QUOTA_TOKENS;
		is_int(aws_retry_decide(&q, &e, i + 1, 99, false, 1.0).delay_ms,
		    throttled[i], "a throttled delay begins at 1 s");
	}
	q.tokens = AWS_QUOTA_TOKENS;
	e.retry_after_ms = 1500;
	is_int(aws_retry_decide(&q, &e, 1, 3, false, 0.5).delay_ms, 1500,
	    "the server's hint is followed");
	e.retry_after_ms = 100;
	is_int(aws_retry_decide(&q, &e, 1, 3, false, 0.5).delay_ms, 500,
	    "a hint below the delay is ignored");
	e.retry_after_ms = 3600000;
	is_int(aws_retry_decide(&q, &e, 1, 3, false, 0.5).delay_ms, 5500,
	    "a hint adds 5 s at most");
}

static void
test_retry_quota(void)
{
	struct aws_quota q = { AWS_QUOTA_TOKENS };
	struct aws_retry r;
	struct error e;
	int retries = 0;

	error_set(&e, ERROR_RETRY, "x");
	r = aws_retry_decide(&q, &e, 3, 3, false, 0.5);
	ok(!r.retry && r.delay_ms == 0, "the last attempt is the last");
	is_int(q.tokens, AWS_QUOTA_TOKENS, "and it costs nothing");
	while (aws_retry_decide(&q, &e, 1, 3, false, 0.5).retry)
		retries++;
	is_int(retries, AWS_QUOTA_TOKENS / AWS_RETRY_COST,
	    "the quota ends the retries");
	r = aws_retry_decide(&q, &e, 1, 3, true, 1.0);
	ok(!r.retry && r.delay_ms == 50,
	    "without quota a long poll still pauses");
	r = aws_retry_decide(&q, &e, 1, 3, false, 1.0);
	ok(!r.retry && r.delay_ms == 0,
	    "without quota another call fails at once");
	aws_quota_refund(&q, AWS_RETRY_COST);
	ok(aws_retry_decide(&q, &e, 1, 3, false, 1.0).retry,
	    "a success after a retry gives its cost back");
	q.tokens = AWS_QUOTA_TOKENS;
	aws_quota_refund(&q, 0);
	is_int(q.tokens, AWS_QUOTA_TOKENS, "the quota never overflows");
	error_set(&e, ERROR_OPERATOR, "x");
	ok(!aws_retry_decide(&q, &e, 1, 3, true, 1.0).retry,
	    "what a person must cure is not retried");
	error_set(&e, ERROR_INVALID, "x");
	ok(!aws_retry_decide(&q, &e, 1, 3, true, 1.0).retry,
	    "an invalid request is not retried");
}

int
main(void)
{
	test_errors();
	test_retry_delays();
	test_retry_quota();
	return tap_done();
}
