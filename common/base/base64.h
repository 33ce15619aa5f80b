/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Base64 as AWS writes it: RFC 4648 with padding and without line breaks.
 * Pure.  OpenSSL's decoder accepts blanks and does not return the length of the
 * result.
 */
#ifndef COMMON_BASE_BASE64_H
#define COMMON_BASE_BASE64_H

#include <sys/types.h>

#include "common/base/buf.h"

/*
 * to has room for three bytes for each four of s.  Returns the number of
 * bytes, or -1.
 */
ssize_t base64_decode(struct span s, char *to);

#endif
