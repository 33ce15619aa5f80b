/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Pointers to objects of S3, and where these are.
 */
#include "common/aws/s3.h"

#include "common/base/xalloc.h"
#include "common/settings/settings_text.h"
#include "t/unit/tap.h"

#define NEW_CLASS "software.amazon.payloadoffloading.PayloadS3Pointer"
#define OLD_CLASS "com.amazon.sqs.javamessaging.MessageS3Pointer"
#define POINTER(class, more)                                                   \
	"[\"" class "\",{\"s3BucketName\":\"b-1\",\"s3Key\":\"k/1\"" more "}]"

/* From a copy of the exact size, so that a read behind it is seen. */
static bool
parse(const char *text, struct s3_pointer *to)
{
	size_t len = strlen(text);
	char *exact = xmalloc(len > 0 ? len : 1);
	bool is_one;

	memcpy(exact, text, len);
	is_one = s3_pointer_parse((struct span){ exact, len }, to);
	free(exact);
	return is_one;
}

static void
test_pointers(void)
{
	static const char *const none[] = { "", "hello", "{}", "[]", "[1]",
		"[\"" NEW_CLASS "\"]", "[\"" NEW_CLASS "\",{}]",
		"[\"" NEW_CLASS "\",[]]",
		"[\"" NEW_CLASS "\",{\"s3BucketName\":\"b\"}]",
		"[\"" NEW_CLASS "\",{\"s3Key\":\"k\"}]",
		POINTER("some.other.Pointer", ""),
		POINTER(NEW_CLASS "\\u0000", ""),
		POINTER(NEW_CLASS, ",\"s3Key\":\"\""),
		POINTER(NEW_CLASS, ",\"s3Key\":\"a\\u0000b\""),
		POINTER(NEW_CLASS, ",\"s3Key\":null"),
		POINTER(NEW_CLASS, ",\"s3BucketName\":1"),
		POINTER(NEW_CLASS, ",\"s3BucketName\":\"@h/b\""),
		POINTER(NEW_CLASS, ",\"s3BucketName\":\"B\""),
		POINTER(NEW_CLASS, ",\"s3BucketName\":{\"a\":1}"),
		POINTER(NEW_CLASS, "") "x",
		"[\"" NEW_CLASS
		"\",{\"s3BucketName\":\"b\",\"s3Key\":\"k\"},1]",
		"[{\"s3BucketName\":\"b\",\"s3Key\":\"k\"},\"" NEW_CLASS "\"]",
		"{\"a\":[\"" NEW_CLASS "\"]}" };
	struct s3_pointer p;
	struct buf b = BUF_INIT(8192);
	size_t i;

	ok(parse(POINTER(NEW_CLASS, ""), &p), "a pointer");
	is_str(p.bucket, "b-1", "its bucket");
	is_str(p.key, "k/1", "its key");
	ok(parse(" [ \"" OLD_CLASS "\" , { \"s3Key\" : \"\\u00fc\" ,\n"
		 "\"x\":[{\"y\":1}], \"s3BucketName\" : \"old\" } ] \n",
	       &p),
	    "one of the older class");
	is_str(p.bucket, "old", "its bucket");
	is_str(p.key, "\303\274", "its key");
	ok(parse(POINTER(NEW_CLASS, ",\"s3Key\":\"last\""), &p),
	    "a key that occurs twice");
	is_str(p.key, "last", "the last counts");
	for (i = 0; i < nitems(none); i++)
		ok(!parse(none[i], &p), none[i]);
	buf_puts(&b,
	    "[\"" NEW_CLASS "\",{\"s3BucketName\":\"b\","
	    "\"s3Key\":\"");
	for (i = 0; i < 1024; i++)
		buf_putc(&b, 'k');
	buf_puts(&b, "\"}]");
	ok(parse(buf_str(&b), &p), "a key of 1024 bytes");
	is_int(strlen(p.key), 1024, "is whole");
	b.len -= 3;
	buf_puts(&b, "k\"}]");
	ok(!parse(buf_str(&b), &p), "one of 1025 is none");
	buf_release(&b);
}

static void
test_marks(void)
{
	struct message_attribute a[] = { { (char[]){ "x" },
					     (char[]){ "String" },
					     (char[]){ "1" }, 1, false },
		{ (char[]){ "ExtendedPayloadSize" }, (char[]){ "Number" },
		    (char[]){ "300000" }, 6, false } };
	long long bytes = 7;

	ok(!s3_pointer_is_marked(a, 1, &bytes), "without the attribute");
	is_int(bytes, 7, "nothing is said");
	ok(s3_pointer_is_marked(a, 2, &bytes), "with it");
	is_int(bytes, 300000, "the size is known");
	a[1].name = (char[]){ "SQSLargePayloadSize" };
	ok(s3_pointer_is_marked(a, 2, &bytes), "with the older one");
	a[1].value = (char[]){ "-1" };
	a[1].value_len = 2;
	ok(s3_pointer_is_marked(a, 2, &bytes), "with nonsense in it");
	is_int(bytes, -1, "the size is not known");
}

static void
test_buckets(void)
{
	const char *list = "one, two-2  three.3,";

	ok(settings_text_is_bucket_listed("one", list), "the first of a list");
	ok(settings_text_is_bucket_listed("two-2", list), "the second");
	ok(settings_text_is_bucket_listed("three.3", list), "the last");
	ok(!settings_text_is_bucket_listed("two", list), "not a part of one");
	ok(!settings_text_is_bucket_listed("two-22", list), "nor more");
	ok(!settings_text_is_bucket_listed("", list), "nor nothing");
	ok(!settings_text_is_bucket_listed("one, two-2", list), "nor two");
	ok(!settings_text_is_bucket_listed("one", NULL),
	    "nothing is in no list");
	is_str(settings_text_check_buckets(list), NULL, "a good list");
	ok(settings_text_check_buckets("ab") != NULL,
	    "a name that is too short");
	ok(settings_text_check_buckets("one Two") != NULL, "upper case");
	ok(settings_text_check_buckets("a/b/c") != NULL, "a path");
	ok(settings_text_check_buckets("*") != NULL, "no patterns");
	ok(settings_text_check_buckets(" , ") != NULL, "no names");
}

static void
test_addresses(void)
{
	static const struct {
		const char *endpoint; /* NULL: AWS's */
		struct s3_pointer object;
		const char *url, *path, *host;
	} cases[] = {
		{ NULL, { "one", "a/b c.json" },
		    "https://one.s3.eu-west-1.amazonaws.com/a/b%20c.json",
		    "/a/b c.json", "one.s3.eu-west-1.amazonaws.com" },
		{ NULL, { "a.b", "k" },
		    "https://s3.eu-west-1.amazonaws.com/a.b/k", "/a.b/k",
		    "s3.eu-west-1.amazonaws.com" },
		{ "http://127.0.0.1:9000", { "one", "../x?y=%2F#z" },
		    "http://127.0.0.1:9000/one/../x%3Fy%3D%252F%23z",
		    "/one/../x?y=%2F#z", "127.0.0.1:9000" },
		{ "http://h/prefix/", { "one", "/\303\274+" },
		    "http://h/prefix/one//%C3%BC%2B", "/prefix/one//\303\274+",
		    "h" },
		{ "nonsense", { "one", "k" }, NULL, NULL, NULL },
	};
	struct s3_address a;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		int result = s3_address_of(cases[i].endpoint, "eu-west-1",
		    (struct aws_endpoint_variant){ 0 }, &cases[i].object, &a);

		is_int(result, cases[i].url != NULL ? 0 : -1,
		    cases[i].object.key);
		if (result == 0) {
			is_str(buf_str(&a.url), cases[i].url, "URL");
			is_str(buf_str(&a.path), cases[i].path, "path");
			is_str(a.host, cases[i].host, "host");
		}
		s3_address_release(&a);
	}
}

static void
test_dots(void)
{
	static const struct {
		const char *key;
		bool has_dots;
	} cases[] = { { "a/b", false }, { "../private/x", true },
		{ "a/..", true }, { "a/../b", true }, { "./a", true },
		{ "a/./b", true }, { "..", true }, { ".", true },
		{ "...", false }, { "a../b", false }, { ".a/..b", false },
		{ "a//b", false }, { "/a", false }, { "a\\..\\b", true },
		{ "%2e%2E/a", true }, { ".%2e/a", true },
		{ "a%2f..%2fb", true }, { "%252e%252e/a", true },
		{ "%25252e./a", true }, { "a/..;x=1/b", true },
		{ "100%/..a", false }, { "%2", false }, { "%zz/a", false },
		{ "a%5c..%5cb", true }, { "", false }, { "..%00/a", true },
		{ "a%00/%2e%2e/b", true } };
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		ok(s3_key_has_dots(cases[i].key) == cases[i].has_dots,
		    cases[i].key);
}

int
main(void)
{
	test_dots();
	test_pointers();
	test_marks();
	test_buckets();
	test_addresses();
	return tap_done();
}
