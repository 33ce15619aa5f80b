/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * SNS's envelope: what is one, what is none, and what is read from it.
 */
#include "child/message/sns.h"

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#define ENVELOPE(more)                                                         \
	"{\"Type\":\"Notification\",\"MessageId\":\"n-1\","                    \
	"\"TopicArn\":\"arn:t\",\"Message\":\"hello\"" more "}"
#define ATTRIBUTES(a) ENVELOPE(",\"MessageAttributes\":{" a "}")

/* From a copy of the exact size, so that a read behind it is seen. */
static bool
parse_n(const char *p, size_t len, struct sns_notification *n)
{
	char *exact = xmalloc(len > 0 ? len : 1);
	bool is_one;

	memcpy(exact, p, len);
	memset(n, 0xFF, sizeof(*n));
	is_one = sns_parse((struct span){ exact, len }, n);
	free(exact);
	if (!is_one && (n->message != NULL || n->attributes != NULL))
		ok(false, "what is no envelope leaves nothing");
	return is_one;
}

static bool
parse(const char *text, struct sns_notification *n)
{
	return parse_n(text, strlen(text), n);
}

static void
test_whole(void)
{
	static const char body[] =
	    "\n{\n  \"Type\" : \"Notification\",\n"
	    "  \"MessageId\" : \"22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324\",\n"
	    "  \"TopicArn\" : \"arn:aws:sns:us-west-2:123456789012:T\",\n"
	    "  \"Subject\" : \"My First Message\",\n"
	    "  \"Message\" : \"Hello \\\"w\\u00f6rld\\\"!\\n\",\n"
	    "  \"Timestamp\" : \"2012-05-02T00:54:06.655Z\",\n"
	    "  \"SignatureVersion\" : \"1\",\n"
	    "  \"Signature\" : \"EXAMPLEw6JRN...\",\n"
	    "  \"SigningCertURL\" : \"https://sns/x.pem\",\n"
	    "  \"UnsubscribeURL\" : \"https://sns/?Action=Unsubscribe\",\n"
	    "  \"MessageAttributes\" : {\n"
	    "    \"colour\" : {\"Type\":\"String\",\"Value\":\"blue\"},\n"
	    "    \"list\" : {\"Type\":\"String.Array\","
	    "\"Value\":\"[\\\"a\\\",1]\"},\n"
	    "    \"blob\" : {\"Value\":\"AP+A/g==\",\"Type\":\"Binary\"}\n"
	    "  }\n}\n";
	struct sns_notification n;

	ok(parse(body, &n), "what SNS sends is an envelope");
	is_str(n.message_id, "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324", "id");
	is_str(n.topic_arn, "arn:aws:sns:us-west-2:123456789012:T", "topic");
	is_str(n.subject, "My First Message", "subject");
	is_str(n.timestamp, "2012-05-02T00:54:06.655Z", "timestamp");
	is_str(n.message, "Hello \"w\303\266rld\"!\n", "message");
	is_int(n.message_len, strlen(n.message), "its length");
	is_int(n.n_attributes, 3, "attributes");
	is_str(n.attributes[0].name, "colour", "a name");
	is_str(n.attributes[0].type, "String", "a type");
	is_str(n.attributes[0].value, "blue", "a value");
	is_str(n.attributes[1].value, "[\"a\",1]", "an array is a text");
	ok(n.attributes[2].binary, "bytes are told");
	is_mem(n.attributes[2].value, n.attributes[2].value_len,
	    "\0\377\200\376", 4, "and decoded");
	sns_release(&n);
	ok(n.message == NULL && n.n_attributes == 0, "a release leaves none");
}

static void
test_none(void)
{
	static const struct {
		const char *name, *body;
	} none[] = { { "nothing", "" }, { "blanks", " \n" },
		{ "a text", "hello" }, { "a number", "1" },
		{ "an array", "[" ENVELOPE("") "]" },
		{ "an object of something else", "{\"a\":1}" },
		{ "an empty object", "{}" }, { "half an object", "{\"Type\":" },
		{ "something behind it", ENVELOPE("") "x" },
		{ "two", ENVELOPE("") ENVELOPE("") },
		{ "a confirmation",
		    "{\"Type\":\"SubscriptionConfirmation\",\"MessageId\":\"i\","
		    "\"TopicArn\":\"t\",\"Message\":\"m\"}" },
		{ "no type",
		    "{\"MessageId\":\"i\",\"TopicArn\":\"t\","
		    "\"Message\":\"m\"}" },
		{ "no id",
		    "{\"Type\":\"Notification\",\"TopicArn\":\"t\","
		    "\"Message\":\"m\"}" },
		{ "no topic",
		    "{\"Type\":\"Notification\",\"MessageId\":\"i\","
		    "\"Message\":\"m\"}" },
		{ "no message",
		    "{\"Type\":\"Notification\",\"MessageId\":\"i\","
		    "\"TopicArn\":\"t\"}" },
		{ "keys of another case",
		    "{\"type\":\"Notification\",\"messageId\":\"i\","
		    "\"topicArn\":\"t\",\"message\":\"m\"}" },
		{ "a type that goes on",
		    ENVELOPE(",\"Type\":\"Notification\\u0000\"") },
		{ "another type later", ENVELOPE(",\"Type\":\"Other\"") },
		{ "a type that is no string", ENVELOPE(",\"Type\":1") },
		{ "a message that is an object", ENVELOPE(",\"Message\":{}") },
		{ "a message that is null", ENVELOPE(",\"Message\":null") },
		{ "an id that is null", ENVELOPE(",\"MessageId\":null") },
		{ "an id with a NUL", ENVELOPE(",\"MessageId\":\"a\\u0000\"") },
		{ "a topic with a NUL", ENVELOPE(",\"TopicArn\":\"\\u0000\"") },
		{ "a subject with a NUL",
		    ENVELOPE(",\"Subject\":\"\\u0000\"") },
		{ "a subject that is a number", ENVELOPE(",\"Subject\":1") },
		{ "a timestamp that is an array",
		    ENVELOPE(",\"Timestamp\":[]") },
		{ "attributes in an array",
		    ENVELOPE(
			",\"MessageAttributes\":[{\"Type\":\"String\"}]") },
		{ "attributes that are a string",
		    ENVELOPE(",\"MessageAttributes\":\"\"") },
		{ "an attribute that is a string", ATTRIBUTES("\"a\":\"b\"") },
		{ "an attribute that is an array", ATTRIBUTES("\"a\":[1]") },
		{ "an attribute without anything", ATTRIBUTES("\"a\":{}") },
		{ "an attribute without a type",
		    ATTRIBUTES("\"a\":{\"Value\":\"b\"}") },
		{ "an attribute without a value",
		    ATTRIBUTES("\"a\":{\"Type\":\"String\"}") },
		{ "an attribute whose value is a number",
		    ATTRIBUTES("\"a\":{\"Type\":\"Number\",\"Value\":1}") },
		{ "an attribute whose type has a NUL",
		    ATTRIBUTES("\"a\":{\"Type\":\"\\u0000\",\"Value\":\"\"}") },
		{ "an attribute whose name has a NUL",
		    ATTRIBUTES("\"a\\u0000\":{\"Type\":\"String\","
			       "\"Value\":\"\"}") },
		{ "bytes that are not base64",
		    ATTRIBUTES("\"a\":{\"Type\":\"Binary\",\"Value\":\"A\"}") },
		{ "what is not UTF-8", ENVELOPE(",\"x\":\"\377\"") },
		{ "a comment", ENVELOPE(",/* */\"x\":1") } };
	struct sns_notification n;
	size_t i;

	for (i = 0; i < nitems(none); i++)
		if (!ok(!parse(none[i].body, &n), none[i].name))
			sns_release(&n);
	ok(!parse_n(ENVELOPE("") "\0", sizeof(ENVELOPE("")), &n),
	    "a NUL behind it");
}

static void
test_corners(void)
{
	struct sns_notification n;

	ok(parse(ENVELOPE(",\"Subject\":null,\"Timestamp\":null,"
			  "\"MessageAttributes\":null,\"x\":[{\"y\":null}]"),
	       &n),
	    "nulls are absent, what is unknown is skipped");
	ok(n.subject == NULL && n.timestamp == NULL && n.n_attributes == 0,
	    "so nothing is there");
	sns_release(&n);
	ok(parse(ENVELOPE(",\"Message\":\"second\",\"MessageId\":\"2\","
			  "\"Subject\":\"s\",\"Subject\":null"),
	       &n),
	    "keys that occur twice");
	is_str(n.message, "second", "the last message counts");
	is_str(n.message_id, "2", "the last id");
	ok(n.subject == NULL, "the last subject, which is none");
	sns_release(&n);
	ok(parse(ENVELOPE(",\"Message\":\"a\\u0000b\""), &n), "a NUL within");
	is_mem(n.message, n.message_len, "a\0b", 3, "stays in the message");
	sns_release(&n);
	ok(parse(ENVELOPE(",\"Message\":\"\\ud83d\\udc11\""), &n), "a pair");
	is_str(n.message, "\360\237\220\221", "of surrogates is one");
	sns_release(&n);
	ok(parse(ENVELOPE(",\"Message\":\"\\ud83d\""), &n), "half a pair");
	is_str(n.message, "?", "becomes what json.h says");
	sns_release(&n);
	ok(parse(ENVELOPE(",\"Message\":\"\""), &n), "an empty message");
	is_int(n.message_len, 0, "is one");
	sns_release(&n);
	ok(parse(ATTRIBUTES("\"a\":{\"Type\":\"String\",\"Value\":\"1\"},"
			    "\"a\":{\"Type\":\"String\",\"Value\":\"2\"}"),
	       &n),
	    "an attribute that occurs twice");
	is_int(n.n_attributes, 1, "is one");
	is_str(n.attributes[0].value, "2", "the last");
	sns_release(&n);
	ok(parse(ATTRIBUTES("\"a\":{\"Type\":\"String\",\"Value\":\"1\"}},"
			    "\"MessageAttributes\":{"),
	       &n),
	    "attributes that occur twice");
	is_int(n.n_attributes, 0, "are the last");
	sns_release(&n);
	ok(parse(ATTRIBUTES("\"a\":{\"Type\":\"Binary\",\"Value\":\"\"}"), &n),
	    "no bytes");
	is_int(n.attributes[0].value_len, 0, "are bytes too");
	sns_release(&n);
}

/* Too deep for the parser, and too many attributes: not of SNS. */
static void
test_excess(void)
{
	struct buf b = BUF_INIT(8 * 1024 * 1024);
	struct sns_notification n;
	size_t i;

	buf_puts(&b, "{\"x\":");
	for (i = 0; i < 100000; i++)
		buf_putc(&b, '[');
	ok(!parse_n(b.data, b.len, &n), "100,000 brackets");
	buf_reset(&b);
	buf_puts(&b,
	    "{\"Type\":\"Notification\",\"MessageId\":\"i\","
	    "\"TopicArn\":\"t\",\"Message\":\"");
	for (i = 0; i < 1024 * 1024; i++)
		buf_puts(&b, "\\n");
	buf_puts(&b, "\"}");
	if (ok(parse_n(b.data, b.len, &n), "a message of 1 MiB")) {
		is_int(n.message_len, 1024 * 1024, "is whole");
		sns_release(&n);
	}
	buf_reset(&b);
	buf_puts(&b, "{\"MessageAttributes\":{");
	for (i = 0; i <= MESSAGE_ATTRIBUTES_MAX; i++)
		buf_printf(&b,
		    "%s\"a%zu\":{\"Type\":\"String\",\"Value\":\"\"}",
		    i > 0 ? "," : "", i);
	buf_puts(&b,
	    "},\"Type\":\"Notification\",\"MessageId\":\"i\","
	    "\"TopicArn\":\"t\",\"Message\":\"\"}");
	ok(!parse_n(b.data, b.len, &n), "too many attributes");
	buf_release(&b);
}

int
main(void)
{
	test_whole();
	test_none();
	test_corners();
	test_excess();
	return tap_done();
}
