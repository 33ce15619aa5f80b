/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The MD5 sums by which SQS and its callers check that a message arrived
 * unchanged.
 * Source: SQS Developer Guide, "Amazon SQS message attributes: calculating the
 * MD5 message digest".
 */
#ifndef COMMON_AWS_MESSAGE_MD5_H
#define COMMON_AWS_MESSAGE_MD5_H

#include <stdbool.h>
#include <stddef.h>

#include "common/aws/message.h"
#include "common/aws/message_attributes.h"

/* False where libcrypto refuses MD5, as in FIPS mode. */
bool message_md5_available(void);

/*
 * Lower-case hex MD5 of bytes, and of the attributes, whose names are
 * distinct, as SQS defines it; "" if MD5 is not available.
 */
void message_md5(const void *p, size_t n, char ret_hex[33]);
void message_md5_of_attributes(const struct message_attribute *attributes,
    size_t n, char ret_hex[33]);

/* Does the sum that SQS sent differ from ours?  False if either is "". */
bool message_md5_differs(const char *named, const char *own);

/*
 * Checks the sums that came with a message.  NULL: they match, or there is no
 * MD5 to check them with; otherwise the part that does not match ("body",
 * "attributes").
 */
const char *message_md5_mismatch(const struct message *m);

#endif
