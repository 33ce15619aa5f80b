/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The canonical request of AWS Signature Version 4: the one form of a request
 * that both sides make of it, to sign it and to check its signature.  Pure but
 * for libcrypto.
 * Source: AWS General Reference, "Create a signed AWS API request".
 */
#ifndef COMMON_HTTP_SIGV4_CANONICAL_H
#define COMMON_HTTP_SIGV4_CANONICAL_H

#include "common/base/buf.h"
#include "common/http/sigv4.h"

/* Appends it; to->overflow is also set when libcrypto refuses SHA-256. */
void sigv4_canonical_put_request(const struct sigv4_request *r, struct buf *to);

/* Appends a path in the encoding of S3, which keeps nothing but slashes. */
void sigv4_canonical_put_path(const char *path, struct buf *to);

#endif
