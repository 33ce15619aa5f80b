/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See message_md5.h. */
#include "common/aws/message_md5.h"

#include <string.h>

#include <openssl/evp.h>

#include "common/base/banned.h"

enum {
	MD5_SIZE = 16
};

/*
 * MD5 is fetched once and kept for the life of the process: a fetch in OpenSSL
 * 3 takes longer than the digest of a small body.  NULL: not available.
 */
static EVP_MD_CTX *
md5_begin(void)
{
	static EVP_MD *md5;
	static EVP_MD_CTX *ctx;
	static bool tried;

	if (!tried) {
		tried = true;
		md5 = EVP_MD_fetch(NULL, "MD5", NULL);
		ctx = EVP_MD_CTX_new();
	}
	if (md5 == NULL || ctx == NULL ||
	    EVP_DigestInit_ex(ctx, md5, NULL) != 1)
		return NULL;
	return ctx;
}

static void
md5_end(EVP_MD_CTX *ctx, char ret_hex[33])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char md[MD5_SIZE] = { 0 };
	size_t i;

	(void)EVP_DigestFinal_ex(ctx, md, NULL);
	for (i = 0; i < sizeof(md); i++) {
		ret_hex[2 * i] = digits[md[i] >> 4];
		ret_hex[2 * i + 1] = digits[md[i] & 15];
	}
	ret_hex[2 * sizeof(md)] = '\0';
}

bool
message_md5_available(void)
{
	return md5_begin() != NULL;
}

void
message_md5(const void *p, size_t n, char ret_hex[33])
{
	EVP_MD_CTX *ctx = md5_begin();

	ret_hex[0] = '\0';
	if (ctx == NULL)
		return;
	(void)EVP_DigestUpdate(ctx, p, n);
	md5_end(ctx, ret_hex);
}

/*
 * The attribute that follows last in the byte order of names, which are
 * distinct; NULL: there is none.  If last is NULL, the first.  There are so few
 * attributes that searching all of them each time is cheaper than sorting.
 */
static const struct message_attribute *
next_by_name(const struct message_attribute *attributes, size_t n,
    const struct message_attribute *last)
{
	const struct message_attribute *a, *best = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		a = &attributes[i];
		if ((last == NULL || strcmp(a->name, last->name) > 0) &&
		    (best == NULL || strcmp(a->name, best->name) < 0))
			best = a;
	}
	return best;
}

/* A length of four bytes, the highest first, and then the bytes. */
static void
md5_put(EVP_MD_CTX *ctx, const char *p, size_t n)
{
	unsigned char length[4] = { (unsigned char)(n >> 24),
		(unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n };

	(void)EVP_DigestUpdate(ctx, length, sizeof(length));
	(void)EVP_DigestUpdate(ctx, p, n);
}

void
message_md5_of_attributes(const struct message_attribute *attributes, size_t n,
    char ret_hex[33])
{
	const struct message_attribute *a = NULL;
	EVP_MD_CTX *ctx = md5_begin();

	ret_hex[0] = '\0';
	if (ctx == NULL)
		return;
	while ((a = next_by_name(attributes, n, a)) != NULL) {
		md5_put(ctx, a->name, strlen(a->name));
		md5_put(ctx, a->type, strlen(a->type));
		(void)EVP_DigestUpdate(ctx, a->binary ? "\2" : "\1", 1);
		md5_put(ctx, a->value, a->value_len);
	}
	md5_end(ctx, ret_hex);
}

bool
message_md5_differs(const char *named, const char *own)
{
	return named[0] != '\0' && own[0] != '\0' && strcmp(named, own) != 0;
}

const char *
message_md5_mismatch(const struct message *m)
{
	char hex[33];

	if (!message_md5_available())
		return NULL;
	if (m->md5_of_body != NULL) {
		message_md5(m->body, m->body_len, hex);
		if (strcmp(hex, m->md5_of_body) != 0)
			return "body";
	}
	if (m->md5_of_attributes != NULL) {
		message_md5_of_attributes(m->attributes, m->n_attributes, hex);
		if (strcmp(hex, m->md5_of_attributes) != 0)
			return "attributes";
	}
	return NULL;
}
