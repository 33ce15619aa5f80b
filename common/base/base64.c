/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Base64.  See base64.h.
 */
#include "common/base/base64.h"

#include "common/base/banned.h"

static int
digit_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

ssize_t
base64_decode(struct span s, char *to)
{
	size_t i, len = 0, padding = 0;
	unsigned bits = 0;
	int digit;

	if (s.len % 4 != 0)
		return -1;
	if (s.len > 0 && s.p[s.len - 1] == '=')
		padding = s.p[s.len - 2] == '=' ? 2 : 1;
	for (i = 0; i < s.len - padding; i++) {
		if ((digit = digit_value(s.p[i])) == -1)
			return -1;
		bits = bits << 6 | (unsigned)digit;
		if (i % 4 > 0)
			to[len++] = (char)(bits >> (6 - i % 4 * 2) & 0xFF);
	}
	return (ssize_t)len;
}
