/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The code of an error answer decides what the caller does next.  See
 * aws_error.h.
 * Sources: SQS API Reference, "Common Errors" and the errors of each action;
 * STS API Reference; the retry lists of the AWS SDKs' standard mode.
 */
#include "common/http/aws_error.h"

#include <stdio.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/xalloc.h"
#include "common/base/xml.h"

#include "common/base/banned.h"

enum {
	TYPE_SEARCH_MAX = 4096 /* bytes */
};

/*
 * SQS names many errors twice, once as the JSON shape and once as the older
 * query code; both occur, since the query code travels in a header.
 */
static const struct {
	const char *code;
	enum error_kind kind;
} known_codes[] = { { "RequestThrottled", ERROR_THROTTLED },
	{ "RequestThrottledException", ERROR_THROTTLED },
	{ "Throttling", ERROR_THROTTLED },
	{ "ThrottlingException", ERROR_THROTTLED },
	{ "ThrottledException", ERROR_THROTTLED },
	{ "TooManyRequestsException", ERROR_THROTTLED },
	{ "ProvisionedThroughputExceededException", ERROR_THROTTLED },
	{ "TransactionInProgressException", ERROR_THROTTLED },
	{ "RequestLimitExceeded", ERROR_THROTTLED },
	{ "BandwidthLimitExceeded", ERROR_THROTTLED },
	{ "LimitExceededException", ERROR_THROTTLED },
	{ "SlowDown", ERROR_THROTTLED },
	{ "PriorRequestNotComplete", ERROR_THROTTLED },
	{ "EC2ThrottledException", ERROR_THROTTLED },
	{ "KmsThrottled", ERROR_THROTTLED },
	{ "KMS.ThrottlingException", ERROR_THROTTLED },
	/* Too many messages are in flight, which heals with time. */
	{ "OverLimit", ERROR_THROTTLED }, { "RequestTimeout", ERROR_RETRY },
	{ "RequestTimeoutException", ERROR_RETRY },
	{ "InternalFailure", ERROR_RETRY }, { "InternalError", ERROR_RETRY },
	{ "InternalServerError", ERROR_RETRY },
	{ "IDPCommunicationError", ERROR_RETRY },
	{ "ServiceUnavailable", ERROR_RETRY },
	{ "PurgeQueueInProgress", ERROR_RETRY },
	{ "AWS.SimpleQueueService.PurgeQueueInProgress", ERROR_RETRY },
	{ "ExpiredToken", ERROR_CREDENTIALS },
	{ "ExpiredTokenException", ERROR_CREDENTIALS },
	{ "InvalidToken", ERROR_CREDENTIALS },
	{ "RequestExpired", ERROR_CREDENTIALS },
	{ "UnrecognizedClientException", ERROR_CREDENTIALS },
	{ "InvalidClientTokenId", ERROR_CREDENTIALS },
	{ "ReceiptHandleIsInvalid", ERROR_NOT_OURS },
	{ "InvalidIdFormat", ERROR_NOT_OURS },
	{ "MessageNotInflight", ERROR_NOT_OURS },
	{ "AWS.SimpleQueueService.MessageNotInflight", ERROR_NOT_OURS },
	{ "InvalidParameterValue", ERROR_INVALID },
	{ "InvalidParameterValueException", ERROR_INVALID },
	{ "MissingParameter", ERROR_INVALID },
	{ "MissingRequiredParameterException", ERROR_INVALID },
	{ "MalformedInput", ERROR_INVALID },
	{ "SerializationException", ERROR_INVALID },
	{ "InvalidAction", ERROR_INVALID },
	{ "UnknownOperationException", ERROR_INVALID },
	{ "InvalidMessageContents", ERROR_INVALID },
	{ "InvalidAttributeName", ERROR_INVALID },
	{ "InvalidAttributeValue", ERROR_INVALID },
	{ "IncompleteSignature", ERROR_INVALID },
	{ "IncompleteSignatureException", ERROR_INVALID },
	{ "UnsupportedOperation", ERROR_INVALID },
	{ "AWS.SimpleQueueService.UnsupportedOperation", ERROR_INVALID },
	{ "TooManyEntriesInBatchRequest", ERROR_INVALID },
	{ "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
	    ERROR_INVALID },
	{ "EmptyBatchRequest", ERROR_INVALID },
	{ "AWS.SimpleQueueService.EmptyBatchRequest", ERROR_INVALID },
	{ "BatchEntryIdsNotDistinct", ERROR_INVALID },
	{ "AWS.SimpleQueueService.BatchEntryIdsNotDistinct", ERROR_INVALID },
	{ "InvalidBatchEntryId", ERROR_INVALID },
	{ "AWS.SimpleQueueService.InvalidBatchEntryId", ERROR_INVALID },
	{ "BatchRequestTooLong", ERROR_INVALID },
	{ "AWS.SimpleQueueService.BatchRequestTooLong", ERROR_INVALID } };

/* ERROR_NONE: the code is not known. */
static enum error_kind
kind_of_code(const char *code)
{
	size_t i;

	for (i = 0; i < nitems(known_codes); i++)
		if (strcmp(code, known_codes[i].code) == 0)
			return known_codes[i].kind;
	return ERROR_NONE;
}

enum error_kind
aws_classify(const char *code, int http_status)
{
	enum error_kind kind = kind_of_code(code);

	/*
	 * The code is checked before the status, because S3's SlowDown comes
	 * with 503.
	 */
	if (kind == ERROR_THROTTLED)
		return kind;
	/* The SDKs' rule: these statuses count, whatever the body says. */
	if (http_status == 500 || (http_status >= 502 && http_status <= 504))
		return ERROR_RETRY;
	if (kind != ERROR_NONE)
		return kind;
	if (http_status == 429)
		return ERROR_THROTTLED;
	if (http_status >= 500 || http_status == 408)
		return ERROR_RETRY;
	/*
	 * Denied, no such queue, KMS, a redirect, or a code not seen before:
	 * none of them heals by itself, and none is a reason to lose a message.
	 */
	return ERROR_OPERATOR;
}

static bool
is_among(const char *code, const char *const *codes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(code, codes[i]) == 0)
			return true;
	return false;
}

bool
aws_blames_entries(const char *code)
{
	/* A request that SQS cannot read at all is not the fault of an entry.
	 */
	static const char *const codes[] = { "ReceiptHandleIsInvalid",
		"InvalidIdFormat", "MessageNotInflight",
		"InvalidParameterValue", "InvalidParameterValueException",
		"BatchEntryIdsNotDistinct", "InvalidBatchEntryId",
		"BatchRequestTooLong", "TooManyEntriesInBatchRequest" };
	static const char prefix[] = "AWS.SimpleQueueService.";

	if (strncmp(code, prefix, sizeof(prefix) - 1) == 0)
		code += sizeof(prefix) - 1;
	return is_among(code, codes, nitems(codes));
}

bool
aws_blames_clock(const char *code)
{
	/* The first two also mean a wrong secret.  The Date of the answer says
	   which of the two it is. */
	static const char *const codes[] = { "InvalidSignatureException",
		"SignatureDoesNotMatch", "AuthFailure", "RequestTimeTooSkewed",
		"AccessDeniedException", "RequestExpired",
		"RequestInTheFuture" };

	return is_among(code, codes, nitems(codes));
}

/* A code of the query protocol is kept as it is. */
static void
keep_query_code(struct error *e, const char *p, size_t len)
{
	(void)snprintf(e->code, sizeof(e->code), "%.*s", (int)len, p);
	error_make_line(e->code);
}

/* Copies the bare name of "com.amazonaws.sqs#QueueDoesNotExist:http://...". */
static void
keep_code(struct error *e, const char *p, size_t len)
{
	const char *end = memchr(p, ':', len);
	const char *hash;

	if (end != NULL)
		len = (size_t)(end - p);
	hash = memrchr(p, '#', len);
	if (hash != NULL) {
		len -= (size_t)(hash + 1 - p);
		p = hash + 1;
	}
	keep_query_code(e, p, len);
}

/* The text becomes one printable line, because people read it in a log. */
static void
keep_text(struct error *e, const char *p, size_t len)
{
	(void)snprintf(e->text, sizeof(e->text), "%.*s", (int)len, p);
	error_make_line(e->text);
}

static void
keep_request_id(struct error *e, const char *p, size_t len)
{
	(void)snprintf(e->request_id, sizeof(e->request_id), "%.*s", (int)len,
	    p);
	error_make_line(e->request_id);
}

static int
on_error_value(void *arg, const struct json_path *path,
    const struct json_value *v)
{
	struct error *e = arg;

	if (path->depth != 1 || v->type != JSON_STRING)
		return 0;
	if (json_key_is(&path->level[0], "__type") ||
	    (json_key_is(&path->level[0], "code") && e->code[0] == '\0'))
		keep_code(e, v->text.p, v->text.len);
	else if (json_key_is(&path->level[0], "message") ||
	    json_key_is(&path->level[0], "Message"))
		keep_text(e, v->text.p, v->text.len);
	return 0;
}

static void
on_error_element(void *arg, const char *parent, const char *name,
    struct span text)
{
	struct error *e = arg;

	(void)parent;
	if (strcmp(name, "Code") == 0)
		keep_code(e, text.p, text.len);
	else if (strcmp(name, "Message") == 0)
		keep_text(e, text.p, text.len);
	else if (strcmp(name, "RequestId") == 0)
		keep_request_id(e, text.p, text.len);
}

void
aws_parse_error(const struct http_answer *answer, struct error *ret)
{
	struct error e, bad;
	const char *semicolon;

	error_clear(&e);
	if (json_parse(answer->body, on_error_value, &e, &bad) == -1) {
		error_clear(&e);
		/* STS answers in XML, and so do proxies; HTML says nothing. */
		(void)xml_parse(answer->body, on_error_element, &e, NULL);
	}
	if (e.code[0] == '\0' && answer->error_type[0] != '\0')
		keep_code(&e, answer->error_type, strlen(answer->error_type));
	semicolon = strchr(answer->query_error, ';');
	if (semicolon != NULL && semicolon > answer->query_error)
		keep_query_code(&e, answer->query_error,
		    (size_t)(semicolon - answer->query_error));
	e.http_status = answer->status;
	e.retry_after_ms = answer->retry_after_ms;
	e.kind = aws_classify(e.code, answer->status);
	if (answer->request_id[0] != '\0')
		keep_request_id(&e, answer->request_id,
		    strlen(answer->request_id));
	if (e.text[0] == '\0')
		(void)snprintf(e.text, sizeof(e.text), "HTTP status %d",
		    answer->status);
	*ret = e;
}

static int
on_type(void *arg, const struct json_path *path, const struct json_value *v)
{
	bool *found = arg;

	if (path->depth == 1 && v->type == JSON_STRING && v->text.len > 0 &&
	    json_key_is(&path->level[0], "__type"))
		*found = true;
	return 0;
}

bool
aws_is_error(const struct http_answer *answer)
{
	static const char key[] = "\"__type\"";
	struct span body = answer->body;
	bool found = false;

	if (answer->status != 200)
		return true;
	/* Errors are short, and messages should not be parsed twice. */
	if (body.len > TYPE_SEARCH_MAX ||
	    memmem(body.p, body.len, key, sizeof(key) - 1) == NULL)
		return false;
	return json_parse(body, on_type, &found, NULL) == 0 && found;
}

void
aws_explain_protocol(struct error *e)
{
	static const char *const codes[] = { "MissingAction", "InvalidAction",
		"UnknownOperationException" };
	bool silent = e->code[0] == '\0' &&
	    (e->http_status == 404 || e->http_status == 405 ||
		e->http_status == 415 || e->http_status == 501);

	if (silent || is_among(e->code, codes, nitems(codes)))
		(void)snprintf(e->text, sizeof(e->text),
		    "the server does not understand the AWS JSON protocol "
		    "(HTTP status %d): see that the URL is that of the "
		    "service, and if it is an emulator, use a newer one",
		    e->http_status);
}
