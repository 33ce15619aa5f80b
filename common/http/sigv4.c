/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The steps are in the order of AWS's description, after the canonical request:
 * string to sign, signing key, signature.  See sigv4.h.
 */
#include "common/http/sigv4.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/xalloc.h"
#include "common/http/sha256.h"
#include "common/http/sigv4_canonical.h"

#include "common/base/banned.h"

enum {
	DATE_LEN = 8, /* of the day in an X-Amz-Date */
	CANONICAL_MAX = 1024 * 1024,
	STRING_TO_SIGN_MAX = 1024
};

static const char algorithm[] = "AWS4-HMAC-SHA256";
static const char terminator[] = "aws4_request";

/* ---- the string to sign ---- */

/* "20150830/us-east-1/sqs/aws4_request" */
static void
put_scope(struct buf *to, const struct sigv4_key *k, const char *amz_date)
{
	buf_append(to, amz_date, DATE_LEN);
	buf_putc(to, '/');
	buf_puts(to, k->region);
	buf_putc(to, '/');
	buf_puts(to, k->service);
	buf_putc(to, '/');
	buf_puts(to, terminator);
}

void
sigv4_string_to_sign(const struct sigv4_key *k, const char *amz_date,
    struct span canonical_request, struct buf *to)
{
	assert(strlen(amz_date) == SIGV4_DATE_SIZE - 1);
	buf_puts(to, algorithm);
	buf_putc(to, '\n');
	buf_puts(to, amz_date);
	buf_putc(to, '\n');
	put_scope(to, k, amz_date);
	buf_putc(to, '\n');
	sha256_put(to, canonical_request.p, canonical_request.len);
}

/* ---- the key ---- */

static bool
derive_key(const struct sigv4_key *k, const char *amz_date,
    unsigned char ret[SHA256_SIZE])
{
	char *seed = xasprintf("AWS4%s", k->secret_access_key);
	bool good;

	good = sha256_hmac(seed, strlen(seed), amz_date, DATE_LEN, ret) &&
	    sha256_hmac(ret, SHA256_SIZE, k->region, strlen(k->region), ret) &&
	    sha256_hmac(ret, SHA256_SIZE, k->service, strlen(k->service),
		ret) &&
	    sha256_hmac(ret, SHA256_SIZE, terminator, strlen(terminator), ret);
	freezero(seed, strlen(seed));
	return good;
}

/*
 * Describes a cached key, without the key itself.  False: the names are longer
 * than any that AWS gives, so the key cannot be cached.
 */
static bool
describe_key(const struct sigv4_key *k, const char *amz_date,
    struct sigv4_cache *ret)
{
	size_t size = sizeof(ret->scope);

	memset(ret, 0, sizeof(*ret));
	memcpy(ret->date, amz_date, DATE_LEN);
	(void)strlcpy(ret->scope, k->access_key_id, size);
	(void)strlcat(ret->scope, "/", size);
	(void)strlcat(ret->scope, k->region, size);
	(void)strlcat(ret->scope, "/", size);
	return strlcat(ret->scope, k->service, size) < size &&
	    sha256(k->secret_access_key, strlen(k->secret_access_key),
		ret->secret_digest);
}

static bool
is_for_same_key(const struct sigv4_cache *a, const struct sigv4_cache *b)
{
	return a->valid && strcmp(a->date, b->date) == 0 &&
	    strcmp(a->scope, b->scope) == 0 &&
	    memcmp(a->secret_digest, b->secret_digest, SHA256_SIZE) == 0;
}

static bool
signing_key(const struct sigv4_key *k, const char *amz_date,
    struct sigv4_cache *cache, unsigned char ret[SHA256_SIZE])
{
	struct sigv4_cache wanted;

	if (cache == NULL || !describe_key(k, amz_date, &wanted))
		return derive_key(k, amz_date, ret);
	if (!is_for_same_key(cache, &wanted)) {
		sigv4_cache_release(cache);
		if (!derive_key(k, amz_date, wanted.key))
			return false;
		wanted.valid = true;
		*cache = wanted;
		explicit_bzero(&wanted, sizeof(wanted));
	}
	memcpy(ret, cache->key, SHA256_SIZE);
	return true;
}

void
sigv4_cache_release(struct sigv4_cache *cache)
{
	if (cache != NULL)
		explicit_bzero(cache, sizeof(*cache));
}

/* ---- the signature ---- */

/* The signed headers are the last line but one; the last line has 64 digits. */
static struct span
signed_headers_of(struct span canonical)
{
	size_t end = canonical.len - (SIGV4_HEX_SIZE - 1) - 1, begin = end;

	while (canonical.p[begin - 1] != '\n')
		begin--;
	return (struct span){ canonical.p + begin, end - begin };
}

static void
put_authorization(struct buf *to, const struct sigv4_key *k,
    const char *amz_date, struct span signed_headers,
    const unsigned char signature[SHA256_SIZE])
{
	buf_puts(to, algorithm);
	buf_puts(to, " Credential=");
	buf_puts(to, k->access_key_id);
	buf_putc(to, '/');
	put_scope(to, k, amz_date);
	buf_puts(to, ", SignedHeaders=");
	buf_append(to, signed_headers.p, signed_headers.len);
	buf_puts(to, ", Signature=");
	buf_put_hex(to, signature, SHA256_SIZE);
}

int
sigv4_authorization(const struct sigv4_request *r, const struct sigv4_key *k,
    const char *amz_date, struct sigv4_cache *cache, struct buf *to)
{
	struct buf canonical = BUF_INIT(CANONICAL_MAX);
	struct buf text = BUF_INIT(STRING_TO_SIGN_MAX);
	unsigned char key[SHA256_SIZE], signature[SHA256_SIZE];
	int result = -1;

	sigv4_canonical_put_request(r, &canonical);
	if (canonical.overflow)
		goto out;
	sigv4_string_to_sign(k, amz_date, buf_span(&canonical), &text);
	if (text.overflow || !signing_key(k, amz_date, cache, key) ||
	    !sha256_hmac(key, sizeof(key), text.data, text.len, signature))
		goto out;
	put_authorization(to, k, amz_date,
	    signed_headers_of(buf_span(&canonical)), signature);
	result = to->overflow ? -1 : 0;
out:
	explicit_bzero(key, sizeof(key));
	buf_release(&text);
	buf_release(&canonical);
	return result;
}

void
sigv4_format_date(int64_t real_ms, char ret_date[SIGV4_DATE_SIZE])
{
	time_t seconds = (time_t)(real_ms / 1000);
	struct tm tm;

	/* No service accepts a date beyond the year 9999. */
	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(ret_date, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &tm) !=
		SIGV4_DATE_SIZE - 1)
		(void)strlcpy(ret_date, "00000000T000000Z", SIGV4_DATE_SIZE);
}
