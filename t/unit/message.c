/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Received messages: what is read from an answer, what is refused, and the
 * MD5 sums.
 */
#include "common/aws/message.h"

#include <sys/wait.h>

#include <limits.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "common/aws/message_md5.h"
#include "common/base/json.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

/* A message of an answer, with room for more of its members. */
#define MESSAGE(more)                                                              \
	"{\"MessageId\":\"m-1\",\"ReceiptHandle\":\"h-1\",\"Body\":\"hello\"" more \
	"}"
#define ANSWER(message) "{\"Messages\":[" message "]}"
#define ATTRIBUTES(a)   ANSWER(MESSAGE(",\"MessageAttributes\":{" a "}"))
#define SYSTEM(a)       ANSWER(MESSAGE(",\"Attributes\":{" a "}"))

/* From a copy of the exact size, so that a read behind it is seen. */
static int
parse(const char *text, struct message_list *list)
{
	size_t len = strlen(text);
	char *exact = malloc(len > 0 ? len : 1);
	struct error e;
	int result;

	if (exact == NULL)
		abort();
	memcpy(exact, text, len);
	error_clear(&e);
	list->n = 99;
	result = message_parse_list((struct span){ exact, len }, list, &e);
	free(exact);
	if (result == -1 && (list->n != 0 || e.kind != ERROR_RETRY))
		ok(false, "a refused answer leaves an empty list");
	return result;
}

static void
release(struct message_list *list)
{
	while (list->n > 0)
		message_release(&list->messages[--list->n]);
}

static void
test_whole_message(void)
{
	static const char answer[] =
	    "{\"Messages\":[{"
	    "\"MessageId\":\"3f2c9d3e\",\"ReceiptHandle\":\"AQEB+/==\","
	    "\"MD5OfBody\":\"900150983cd24fb0d6963f7d28e17f72\","
	    "\"Body\":\"abc\",\"Attributes\":{\"SenderId\":\"AIDA\","
	    "\"SentTimestamp\":\"1700000000123\","
	    "\"ApproximateReceiveCount\":\"3\","
	    "\"ApproximateFirstReceiveTimestamp\":\"1700000000456\","
	    "\"SequenceNumber\":\"18849496460467696128\","
	    "\"MessageGroupId\":\"g\",\"MessageDeduplicationId\":\"d\","
	    "\"AWSTraceHeader\":\"Root=1\"},"
	    "\"MD5OfMessageAttributes\":\"00\",\"MessageAttributes\":{"
	    "\"text\":{\"DataType\":\"String.x\",\"StringValue\":\"v\"},"
	    "\"bytes\":{\"BinaryValue\":\"AAH/\",\"DataType\":\"Binary\"}"
	    "}}]}";
	struct message_list list;
	const struct message *m = &list.messages[0];
	const struct message_attribute *a;

	if (!ok(parse(answer, &list) == 0 && list.n == 1,
		"an answer with a message is read"))
		return;
	is_str(m->id, "3f2c9d3e", "the id is kept");
	is_str(m->receipt_handle, "AQEB+/==", "and the receipt handle");
	is_mem(m->body, m->body_len, "abc", 3, "and the body");
	is_str(m->md5_of_body, "900150983cd24fb0d6963f7d28e17f72",
	    "and its MD5");
	is_str(m->md5_of_attributes, "00", "and that of the attributes");
	is_str(m->sender_id, "AIDA", "and the sender");
	is_str(m->group_id, "g", "and the group");
	is_str(m->deduplication_id, "d", "and the deduplication id");
	is_str(m->sequence_number, "18849496460467696128",
	    "and the sequence number, which exceeds 64 bits with a sign");
	is_str(m->trace_header, "Root=1", "and the trace header");
	is_int(m->receive_count, 3, "and the receive count");
	is_int(m->sent_timestamp_ms, 1700000000123, "and when it was sent");
	is_int(m->first_receive_timestamp_ms, 1700000000456,
	    "and first received");
	if (ok(m->n_attributes == 2, "and both attributes")) {
		a = m->attributes;
		is_str(a[0].name, "text", "an attribute has its name");
		is_str(a[0].type, "String.x", "and its type with the label");
		ok(!a[0].binary, "a string is not binary");
		is_str(a[0].value, "v", "and has its text");
		ok(a[1].binary, "bytes are binary");
		is_mem(a[1].value, a[1].value_len, "\0\1\377", 3,
		    "and are decoded");
	}
	release(&list);
	ok(m->id == NULL && m->attributes == NULL,
	    "releasing a message empties it");
	message_release(&list.messages[0]);
	message_release(NULL);
}

static void
test_absent(void)
{
	static const char *const empty[] = { "", "{}", "{\"Messages\":[]}",
		"{\"Messages\":null}", "{\"messages\":[1]}",
		"{\"New\":[{\"a\":[{}]}],\"Messages\":[]}" };
	struct message_list list;
	const struct message *m = &list.messages[0];
	size_t i;

	for (i = 0; i < nitems(empty); i++)
		ok(parse(empty[i], &list) == 0 && list.n == 0, empty[i]);
	if (!ok(parse(ANSWER(MESSAGE(",\"Attributes\":null,"
				     "\"MessageAttributes\":null,"
				     "\"MD5OfBody\":null,\"New\":{\"Body\":1,"
				     "\"x\":[{\"MessageId\":2}]}")),
		    &list) == 0 &&
		    list.n == 1,
		"null is absent and unknown keys are skipped"))
		return;
	is_str(m->id, "m-1", "whatever is in them");
	ok(m->md5_of_body == NULL && m->md5_of_attributes == NULL &&
		m->group_id == NULL && m->deduplication_id == NULL &&
		m->sequence_number == NULL && m->trace_header == NULL &&
		m->sender_id == NULL && m->attributes == NULL,
	    "what is absent is NULL");
	is_int(m->receive_count, 1, "no receive count is the first one");
	is_int(m->sent_timestamp_ms, 0, "no timestamp is 0");
	release(&list);
}

static void
test_receive_count(void)
{
	static const struct {
		const char *answer;
		long long want;
	} cases[] = { { SYSTEM("\"ApproximateReceiveCount\":\"12\""), 12 },
		{ SYSTEM("\"ApproximateReceiveCount\":12"), 12 },
		{ SYSTEM("\"ApproximateReceiveCount\":\"0\""), 1 },
		{ SYSTEM("\"ApproximateReceiveCount\":\"-4\""), 1 },
		{ SYSTEM("\"ApproximateReceiveCount\":\"\""), 1 },
		{ SYSTEM("\"ApproximateReceiveCount\":\"many\""), 1 },
		{ SYSTEM("\"ApproximateReceiveCount\":\"1e3\""), 1 },
		{ SYSTEM("\"ApproximateReceiveCount\":null"), 1 },
		{ SYSTEM("\"ApproximateReceiveCount\":"
			 "\"99999999999999999999\""),
		    1 },
		{ SYSTEM("\"ApproximateReceiveCount\":\"7\","
			 "\"ApproximateReceiveCount\":\"x\""),
		    1 } };
	struct message_list list;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		if (!ok(parse(cases[i].answer, &list) == 0,
			"a receive count is no reason to refuse an answer"))
			continue;
		is_int(list.messages[0].receive_count, cases[i].want,
		    "one that cannot be read counts as 1");
		release(&list);
	}
}

static void
test_refusals(void)
{
	static const struct {
		const char *answer, *name;
	} cases[] = { { " ", "blanks" }, { "[]", "an array" },
		{ "null", "null" },
		{ "{\"Messages\":[" MESSAGE("") ",{\"Body\":\"x",
		    "an answer that was cut" },
		{ "{\"Messages\":{}}", "messages that are an object" },
		{ "{\"Messages\":\"\"}", "messages that are a string" } };
	struct message_list list;
	char name[96];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		(void)snprintf(name, sizeof(name), "refused: %s",
		    cases[i].name);
		is_int(parse(cases[i].answer, &list), -1, name);
	}
}

/* Each alone, and the good ones beside it are none the worse for it. */
static void
test_unusable(void)
{
	static const struct {
		const char *answer, *name;
	} cases[] = { { "{\"Messages\":[1]}", "a message that is a number" },
		{ "{\"Messages\":[null]}", "a message that is null" },
		{ "{\"Messages\":[[]]}", "a message that is an array" },
		{ "{\"Messages\":[{}]}", "a message without anything" },
		{ ANSWER("{\"MessageId\":\"i\",\"Body\":\"b\"}"),
		    "no receipt handle" },
		{ ANSWER("{\"MessageId\":\"i\",\"ReceiptHandle\":\"h\"}"),
		    "no body" },
		{ ANSWER("{\"ReceiptHandle\":\"h\",\"Body\":\"b\"}"), "no id" },
		{ ANSWER(MESSAGE(",\"Body\":1")), "a body that is a number" },
		{ ANSWER(MESSAGE(",\"Body\":{}")), "a body that is an object" },
		{ ANSWER(MESSAGE(",\"MessageId\":[]")),
		    "an id that is an array" },
		{ ANSWER(MESSAGE(",\"MD5OfBody\":false")),
		    "an MD5 that is a boolean" },
		{ ANSWER(MESSAGE(",\"MessageId\":\"a\\u0000b\"")),
		    "a NUL in an id" },
		{ ANSWER(MESSAGE(",\"ReceiptHandle\":\"\\u0000\"")),
		    "a NUL in a receipt handle" },
		{ SYSTEM("\"MessageGroupId\":\"\\u0000\""),
		    "a NUL in a group" },
		{ SYSTEM("\"MessageGroupId\":5"), "a group that is a number" },
		{ SYSTEM("\"ApproximateReceiveCount\":{}"),
		    "a receive count that is an object" },
		{ ANSWER(MESSAGE(",\"Attributes\":[]")),
		    "system attributes that are an array" },
		{ ANSWER(MESSAGE(",\"Attributes\":\"x\"")),
		    "system attributes that are a string" },
		{ ANSWER(MESSAGE(",\"MessageAttributes\":[]")),
		    "attributes that are an array" },
		{ ATTRIBUTES("\"a\":1"), "an attribute that is a number" },
		{ ATTRIBUTES("\"a\":[]"), "an attribute that is an array" },
		{ ATTRIBUTES("\"a\":{}"), "an attribute without anything" },
		{ ATTRIBUTES("\"a\":{\"DataType\":\"String\"}"),
		    "an attribute without a value" },
		{ ATTRIBUTES("\"a\":{\"StringValue\":\"x\"}"),
		    "an attribute without a type" },
		{ ATTRIBUTES("\"a\":{\"DataType\":\"String\","
			     "\"StringListValues\":[\"x\"]}"),
		    "an attribute with a list of values" },
		{ ATTRIBUTES("\"a\\u0000\":{\"DataType\":\"String\","
			     "\"StringValue\":\"x\"}"),
		    "a NUL in an attribute's name" },
		{ ATTRIBUTES("\"a\":{\"DataType\":\"Str\\u0000\","
			     "\"StringValue\":\"x\"}"),
		    "a NUL in an attribute's type" },
		{ ATTRIBUTES("\"a\":{\"DataType\":1,\"StringValue\":\"x\"}"),
		    "a type that is a number" },
		{ ATTRIBUTES("\"a\":{\"DataType\":\"Number\","
			     "\"StringValue\":1}"),
		    "a value that is a number" } };
	struct message_list list;
	char name[96];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		(void)snprintf(name, sizeof(name), "unusable: %s",
		    cases[i].name);
		ok(parse(cases[i].answer, &list) == 0 && list.n == 0 &&
			list.n_unusable == 1 && list.reason != NULL,
		    name);
		release(&list);
	}
}

#define OTHER(id, handle)                                                      \
	"{\"MessageId\":\"" id "\",\"ReceiptHandle\":\"" handle                \
	"\",\"Body\":\"\"}"

static void
test_good_among_unusable(void)
{
	struct message_list list;

	is_int(
	    parse(
		ANSWER("{}," MESSAGE(
		    "") ",1,[{\"MessageId\":1}],"
			"{\"Body\":{\"Body\":\"\"},\"MessageId\":\"m-9\"}," OTHER(
			    "m-2", "h-2") ",null"),
		&list),
	    0, "good messages among others are read");
	is_int((long long)list.n, 2, "all of them");
	is_str(list.messages[1].id, "m-2", "in their order");
	is_int((long long)list.n_unusable, 5, "the others are counted");
	is_str(list.reason, "a message without id, receipt handle or body",
	    "and the first of them says why");
	release(&list);
	is_int(parse(ANSWER(OTHER("a", "h") "," OTHER("a", "i") "," OTHER("b",
			 "h") "," OTHER("c", "c")),
		   &list),
	    0, "messages may occur twice");
	is_int((long long)list.n, 2, "the first of an id or handle counts");
	is_int((long long)list.n_unusable, 2, "the others are unusable");
	release(&list);
}

static int
parse_n(size_t n_messages, size_t n_attributes, struct message_list *list)
{
	struct buf b = BUF_INIT(1 << 20);
	size_t i, k;
	int result;

	buf_puts(&b, "{\"Messages\":[");
	for (i = 0; i < n_messages; i++) {
		buf_printf(&b,
		    "%s{\"MessageId\":\"m-%zu\","
		    "\"ReceiptHandle\":\"h-%zu\",",
		    i > 0 ? "," : "", i, i);
		buf_puts(&b,
		    "\"Body\":\"\","
		    "\"MessageAttributes\":{");
		for (k = 0; k < n_attributes; k++)
			buf_printf(&b,
			    "%s\"a%zu\":{\"DataType\":\"String\","
			    "\"StringValue\":\"%zu\"}",
			    k > 0 ? "," : "", k, k);
		buf_puts(&b, "}}");
	}
	buf_puts(&b, "]}");
	result = parse(buf_str(&b), list);
	buf_release(&b);
	return result;
}

static void
test_limits(void)
{
	struct message_list list;

	is_int(parse_n(MESSAGE_BATCH_MAX, 2, &list), 0,
	    "ten messages are read");
	is_int(list.n, MESSAGE_BATCH_MAX, "all of them");
	is_str(list.messages[9].id, "m-9", "in their order");
	is_int(list.messages[9].body_len, 0, "a body may be empty");
	release(&list);
	is_int(parse_n(MESSAGE_BATCH_MAX + 1, 2, &list), 0,
	    "so are ten of eleven");
	ok(list.n == MESSAGE_BATCH_MAX && list.n_unusable == 1,
	    "and the eleventh is counted");
	release(&list);
	is_int(parse_n(1, MESSAGE_ATTRIBUTES_MAX, &list), 0,
	    "many attributes are read");
	is_str(list.messages[0].attributes[MESSAGE_ATTRIBUTES_MAX - 1].value,
	    "99", "up to the last");
	release(&list);
	is_int(parse_n(1, MESSAGE_ATTRIBUTES_MAX + 1, &list), 0,
	    "a message with absurdly many");
	ok(list.n == 0 && list.n_unusable == 1, "is unusable");
}

static void
test_duplicates(void)
{
	struct message_list list;
	const struct message *m = &list.messages[0];

	if (ok(parse(ANSWER(MESSAGE(",\"Body\":\"a\\u0000b\","
				    "\"MessageId\":\"m-2\"")),
		   &list) == 0,
		"keys may occur twice")) {
		is_str(m->id, "m-2", "the last id counts");
		is_mem(m->body, m->body_len, "a\0b", 3,
		    "and the last body, which may hold NULs");
		release(&list);
	}
	if (ok(parse("{\"Messages\":[" MESSAGE("") "," MESSAGE(
			 "") "],\"Messages\":[" MESSAGE("") "]}",
		   &list) == 0,
		"lists of messages may occur twice")) {
		is_int(list.n, 1, "the last one counts");
		release(&list);
	}
	if (ok(parse(
		   ATTRIBUTES(
		       "\"a\":{\"DataType\":\"String\",\"StringValue\":\"1\"},"
		       "\"b\":{\"DataType\":\"String\",\"StringValue\":\"2\"},"
		       "\"a\":{\"DataType\":\"Number\",\"StringValue\":\"3\","
		       "\"StringValue\":\"4\"}"),
		   &list) == 0 &&
		    m->n_attributes == 2,
		"an attribute that occurs twice is one")) {
		is_str(m->attributes[0].name, "a", "in its first place");
		is_str(m->attributes[0].type, "Number", "with its last type");
		is_str(m->attributes[0].value, "4", "and value");
		is_str(m->attributes[1].value, "2", "beside the others");
		release(&list);
	}
	if (ok(parse(ANSWER(MESSAGE(",\"MessageAttributes\":{\"a\":{"
				    "\"DataType\":\"String\","
				    "\"StringValue\":\"1\"}},"
				    "\"MessageAttributes\":{}")),
		   &list) == 0,
		"attributes may come twice")) {
		is_int(m->n_attributes, 0, "the last ones count");
		release(&list);
	}
}

static void
test_base64(void)
{
	static const struct {
		const char *text, *want;
		int len; /* -1: refused */
	} cases[] = { { "", "", 0 }, { "AA==", "\0", 1 }, { "Zg==", "f", 1 },
		{ "Zm8=", "fo", 2 }, { "Zm9v", "foo", 3 },
		{ "Zm9vYmFy", "foobar", 6 }, { "+/+/", "\373\377\277", 3 },
		{ "Z", NULL, -1 }, { "Zg", NULL, -1 }, { "Zg=", NULL, -1 },
		{ "Zm9vY", NULL, -1 }, { "====", NULL, -1 },
		{ "Z===", NULL, -1 }, { "Zg==Zg==", NULL, -1 },
		{ "Z=g=", NULL, -1 }, { "Zm9v\\n", NULL, -1 },
		{ " Zg=", NULL, -1 }, { "Zm9-", NULL, -1 },
		{ "Zm\\u0000v", NULL, -1 } };
	struct message_list list;
	const struct message_attribute *a;
	char answer[256], name[64];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		(void)snprintf(answer, sizeof(answer),
		    ATTRIBUTES("\"b\":{\"DataType\":\"Binary\","
			       "\"BinaryValue\":\"%s\"}"),
		    cases[i].text);
		(void)snprintf(name, sizeof(name), "base64 '%s' is %s",
		    cases[i].text, cases[i].len < 0 ? "refused" : "decoded");
		if (!is_int(parse(answer, &list), 0, name) ||
		    !is_int((long long)list.n_unusable, cases[i].len < 0,
			name) ||
		    cases[i].len < 0)
			continue;
		a = list.messages[0].attributes;
		is_mem(a->value, a->value_len, cases[i].want,
		    (size_t)cases[i].len, name);
		is_int(a->value[a->value_len], '\0', "a NUL follows it");
		release(&list);
	}
}

/* RFC 1321, A.5. */
static void
test_md5(void)
{
	char hex[33];

	message_md5("", 0, hex);
	is_str(hex, "d41d8cd98f00b204e9800998ecf8427e", "MD5 of nothing");
	message_md5("message digest", 14, hex);
	is_str(hex, "f96b697d7cb7938d525a2f31aaf161d0", "MD5 of some text");
	message_md5("abc", 3, hex);
	is_str(hex, "900150983cd24fb0d6963f7d28e17f72",
	    "the digest begins anew each time");
	message_md5_of_attributes(NULL, 0, hex);
	is_str(hex, "d41d8cd98f00b204e9800998ecf8427e",
	    "no attributes are no bytes");
}

/*
 * Wanted values by hashlib, over the length-prefixed bytes that the developer
 * guide describes, put together by hand.
 */
static void
test_attributes_md5(void)
{
	struct message_attribute text = { (char[]){ "fruit" },
		(char[]){ "String.pom\u00e9" }, (char[]){ "\u68a8" }, 3,
		false };
	struct message_attribute bytes = { (char[]){ "Zest" },
		(char[]){ "Binary" }, (char[]){ "\0\200" }, 2, true };
	struct message_attribute empty = { (char[]){ "e" },
		(char[]){ "Number" }, (char[]){ "" }, 0, false };
	struct message_attribute all[3];
	char hex[33];

	message_md5_of_attributes(&text, 1, hex);
	is_str(hex, "531d161e7db9b24c933f69d744604a50",
	    "MD5 of an attribute takes type labels and text as they are");
	all[0] = text;
	all[1] = bytes;
	all[2] = empty;
	message_md5_of_attributes(all, 3, hex);
	is_str(hex, "8a5320128a39cb3725355fb116e43da1",
	    "of several, in the byte order of their names");
	is_str(all[0].name, "fruit", "and leaves them where they are");
	all[0] = empty;
	all[1] = text;
	all[2] = bytes;
	message_md5_of_attributes(all, 3, hex);
	is_str(hex, "8a5320128a39cb3725355fb116e43da1",
	    "so that their order does not matter");
}

static void
test_mismatch(void)
{
	static const char good[] = ANSWER(
	    "{\"MessageId\":\"m\",\"ReceiptHandle\":\"h\","
	    "\"Body\":\"caf\\u00e9\\n\","
	    "\"MD5OfBody\":\"6e99834b7c3e3fd53529a5489725d7e8\","
	    "\"MD5OfMessageAttributes\":\"f0211cfdcfd24259ed9b0ddc7ca76dc0\","
	    "\"MessageAttributes\":{\"k\":{\"DataType\":\"Number\","
	    "\"StringValue\":\"3\"}}}");
	struct message_list list;
	struct message *m = &list.messages[0];

	ok(message_md5_available(), "MD5 is available here");
	if (!ok(parse(good, &list) == 0, "a message with sums is read"))
		return;
	ok(message_md5_mismatch(m) == NULL, "sums that match are fine");
	m->attributes[0].value[0] = '4';
	is_str(message_md5_mismatch(m), "attributes",
	    "a changed attribute is noticed");
	m->body[0] = 'C';
	is_str(message_md5_mismatch(m), "body",
	    "a changed body is noticed first");
	free(m->md5_of_body);
	m->md5_of_body = NULL;
	is_str(message_md5_mismatch(m), "attributes",
	    "without a sum of the body that of the attributes counts");
	free(m->md5_of_attributes);
	m->md5_of_attributes = NULL;
	ok(message_md5_mismatch(m) == NULL,
	    "without sums there is no mismatch");
	release(&list);
}

/* Where only FIPS algorithms are allowed; in a process of its own, before MD5
   was asked for. */
static void
test_without_md5(void)
{
	struct message m = { .body = (char[]){ "b" },
		.body_len = 1,
		.md5_of_body = (char[]){ "wrong" },
		.md5_of_attributes = (char[]){ "wrong" } };
	char hex[33];
	int status = -1;
	bool good;
	pid_t pid = fork();

	if (pid == 0) {
		good = EVP_set_default_properties(NULL, "fips=yes") == 1 &&
		    !message_md5_available() &&
		    message_md5_mismatch(&m) == NULL;
		message_md5("b", 1, hex);
		good = good && hex[0] == '\0' &&
		    !message_md5_differs("of the service", hex);
		message_md5_of_attributes(NULL, 0, hex);
		_exit(!(good && hex[0] == '\0'));
	}
	(void)waitpid(pid, &status, 0);
	is_int(status, 0, "where MD5 is forbidden no message is refused");
}

/* ---- the service's own sums, where its recordings are at hand ---- */

static char *
read_file(const char *dir, const char *name, size_t *ret_len)
{
	char *path = xasprintf("%s/reference/data/%s", dir, name);
	FILE *f = fopen(path, "rb");
	char *text = NULL;

	free(path);
	if (f == NULL)
		return NULL;
	text = xcalloc(1, 65536);
	*ret_len = fread(text, 1, 65535, f);
	(void)fclose(f);
	return text;
}

/*
 * vectors[i].attributes is what a message has as MessageAttributes, so an
 * answer is made of it; its sum is vectors[i].md5.
 */
static void
check_vectors(char *text)
{
	static const char begin[] = "\"attributes\":", sum[] = ",\"md5\":\"";
	struct message_list list;
	char *at = text, *end, *answer;
	size_t n = 0, n_good = 0;
	char hex[33];

	while ((at = strstr(at, begin)) != NULL) {
		at += sizeof(begin) - 1;
		if ((end = strstr(at, sum)) == NULL)
			break;
		n++;
		*end = '\0';
		answer = xasprintf("{\"Messages\":[{\"MessageId\":\"m\","
				   "\"ReceiptHandle\":\"h\",\"Body\":\"\","
				   "\"MessageAttributes\":%s}]}",
		    at);
		at = end + sizeof(sum) - 1;
		if (parse(answer, &list) == 0) {
			message_md5_of_attributes(list.messages[0].attributes,
			    list.messages[0].n_attributes, hex);
			n_good += strncmp(hex, at, 32) == 0;
			release(&list);
		}
		free(answer);
	}
	ok(n > 0, "there are recorded sums of attributes");
	is_int(n_good, n, "all of them are ours");
}

static void
test_recorded_sums(void)
{
	const char *dir = getenv("SQSHERD_SHARED");
	size_t len;
	char *text = read_file(dir != NULL ? dir : "../shared",
	    "sqs-md5-vectors.json", &len);

	if (text == NULL) {
		tap_skip("recorded sums of attributes",
		    "the data is not in ../shared");
		return;
	}
	check_vectors(text);
	free(text);
}

int
main(void)
{
	test_without_md5();
	test_whole_message();
	test_absent();
	test_receive_count();
	test_refusals();
	test_unusable();
	test_good_among_unusable();
	test_limits();
	test_duplicates();
	test_base64();
	test_md5();
	test_attributes_md5();
	test_mismatch();
	test_recorded_sums();
	return tap_done();
}
