/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Base64 of any bytes: what is read fits its room, is written again as it was
 * but for the bits that padding leaves over, and is refused with any blank or
 * foreign byte.  And any bytes, written by another's encoder, are read again.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/base/base64.h"
#include "common/base/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct span
encode(const void *p, size_t n)
{
	char *text = xcalloc(1, (n + 2) / 3 * 4 + 1);
	int len = EVP_EncodeBlock((unsigned char *)text, p, (int)n);

	return (struct span){ text, (size_t)len };
}

/* Exactly the room that is asked for, so that sanitizers see an overrun. */
static ssize_t
decode(struct span s, char **ret)
{
	*ret = xcalloc(1, s.len / 4 * 3 + (s.len < 4));
	return base64_decode(s, *ret);
}

static void
check_decoded(struct span s, const char *bytes, size_t n)
{
	struct span again = encode(bytes, n);
	size_t i, digits = s.len;

	assert(again.len == s.len);
	while (digits > 0 && s.p[digits - 1] == '=')
		digits--;
	assert(s.len - digits <= 2);
	for (i = 0; i < s.len; i++)
		assert(s.p[i] == again.p[i] ||
		    (i == digits - 1 && digits < s.len));
	free((void *)(uintptr_t)again.p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span s = { (const char *)data, size }, encoded;
	char *bytes;
	ssize_t n = decode(s, &bytes);

	assert(n >= -1 && n <= (ssize_t)(size / 4 * 3));
	if (n >= 0)
		check_decoded(s, bytes, (size_t)n);
	free(bytes);
	encoded = encode(data, size);
	n = decode(encoded, &bytes);
	assert(n == (ssize_t)size && memcmp(bytes, data, size) == 0);
	free(bytes);
	free((void *)(uintptr_t)encoded.p);
	return 0;
}
