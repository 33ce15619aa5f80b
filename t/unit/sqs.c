/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * SQS's requests as bytes, the answers to batches, and queue URLs.
 */
#include "common/aws/sqs.h"

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#define URL "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"

static void
test_receive(void)
{
	struct buf b = BUF_INIT(SQS_REQUEST_MAX);

	sqs_receive_message(&b, URL, 10, 20, 60, NULL);
	is_str(buf_str(&b),
	    "{\"QueueUrl\":\"" URL "\",\"MaxNumberOfMessages\":10,"
	    "\"WaitTimeSeconds\":20,\"VisibilityTimeout\":60,"
	    "\"MessageSystemAttributeNames\":[\"All\"],"
	    "\"MessageAttributeNames\":[\"All\"]}",
	    "a receive asks for all attributes");
	buf_reset(&b);
	sqs_receive_message(&b, "q", 1, 0, -1, NULL);
	ok(strstr(buf_str(&b), "VisibilityTimeout") == NULL,
	    "without a visibility timeout the queue's holds");
	buf_reset(&b);
	sqs_receive_message(&b, "q", 1, 0, 0, "a1");
	ok(strstr(buf_str(&b), "\"VisibilityTimeout\":0,") != NULL,
	    "0 is a visibility timeout");
	ok(strstr(buf_str(&b), "\"ReceiveRequestAttemptId\":\"a1\",") != NULL,
	    "an attempt has an id");
	buf_release(&b);
}

static void
test_send_one(void)
{
	static char n1[] = "color", t1[] = "String", v1[] = "bl\"ue";
	static char n2[] = "blob", t2[] = "Binary.x", v2[] = "\1\2\3\4";
	static const struct message_attribute attributes[] = {
		{ n1, t1, v1, 5, false },
		{ n2, t2, v2, 4, true },
	};
	static const struct sqs_message m = { .body = { "a\0b", 3 },
		.attributes = attributes,
		.n_attributes = 2,
		.group_id = "g",
		.deduplication_id = "d",
		.trace_header = "Root=1" };
	struct buf b = BUF_INIT(SQS_REQUEST_MAX);

	sqs_send_message(&b, "q", &m);
	is_str(buf_str(&b),
	    "{\"QueueUrl\":\"q\",\"MessageBody\":\"a\\u0000b\","
	    "\"MessageAttributes\":{"
	    "\"color\":{\"DataType\":\"String\",\"StringValue\":\"bl\\\"ue\"},"
	    "\"blob\":{\"DataType\":\"Binary.x\",\"BinaryValue\":\"AQIDBA==\"}},"
	    "\"MessageGroupId\":\"g\",\"MessageDeduplicationId\":\"d\","
	    "\"MessageSystemAttributes\":{\"AWSTraceHeader\":"
	    "{\"DataType\":\"String\",\"StringValue\":\"Root=1\"}}}",
	    "a message is sent with all that it has");
	buf_release(&b);
}

static struct span
span(const char *s)
{
	return (struct span){ s, strlen(s) };
}

/* The answer for a policy whose ARN is written so, within a string. */
#define POLICY(arn)                                                            \
	"{\"Attributes\":{\"RedrivePolicy\":"                                  \
	"\"{\\\"deadLetterTargetArn\\\":" arn "}\"}}"

static void
test_dead_letter_queue(void)
{
	static const char policy[] = "{\"Attributes\":{\"RedrivePolicy\":"
				     "\"{\\\"deadLetterTargetArn\\\":"
				     "\\\"arn:aws-cn:sqs:cn-north-1:"
				     "111122223333:dead.fifo\\\","
				     "\\\"maxReceiveCount\\\":5}\"}}";
	struct sqs_arn arn;
	struct error e;
	char url[40];

	is_int(sqs_parse_redrive_policy(span(policy), &arn, &e), 0,
	    "a redrive policy is read");
	is_str(arn.name, "dead.fifo", "the dead-letter queue's name");
	is_str(arn.account, "111122223333", "and account");
	is_int(sqs_parse_redrive_policy(span("{}"), &arn, &e), 0,
	    "a queue may have none");
	is_str(arn.name, "", "then there is no name");
	is_int(sqs_parse_redrive_policy(
		   span("{\"Attributes\":{\"RedrivePolicy\":\"nonsense\"}}"),
		   &arn, &e),
	    -1, "what is no policy is an error");
	is_int(sqs_parse_redrive_policy(
		   span("{\"Attributes\":{\"RedrivePolicy\":"
			"\"{\\\"deadLetterTargetArn\\\":\\\"arn:x\\\"}\"}}"),
		   &arn, &e),
	    -1, "and so is an ARN that names no queue");
	is_int(e.kind, ERROR_OPERATOR, "that a person has to mend");
	is_int(sqs_parse_queue_url(span("{\"QueueUrl\":\"http://h/1/q\"}"), url,
		   sizeof(url), &e),
	    0, "a queue's URL is read");
	is_str(url, "http://h/1/q", "as it is");
	is_int(sqs_parse_queue_url(span("{}"), url, sizeof(url), &e), -1,
	    "no URL is an error");
	is_int(
	    sqs_parse_queue_url(
		span(
		    "{\"QueueUrl\":\"http://a.host.that.is.much.longer.than.that/1/q\"}"),
		url, sizeof(url), &e),
	    -1, "and so is one that is too long");
}

static void
test_no_dead_letter_queue(void)
{
	static const struct {
		const char *answer;
		enum error_kind kind;
		const char *name;
	} cases[] = {
		{ "null", ERROR_RETRY, "no document of an answer" },
		{ "[]", ERROR_RETRY, "a list" },
		{ "{\"Attributes\":{\"RedrivePolicy\":{}}}", ERROR_RETRY,
		    "a policy that is not a string" },
		{ POLICY("7"), ERROR_RETRY, "an ARN that is not a string" },
		{ POLICY("\\\"arn:aws:sqs:r:1:\\\""), ERROR_OPERATOR,
		    "an ARN without a name" },
		{ POLICY("\\\"arn:aws:sqs:r::q\\\""), ERROR_OPERATOR,
		    "one without an account" },
		{ POLICY("\\\"arn:aws:sns:r:1:t\\\""), ERROR_OPERATOR,
		    "the ARN of a topic" },
	};
	struct sqs_arn arn;
	struct error e;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		is_int(sqs_parse_redrive_policy(span(cases[i].answer), &arn,
			   &e),
		    -1, cases[i].name);
		is_int(e.kind, cases[i].kind, "is an error of its kind");
	}
}

static void
test_check_sent(void)
{
	struct span body = { "abc", 3 };
	struct error e;

	is_int(sqs_check_sent(span("{\"MessageId\":\"m\",\"MD5OfMessageBody\":"
				   "\"900150983cd24fb0d6963f7d28e17f72\"}"),
		   body, &e),
	    0, "what arrived as it was sent is confirmed");
	is_int(sqs_check_sent(span("{\"MessageId\":\"m\",\"MD5OfMessageBody\":"
				   "\"d41d8cd98f00b204e9800998ecf8427e\"}"),
		   body, &e),
	    -1, "something else is not");
	is_int(e.kind, ERROR_RETRY, "and is sent again");
	is_int(sqs_check_sent(span("{}"), body, &e), -1,
	    "nor is an answer that names no message");
	is_int(sqs_check_sent(span("{\"MessageId\":\"m\","
				   "\"MD5OfMessageBody\":7}"),
		   body, &e),
	    -1, "nor one whose checksum is no text");
}

static void
test_delete_and_change(void)
{
	static const char *const handles[] = { "AQEB+/==", "a\"b\\c" };
	static const int timeouts[] = { 0, 43200 };
	struct buf b = BUF_INIT(SQS_REQUEST_MAX);

	sqs_delete_message_batch(&b, URL, handles, 2);
	is_str(buf_str(&b),
	    "{\"QueueUrl\":\"" URL "\",\"Entries\":["
	    "{\"Id\":\"0\",\"ReceiptHandle\":\"AQEB+/==\"},"
	    "{\"Id\":\"1\",\"ReceiptHandle\":\"a\\\"b\\\\c\"}]}",
	    "a delete names each handle");
	buf_reset(&b);
	sqs_change_message_visibility_batch(&b, URL, handles, timeouts, 2);
	is_str(buf_str(&b),
	    "{\"QueueUrl\":\"" URL "\",\"Entries\":["
	    "{\"Id\":\"0\",\"ReceiptHandle\":\"AQEB+/==\","
	    "\"VisibilityTimeout\":0},"
	    "{\"Id\":\"1\",\"ReceiptHandle\":\"a\\\"b\\\\c\","
	    "\"VisibilityTimeout\":43200}]}",
	    "a change of visibility names each handle and its timeout");
	buf_release(&b);
}

static void
test_send(void)
{
	static const struct sqs_attribute attributes[] = {
		{ "color", "String", "bl\"ue" }, { "n", "Number.int", "3" }
	};
	static const struct sqs_entry entries[] = {
		{ .body = { "a\0\xE6\x97\xA5\n\xFF", 7 }, .delay_s = -1 },
		{ .body = { "x", 1 },
		    .attributes = attributes,
		    .n_attributes = nitems(attributes),
		    .delay_s = 0,
		    .group_id = "g",
		    .deduplication_id = "d" }
	};
	struct buf b = BUF_INIT(SQS_REQUEST_MAX);

	sqs_send_message_batch(&b, "q", entries, 1);
	is_str(buf_str(&b),
	    "{\"QueueUrl\":\"q\",\"Entries\":[{\"Id\":\"0\","
	    "\"MessageBody\":\"a\\u0000\xE6\x97\xA5\\n\xEF\xBF\xBD\"}]}",
	    "a body of any bytes is sent as valid JSON");
	buf_reset(&b);
	sqs_send_message_batch(&b, "q", entries, 2);
	ok(strstr(buf_str(&b),
	       ",{\"Id\":\"1\",\"MessageBody\":\"x\",\"DelaySeconds\":0,"
	       "\"MessageAttributes\":{"
	       "\"color\":{\"DataType\":\"String\","
	       "\"StringValue\":\"bl\\\"ue\"},"
	       "\"n\":{\"DataType\":\"Number.int\",\"StringValue\":\"3\"}},"
	       "\"MessageGroupId\":\"g\",\"MessageDeduplicationId\":\"d\"}]}") !=
		NULL,
	    "delay, attributes, group and deduplication id go with it");
	buf_release(&b);

	buf_init(&b, 32);
	sqs_send_message_batch(&b, "q", entries, 2);
	ok(b.overflow, "a request that is too large is noticed");
	buf_release(&b);
}

static int
parse(const char *answer, struct sqs_entry_result *results, size_t n)
{
	struct error e;
	int result;

	error_clear(&e);
	memset(results, 0xAA, n * sizeof(*results));
	result = sqs_parse_batch(span_of(answer), results, n, &e);
	if (result == -1 && e.kind != ERROR_RETRY)
		ok(false, "a refused answer has an error");
	return result;
}

static void
test_batch(void)
{
	struct sqs_entry_result r[3];

	is_int(parse("{\"Failed\":[{\"Id\":\"2\",\"SenderFault\":true,"
		     "\"Code\":\"ReceiptHandleIsInvalid\","
		     "\"Message\":\"it is\\nnot\"}],"
		     "\"Successful\":[{\"Id\":\"0\",\"MessageId\":\"m\"}]}",
		   r, 3),
	    0, "an answer to a batch is read");
	ok(r[0].answered && !r[0].failed, "an entry went well");
	ok(!r[1].answered && !r[1].failed, "one is not mentioned");
	ok(r[2].answered && r[2].failed && r[2].sender_fault, "one failed");
	is_str(r[2].code, "ReceiptHandleIsInvalid", "with its code");
	is_str(r[2].text, "it is not", "and its text in one line");
	is_str(r[0].code, "", "a success has no code");
}

static void
test_batch_absent(void)
{
	static const char *const answers[] = { "{}",
		"{\"Successful\":null,\"Failed\":null}",
		"{\"Successful\":[],\"Failed\":[]}",
		"{\"Other\":[{\"Id\":\"0\"}]}",
		"{\"Other\":{\"Successful\":[{\"Id\":\"0\"}]}}",
		"{\"Successful\":[{}]}", "{\"Successful\":[{\"Id\":null}]}",
		"{\"Successful\":[{\"Id\":\"\"}]}",
		"{\"Successful\":[{\"Id\":\"1\"},{\"Id\":\"00\"}]}",
		"{\"Successful\":[{\"Id\":\"x\"},{\"Id\":\"-0\"}]}",
		"{\"Successful\":[{\"Id\":\"0\\u0000\"}]}",
		"{\"Successful\":[{\"Ix\":\"0\",\"More\":{\"Id\":\"0\"}}]}" };
	struct sqs_entry_result r;
	size_t i;

	for (i = 0; i < nitems(answers); i++)
		ok(parse(answers[i], &r, 1) == 0 && !r.answered && !r.failed,
		    answers[i]);
}

static void
test_batch_oddities(void)
{
	struct sqs_entry_result r[SQS_BATCH_MAX];
	char long_text[4096];

	is_int(parse("{\"Successful\":[{\"Id\":\"9\"}]}", r, SQS_BATCH_MAX), 0,
	    "the largest batch has ten entries");
	ok(r[9].answered, "up to the last");
	(void)parse("{\"Successful\":[{\"Id\":\"0\"}],"
		    "\"Failed\":[{\"Id\":\"0\",\"Code\":\"C\"}]}",
	    r, 1);
	ok(r[0].failed, "an entry that is in both lists failed");
	(void)parse("{\"Failed\":[{\"Id\":\"0\",\"Code\":\"C\"}],"
		    "\"Successful\":[{\"Id\":\"0\"}]}",
	    r, 1);
	ok(r[0].failed && strcmp(r[0].code, "C") == 0, "in either order");
	(void)parse("{\"Failed\":[{\"Id\":\"0\",\"Code\":\"C\","
		    "\"SenderFault\":true},{\"Id\":\"1\"}]}",
	    r, 2);
	ok(r[1].failed && !r[1].sender_fault && r[1].code[0] == '\0',
	    "an entry has nothing of the one before it");
	(void)snprintf(long_text, sizeof(long_text),
	    "{\"Failed\":[{\"Id\":\"0\",\"Code\":\"%0300d\","
	    "\"Message\":\"%0300d\"}]}",
	    7, 7);
	(void)parse(long_text, r, 1);
	is_int(strlen(r[0].code), sizeof(r[0].code) - 1, "a long code is cut");
	is_int(strlen(r[0].text), sizeof(r[0].text) - 1, "so is a long text");
}

static void
test_batch_refusals(void)
{
	static const char *const answers[] = { "", "[]", "null", "\"x\"",
		"{\"Successful\":{}}", "{\"Failed\":\"x\"}", "{\"Failed\":[1]}",
		"{\"Failed\":[null]}", "{\"Failed\":[[{\"Id\":\"0\"}]]}",
		"{\"Failed\":[{\"Id\":0}]}",
		"{\"Failed\":[{\"SenderFault\":\"true\"}]}",
		"{\"Failed\":[{\"Code\":{}}]}",
		"{\"Failed\":[{\"Message\":[]}]}",
		"{\"Successful\":[{\"Id\":\"0\"}]", "<html>" };
	struct sqs_entry_result r;
	char name[96];
	size_t i;

	for (i = 0; i < nitems(answers); i++) {
		(void)snprintf(name, sizeof(name), "refused: %s", answers[i]);
		ok(parse(answers[i], &r, 1) == -1 && !r.answered, name);
	}
}

int
main(void)
{
	test_receive();
	test_send_one();
	test_dead_letter_queue();
	test_no_dead_letter_queue();
	test_check_sent();
	test_delete_and_change();
	test_send();
	test_batch();
	test_batch_absent();
	test_batch_oddities();
	test_batch_refusals();
	return tap_done();
}
