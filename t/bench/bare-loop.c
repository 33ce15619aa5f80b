/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqsherd is measured against this: the shortest loop around one libcurl easy
 * handle that makes the same calls over a kept connection.  It receives ten
 * messages, takes out their receipt handles and deletes them, and that is all:
 * nothing is signed, verified, extended, retried or recorded.  The headers are
 * those of common/aws/aws.c, with an Authorization of the same length.
 *
 *	bare-loop SECONDS ENDPOINT-URL QUEUE-URL
 *
 * Prints "messages N wall_us N cpu_us N", as sqsherd-null does.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "t/bench/measure.h"

#include "common/base/banned.h"

enum {
	ANSWER_MAX = 256 * 1024,
	REQUEST_MAX = 64 * 1024
};

struct text {
	char *data;
	size_t len, max;
};

struct loop {
	CURL *easy;
	struct curl_slist *receive_headers, *delete_headers;
	const char *queue_url;
	struct text answer, request;
};

static void
append(struct text *t, const char *p, size_t n)
{
	if (n > t->max - t->len)
		errx(1, "more than %zu bytes", t->max);
	memcpy(t->data + t->len, p, n);
	t->len += n;
}

static void
append_string(struct text *t, const char *s)
{
	append(t, s, strlen(s));
}

static size_t
on_body(char *data, size_t size, size_t n, void *arg)
{
	append(arg, data, size * n);
	return size * n;
}

static struct curl_slist *
headers_for(const char *operation)
{
	static const char *const fixed[] = {
		"Content-Type: application/x-amz-json-1.0",
		"x-amzn-query-mode: true", "X-Amz-Date: 20260101T000000Z",
		"amz-sdk-invocation-id: 00000000-0000-4000-8000-000000000000",
		"amz-sdk-request: attempt=1; max=3",
		"Authorization: AWS4-HMAC-SHA256 Credential=AKIDBENCH/20260101"
		"/us-east-1/sqs/aws4_request, SignedHeaders=content-type;host;"
		"x-amz-date;x-amz-target;x-amzn-query-mode, Signature="
		"0123456789abcdef0123456789abcdef"
		"0123456789abcdef0123456789abcdef",
		"Expect:"
	};
	struct curl_slist *list = NULL;
	char target[80];
	size_t i;

	(void)snprintf(target, sizeof(target), "X-Amz-Target: AmazonSQS.%s",
	    operation);
	list = curl_slist_append(list, target);
	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		list = curl_slist_append(list, fixed[i]);
	return list;
}

static void
open_loop(struct loop *l, const char *endpoint_url, const char *queue_url)
{
	static char answer[ANSWER_MAX], request[REQUEST_MAX];

	l->answer = (struct text){ answer, 0, sizeof(answer) };
	l->request = (struct text){ request, 0, sizeof(request) };
	l->queue_url = queue_url;
	l->receive_headers = headers_for("ReceiveMessage");
	l->delete_headers = headers_for("DeleteMessageBatch");
	l->easy = curl_easy_init();
	curl_easy_setopt(l->easy, CURLOPT_URL, endpoint_url);
	curl_easy_setopt(l->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(l->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(l->easy, CURLOPT_USERAGENT, "bare-loop");
	if (getenv("AWS_CA_BUNDLE") != NULL)
		curl_easy_setopt(l->easy, CURLOPT_CAINFO,
		    getenv("AWS_CA_BUNDLE"));
	curl_easy_setopt(l->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(l->easy, CURLOPT_WRITEDATA, &l->answer);
}

static void
close_loop(struct loop *l)
{
	curl_easy_cleanup(l->easy);
	curl_slist_free_all(l->receive_headers);
	curl_slist_free_all(l->delete_headers);
}

static void
call(struct loop *l, struct curl_slist *headers)
{
	CURLcode code;
	long status;

	l->answer.len = 0;
	curl_easy_setopt(l->easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(l->easy, CURLOPT_POSTFIELDS, l->request.data);
	curl_easy_setopt(l->easy, CURLOPT_POSTFIELDSIZE, (long)l->request.len);
	if ((code = curl_easy_perform(l->easy)) != CURLE_OK)
		errx(1, "%s", curl_easy_strerror(code));
	curl_easy_getinfo(l->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200)
		errx(1, "HTTP status %ld", status);
}

static void
receive(struct loop *l)
{
	l->request.len = 0;
	append_string(&l->request, "{\"QueueUrl\":\"");
	append_string(&l->request, l->queue_url);
	append_string(&l->request,
	    "\",\"MaxNumberOfMessages\":10,\"WaitTimeSeconds\":20,"
	    "\"VisibilityTimeout\":60,\"MessageSystemAttributeNames\":[\"All\"],"
	    "\"MessageAttributeNames\":[\"All\"]}");
	call(l, l->receive_headers);
}

/*
 * Writes a request to delete the messages of the answer; returns how many these
 * are.
 */
static int
collect_handles(struct loop *l)
{
	static const char key[] = "\"ReceiptHandle\":";
	const char *p = l->answer.data;
	const char *end = p + l->answer.len;
	char id[2] = "0";
	int n = 0;

	l->request.len = 0;
	append_string(&l->request, "{\"QueueUrl\":\"");
	append_string(&l->request, l->queue_url);
	append_string(&l->request, "\",\"Entries\":[");
	while ((p = memmem(p, (size_t)(end - p), key, strlen(key))) != NULL) {
		const char *quote = memchr(p + strlen(key) + 1, '"',
		    (size_t)(end - p) - strlen(key) - 1);

		if (quote == NULL || n == 10)
			errx(1, "not an answer of ten messages");
		id[0] = (char)('0' + n);
		append_string(&l->request,
		    n == 0 ? "{\"Id\":\"" : ",{\"Id\":\"");
		append_string(&l->request, id);
		append_string(&l->request, "\",");
		append(&l->request, p, (size_t)(quote + 1 - p));
		append_string(&l->request, "}");
		p = quote + 1;
		n++;
	}
	append_string(&l->request, "]}");
	return n;
}

static int
work_one_batch(struct loop *l)
{
	int n;

	receive(l);
	n = collect_handles(l);
	call(l, l->delete_headers);
	if (memmem(l->answer.data, l->answer.len, "\"Failed\":[]", 11) == NULL)
		errx(1, "a delete failed");
	return n;
}

int
main(int argc, char **argv)
{
	struct loop l;
	long long began, end, messages = 0;
	const char *problem = NULL;

	if (argc != 4)
		errx(64, "usage: bare-loop seconds endpoint-url queue-url");
	began = measure_wall_us();
	end = began + strtonum(argv[1], 1, 3600, &problem) * 1000000LL;
	if (problem != NULL)
		errx(64, "seconds \"%s\": %s", argv[1], problem);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	open_loop(&l, argv[2], argv[3]);
	while (measure_wall_us() < end)
		messages += work_one_batch(&l);
	close_loop(&l);
	measure_print((unsigned long long)messages, began);
	return 0;
}
