/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* The errors of SQS, in its own words. */

#include "fakesqs_error.h"

#include <stddef.h>
#include <string.h>

#include "fakesqs_conn.h"

#define SQS   "com.amazonaws.sqs#"
#define CORAL "com.amazon.coral.service#"
#define OLD   "AWS.SimpleQueueService."

struct error {
	const char *shape;
	const char *query_code;
	const char *space;
	int status;
	const char *message;
};

static const struct error errors[] = {
	{ "RequestThrottled", "RequestThrottled", SQS, 403,
	    "Request is throttled." },
	{ "ThrottlingException", "ThrottlingException", CORAL, 400,
	    "Rate exceeded" },
	{ "KmsThrottled", "KMS.ThrottlingException", SQS, 400,
	    "Rate exceeded" },
	{ "OverLimit", "OverLimit", SQS, 403, "Too many messages in flight." },
	{ "InternalFailure", "InternalFailure", CORAL, 500,
	    "We encountered an internal error. Please try again." },
	{ "ServiceUnavailable", "ServiceUnavailable", CORAL, 503,
	    "Service is unavailable." },
	{ "RequestTimeoutException", "RequestTimeoutException", CORAL, 408,
	    "Request timed out." },
	{ "ExpiredTokenException", "ExpiredToken", CORAL, 403,
	    "The security token included in the request is expired" },
	{ "MissingAuthenticationTokenException", "MissingAuthenticationToken",
	    CORAL, 403, "Request is missing Authentication Token" },
	{ "UnrecognizedClientException", "InvalidClientTokenId", CORAL, 403,
	    "The security token included in the request is invalid." },
	{ "InvalidSignatureException", "SignatureDoesNotMatch", CORAL, 403,
	    "The request signature we calculated does not match the signature "
	    "you provided." },
	{ "IncompleteSignatureException", "IncompleteSignature", CORAL, 400,
	    "Authorization header is incomplete." },
	{ "AccessDeniedException", "AccessDenied", CORAL, 403,
	    "User is not authorized to perform this action." },
	{ "InvalidSecurity", "InvalidSecurity", SQS, 403,
	    "The request was not made over HTTPS or did not use SigV4." },
	{ "InvalidAddress", "InvalidAddress", SQS, 404,
	    "The address is not valid for this endpoint." },
	{ "QueueDoesNotExist", OLD "NonExistentQueue", SQS, 400,
	    "The specified queue does not exist." },
	{ "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", SQS, 404,
	    "The input receipt handle is invalid." },
	{ "InvalidParameterValueException", "InvalidParameterValue", CORAL, 400,
	    "A parameter is invalid." },
	{ "MissingRequiredParameterException", "MissingParameter", CORAL, 400,
	    "A required parameter is missing." },
	{ "SerializationException", "MalformedInput", CORAL, 400,
	    "Start of structure or map found where not expected." },
	{ "UnknownOperationException", "InvalidAction", CORAL, 400,
	    "The requested operation is not recognized by the service." },
	{ "InvalidMessageContents", "InvalidMessageContents", SQS, 400,
	    "Invalid characters found. Valid unicode characters are #x9 | #xA "
	    "| #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to "
	    "#x10FFFF" },
	{ "MessageNotInflight", OLD "MessageNotInflight", SQS, 400,
	    "The message referred to isn't in flight." },
	{ "TooManyEntriesInBatchRequest", OLD "TooManyEntriesInBatchRequest",
	    SQS, 400, "Maximum number of entries per request are 10." },
	{ "EmptyBatchRequest", OLD "EmptyBatchRequest", SQS, 400,
	    "There should be at least one entry in the request." },
	{ "BatchEntryIdsNotDistinct", OLD "BatchEntryIdsNotDistinct", SQS, 400,
	    "Id repeated." },
	{ "InvalidBatchEntryId", OLD "InvalidBatchEntryId", SQS, 400,
	    "A batch entry id can only contain alphanumeric characters, "
	    "hyphens and underscores. It can be at most 80 letters long." },
	{ "BatchRequestTooLong", OLD "BatchRequestTooLong", SQS, 400,
	    "Batch requests cannot be longer than 1048576 bytes." },
	{ "UnsupportedOperation", OLD "UnsupportedOperation", SQS, 400,
	    "Unsupported operation." },
	{ "InvalidAttributeName", "InvalidAttributeName", SQS, 400,
	    "Unknown Attribute." },
	{ "InvalidAttributeValue", "InvalidAttributeValue", SQS, 400,
	    "Invalid value for the parameter." },
	{ "InvalidIdFormat", "InvalidIdFormat", SQS, 400,
	    "The specified receipt handle isn't valid." },
	{ "KmsAccessDenied", "KMS.AccessDeniedException", SQS, 400,
	    "The caller doesn't have the required KMS access." },
	{ "KmsDisabled", "KMS.DisabledException", SQS, 400,
	    "The key is disabled." },
	{ "KmsInvalidState", "KMS.InvalidStateException", SQS, 400,
	    "The key's state is not valid for this request." },
	{ "KmsNotFound", "KMS.NotFoundException", SQS, 400,
	    "The key could not be found." },
	{ "KmsInvalidKeyUsage", "KMS.InvalidKeyUsageException", SQS, 400,
	    "The key cannot be used so." },
	{ "KmsOptInRequired", "KMS.OptInRequired", SQS, 403,
	    "The caller needs a subscription." },
	{ "PurgeQueueInProgress", OLD "PurgeQueueInProgress", SQS, 403,
	    "Only one PurgeQueue operation is allowed every 60 seconds." },
	{ "QueueDeletedRecently", OLD "QueueDeletedRecently", SQS, 400,
	    "You must wait 60 seconds after deleting a queue before you can "
	    "create another with the same name." },
	{ "QueueNameExists", "QueueAlreadyExists", SQS, 400,
	    "A queue already exists with the same name and a different value "
	    "for an attribute." },
	{ "ResourceNotFoundException", "ResourceNotFoundException", SQS, 404,
	    "The resource does not exist." },
};

static const struct error *
find(const char *code)
{
	size_t i;

	for (i = 0; i < nitems(errors); i++) {
		if (strcmp(code, errors[i].shape) == 0 ||
		    strcmp(code, errors[i].query_code) == 0)
			return &errors[i];
	}
	return NULL;
}

const char *
error_query_code(const char *code)
{
	const struct error *e = find(code);

	return e == NULL ? code : e->query_code;
}

const char *
error_message(const char *code)
{
	const struct error *e = find(code);

	return e == NULL ? "Scripted." : e->message;
}

void
error_reply(struct conn *c, const char *code, int status, const char *message)
{
	static const struct error scripted = { .space = SQS,
		.status = 400,
		.message = "Scripted." };
	const struct error *e = find(code);
	struct call *call = conn_call(c);
	struct reply r = { 0 };

	if (e == NULL)
		e = &scripted;
	r.status = status != 0 ? status : e->status;
	buf_addf(&r.head, "x-amzn-query-error: %s;%s\r\n",
	    e->query_code == NULL ? code : e->query_code,
	    r.status >= 500 ? "Receiver" : "Sender");
	buf_addf(&r.body, "{\"__type\":\"%s%s\",\"message\":", e->space,
	    e->shape == NULL ? code : e->shape);
	buf_jsonstr(&r.body, message == NULL ? e->message : message);
	buf_addbyte(&r.body, '}');
	if (call != NULL)
		(void)strlcpy(call->code,
		    e->query_code == NULL ? code : e->query_code,
		    sizeof(call->code));
	conn_reply(c, &r);
	buf_release(&r.head);
	buf_release(&r.body);
}
