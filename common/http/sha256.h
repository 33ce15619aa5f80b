/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * SHA-256 and HMAC-SHA-256 by libcrypto.  A process whose libcrypto refuses
 * them cannot sign at all.
 */
#ifndef COMMON_HTTP_SHA256_H
#define COMMON_HTTP_SHA256_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

enum {
	SHA256_SIZE = 32
};

/* False: libcrypto refuses, and *ret is not to be used. */
bool sha256(const void *p, size_t n, unsigned char ret[SHA256_SIZE]);
/* key may be ret itself. */
bool sha256_hmac(const void *key, size_t key_len, const void *p, size_t n,
    unsigned char ret[SHA256_SIZE]);
/* Appends the digest in hexadecimal; sets to->overflow if there is none. */
void sha256_put(struct buf *to, const void *p, size_t n);

#endif
