/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The canonical request of AWS Signature Version 4: the form of a request that
 * both sides compute, one to sign the request, the other to check the
 * signature.  Pure but for libcrypto.
 * Source: AWS General Reference, "Create a signed AWS API request".
 */
#ifndef COMMON_HTTP_SIGV4_CANONICAL_H
#define COMMON_HTTP_SIGV4_CANONICAL_H

#include "common/base/buf.h"
#include "common/http/sigv4.h"

/*
 * Appends the canonical request; to->overflow is also set when libcrypto
 * refuses SHA-256.
 */
void sigv4_canonical_put_request(const struct sigv4_request *r, struct buf *to);

/* Appends a path in the encoding of S3, which leaves slashes as they are. */
void sigv4_canonical_put_path(const char *path, struct buf *to);

#endif
