/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The few tools that fakesqs needs: growing buffers, encodings, digests,
 * clocks.  They repeat what common/ has on purpose: the judge of the tests
 * must not share a bug with the program it judges.
 */

#include "fakesqs_util.h"

#include <err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/evp.h>

#define BUF_KEEP_BYTES ((size_t)256 * 1024)

void *
xmalloc(size_t n)
{
	void *p = malloc(n == 0 ? 1 : n);

	if (p == NULL)
		err(1, "malloc");
	return p;
}

void *
xcalloc(size_t n, size_t size)
{
	void *p = calloc(n == 0 ? 1 : n, size == 0 ? 1 : size);

	if (p == NULL)
		err(1, "calloc");
	return p;
}

void *
xrealloc(void *old, size_t n)
{
	void *p = realloc(old, n == 0 ? 1 : n);

	if (p == NULL)
		err(1, "realloc");
	return p;
}

void *
xreallocarray(void *old, size_t n, size_t size)
{
	void *p = reallocarray(old, n == 0 ? 1 : n, size);

	if (p == NULL)
		err(1, "reallocarray");
	return p;
}

char *
xmemdup(const void *p, size_t n)
{
	char *copy = xmalloc(n + 1);

	if (n > 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

char *
xstrdup(const char *s)
{
	return xmemdup(s, strlen(s));
}

void
buf_reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;
	size_t cap = b->cap == 0 ? 256 : b->cap;

	if (need <= b->cap)
		return;
	while (cap < need)
		cap *= 2;
	b->data = xrealloc(b->data, cap);
	b->cap = cap;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	buf_reserve(b, n);
	if (n > 0)
		memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addbyte(struct buf *b, int c)
{
	char byte = (char)c;

	buf_add(b, &byte, 1);
}

void
buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	buf_reserve(b, 128);
	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	if (n < 0)
		err(1, "vsnprintf");
	if ((size_t)n >= b->cap - b->len) {
		buf_reserve(b, (size_t)n);
		va_start(ap, fmt);
		(void)vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)n;
}

static void
json_escape(struct buf *b, unsigned char c)
{
	switch (c) {
	case '"':
		buf_add(b, "\\\"", 2);
		break;
	case '\\':
		buf_add(b, "\\\\", 2);
		break;
	case '\n':
		buf_add(b, "\\n", 2);
		break;
	case '\r':
		buf_add(b, "\\r", 2);
		break;
	case '\t':
		buf_add(b, "\\t", 2);
		break;
	default:
		buf_addf(b, "\\u%04x", c);
		break;
	}
}

void
buf_json(struct buf *b, const char *p, size_t n)
{
	size_t i, from = 0;

	buf_reserve(b, n + 2);
	buf_addbyte(b, '"');
	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		buf_add(b, p + from, i - from);
		json_escape(b, c);
		from = i + 1;
	}
	buf_add(b, p + from, n - from);
	buf_addbyte(b, '"');
}

void
buf_jsonstr(struct buf *b, const char *s)
{
	buf_json(b, s, strlen(s));
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		buf_reset(b);
		return;
	}
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
	b->data[b->len] = '\0';
}

void
buf_reset(struct buf *b)
{
	if (b->cap > BUF_KEEP_BYTES) {
		buf_release(b);
		return;
	}
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

bool
span_is(struct span s, const char *literal)
{
	return s.len == strlen(literal) &&
	    (s.len == 0 || memcmp(s.p, literal, s.len) == 0);
}

bool
span_is_nocase(struct span s, const char *literal)
{
	return s.len == strlen(literal) &&
	    (s.len == 0 || strncasecmp(s.p, literal, s.len) == 0);
}

bool
span_starts(struct span s, const char *literal)
{
	size_t n = strlen(literal);

	return s.len >= n && memcmp(s.p, literal, n) == 0;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
buf_base64(struct buf *b, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t i;

	buf_reserve(b, (n + 2) / 3 * 4);
	for (i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)p[i] << 16;
		char q[4];

		if (left > 1)
			v |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			v |= p[i + 2];
		q[0] = base64_digits[v >> 18];
		q[1] = base64_digits[v >> 12 & 63];
		q[2] = left > 1 ? base64_digits[v >> 6 & 63] : '=';
		q[3] = left > 2 ? base64_digits[v & 63] : '=';
		buf_add(b, q, sizeof(q));
	}
}

static int
base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

int
base64_decode(const char *p, size_t n, struct buf *out)
{
	size_t i, pad = 0;

	if (n % 4 != 0)
		return -1;
	while (pad < 2 && pad < n && p[n - 1 - pad] == '=')
		pad++;
	buf_reserve(out, n / 4 * 3);
	for (i = 0; i < n; i += 4) {
		size_t j, digits = i + 4 == n ? 4 - pad : 4;
		uint32_t v = 0;
		unsigned char bytes[3];

		for (j = 0; j < digits; j++) {
			int d = base64_value(p[i + j]);

			if (d == -1)
				return -1;
			v |= (uint32_t)d << (18 - 6 * j);
		}
		bytes[0] = (unsigned char)(v >> 16);
		bytes[1] = (unsigned char)(v >> 8);
		bytes[2] = (unsigned char)v;
		buf_add(out, bytes, digits - 1);
	}
	return 0;
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

void
url_decode(struct span s, struct buf *out)
{
	size_t i;

	buf_add(out, "", 0);
	for (i = 0; i < s.len; i++) {
		int hi, lo;

		if (s.p[i] == '+') {
			buf_addbyte(out, ' ');
			continue;
		}
		if (s.p[i] != '%' || i + 2 >= s.len ||
		    (hi = hex_value(s.p[i + 1])) == -1 ||
		    (lo = hex_value(s.p[i + 2])) == -1) {
			buf_addbyte(out, s.p[i]);
			continue;
		}
		buf_addbyte(out, hi * 16 + lo);
		i += 2;
	}
}

static int64_t
clock_read_ms(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) == -1)
		err(1, "clock_gettime");
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t
clock_ms(void)
{
	return clock_read_ms(CLOCK_MONOTONIC);
}

int64_t clock_ahead_s;

int64_t
clock_wall_ms(void)
{
	return clock_read_ms(CLOCK_REALTIME) + clock_ahead_s * 1000;
}

int64_t
clock_start_ms(void)
{
	static int64_t start_ms = -1;

	if (start_ms == -1)
		start_ms = clock_ms();
	return start_ms;
}

/* The finalizer of splitmix64. */
uint64_t
mix64(uint64_t x)
{
	x ^= x >> 30;
	x *= UINT64_C(0xbf58476d1ce4e5b9);
	x ^= x >> 27;
	x *= UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return x;
}

/* FNV-1a over eight bytes at a time, finished by mix64. */
uint64_t
hash64(const void *data, size_t n)
{
	const unsigned char *p = data;
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ n;

	while (n >= sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, p, sizeof(word));
		h = (h ^ mix64(word)) * UINT64_C(0x100000001b3);
		p += sizeof(word);
		n -= sizeof(word);
	}
	while (n-- > 0)
		h = (h ^ *p++) * UINT64_C(0x100000001b3);
	return mix64(h);
}

static uint64_t random_state;

void
random_seed(uint64_t seed)
{
	random_state = seed;
}

uint64_t
random64(void)
{
	random_state += UINT64_C(0x9e3779b97f4a7c15);
	return mix64(random_state);
}

/* Fetched once: a lookup by name per message would dominate the profile. */
static EVP_MD *md5_type;
static EVP_MD *sha256_type;
static EVP_MD_CTX *digest_ctx;

static void
digest_hex(EVP_MD **type, const char *name, const void *p, size_t n, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int i, md_len;

	if (*type == NULL)
		*type = EVP_MD_fetch(NULL, name, NULL);
	if (digest_ctx == NULL)
		digest_ctx = EVP_MD_CTX_new();
	if (*type == NULL || digest_ctx == NULL ||
	    EVP_DigestInit_ex2(digest_ctx, *type, NULL) != 1 ||
	    EVP_DigestUpdate(digest_ctx, p, n) != 1 ||
	    EVP_DigestFinal_ex(digest_ctx, md, &md_len) != 1)
		errx(1, "no %s in this libcrypto", name);
	for (i = 0; i < md_len; i++) {
		hex[2 * i] = digits[md[i] >> 4];
		hex[2 * i + 1] = digits[md[i] & 15];
	}
	hex[2 * md_len] = '\0';
}

void
md5_hex(const void *p, size_t n, char ret_hex[MD5_HEX_SIZE])
{
	digest_hex(&md5_type, "MD5", p, n, ret_hex);
}

void
sha256_hex(const void *p, size_t n, char ret_hex[SHA256_HEX_SIZE])
{
	digest_hex(&sha256_type, "SHA256", p, n, ret_hex);
}

void
util_release(void)
{
	EVP_MD_free(md5_type);
	EVP_MD_free(sha256_type);
	EVP_MD_CTX_free(digest_ctx);
	md5_type = sha256_type = NULL;
	digest_ctx = NULL;
}
