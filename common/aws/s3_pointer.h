/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A pointer to an object of S3, as AWS's extended client libraries put it into
 * the body of a message whose real body is too large for SQS:
 *
 *	["software.amazon.payloadoffloading.PayloadS3Pointer",
 *	 {"s3BucketName":"...","s3Key":"..."}]
 *
 * Pure.  Any sender of a message can make such a pointer, so the bucket must be
 * looked up in a list.
 * Source: payload-offloading-java-common-lib-for-aws, PayloadS3Pointer, and
 * amazon-sqs-java-extended-client-lib, SQSExtendedClientConstants.
 */
#ifndef COMMON_AWS_S3_POINTER_H
#define COMMON_AWS_S3_POINTER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/aws/message_attributes.h"
#include "common/base/buf.h"

struct s3_pointer {
	char bucket[64];
	char key[1025]; /* not empty */
};

/*
 * Is the body a pointer?  Unknown members are skipped, and of a member that
 * occurs twice the last counts.  *ret is only set on true.
 */
bool s3_pointer_parse(struct span body, struct s3_pointer *ret);

/*
 * Do the attributes say that the body is a pointer?  If so, *ret_bytes is the
 * size of the object, or -1 if the size cannot be read.
 */
bool s3_pointer_is_marked(const struct message_attribute *attributes, size_t n,
    long long *ret_bytes);

#endif
