/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Signature Version 4, in the order of AWS's own description: canonical
 * request, string to sign, signing key, signature.  Every request is signed,
 * so the algorithms are looked up once a process and their contexts are used
 * again: in OpenSSL 3 a lookup costs more than the hashing.  See sigv4.h.
 */
#include "common/http/sigv4.h"

#include <assert.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	SHA256_SIZE = 32,
	DATE_LEN = 8, /* of the day in an X-Amz-Date */
	CANONICAL_MAX = 1024 * 1024,
	STRING_TO_SIGN_MAX = 1024
};

static const char algorithm[] = "AWS4-HMAC-SHA256";
static const char terminator[] = "aws4_request";

/* ---- libcrypto ---- */

static EVP_MD *sha256_algorithm;
static EVP_MD_CTX *sha256_context;
static EVP_MAC_CTX *hmac_context;

static bool
hmac_open(void)
{
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    0),
		OSSL_PARAM_construct_end()
	};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);

	hmac_context = EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac); /* the context holds a reference */
	return hmac_context != NULL &&
	    EVP_MAC_CTX_set_params(hmac_context, params) == 1;
}

static bool
crypto_open(void)
{
	static bool ready;

	if (ready)
		return true;
	EVP_MD_free(sha256_algorithm);
	EVP_MD_CTX_free(sha256_context);
	EVP_MAC_CTX_free(hmac_context);
	hmac_context = NULL;
	sha256_algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
	sha256_context = EVP_MD_CTX_new();
	ready =
	    sha256_algorithm != NULL && sha256_context != NULL && hmac_open();
	return ready;
}

static bool
sha256(const void *p, size_t n, unsigned char ret[SHA256_SIZE])
{
	return crypto_open() &&
	    EVP_DigestInit_ex2(sha256_context, sha256_algorithm, NULL) == 1 &&
	    EVP_DigestUpdate(sha256_context, p, n) == 1 &&
	    EVP_DigestFinal_ex(sha256_context, ret, NULL) == 1;
}

static bool
hmac(const void *key, size_t key_len, const void *p, size_t n,
    unsigned char ret[SHA256_SIZE])
{
	size_t len;

	return crypto_open() &&
	    EVP_MAC_init(hmac_context, key, key_len, NULL) == 1 &&
	    EVP_MAC_update(hmac_context, p, n) == 1 &&
	    EVP_MAC_final(hmac_context, ret, &len, SHA256_SIZE) == 1;
}

static void
put_sha256(struct buf *to, const void *p, size_t n)
{
	unsigned char digest[SHA256_SIZE];

	if (sha256(p, n, digest))
		buf_put_hex(to, digest, sizeof(digest));
	else
		to->overflow = true;
}

/* ---- the canonical request ---- */

static bool
is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

/* Percent-encoding; c is kept as it is if it equals also_plain. */
static void
put_encoded(struct buf *to, unsigned char c, unsigned char also_plain)
{
	static const char digits[] = "0123456789ABCDEF";

	if (is_unreserved(c) || (also_plain != '\0' && c == also_plain)) {
		buf_putc(to, (char)c);
		return;
	}
	buf_putc(to, '%');
	buf_putc(to, digits[c >> 4]);
	buf_putc(to, digits[c & 15]);
}

/* Drops the last segment of the path p[0..len). */
static size_t
without_last_segment(const char *p, size_t len)
{
	while (len > 0 && p[--len] != '/')
		;
	return len;
}

/*
 * Resolves "." and ".." and joins runs of slashes.  A slash at the end stays.
 * The result has at most strlen(path) + 1 bytes.
 */
static size_t
normalize(const char *path, char *ret)
{
	const char *segment = path;
	size_t len = 0, n;

	for (;; segment += n) {
		segment += strspn(segment, "/");
		n = strcspn(segment, "/");
		if (n == 0)
			break;
		if (n == 1 && segment[0] == '.')
			continue;
		if (n == 2 && segment[0] == '.' && segment[1] == '.') {
			len = without_last_segment(ret, len);
			continue;
		}
		ret[len++] = '/';
		memcpy(ret + len, segment, n);
		len += n;
	}
	if (len == 0 || segment[-1] == '/')
		ret[len++] = '/';
	return len;
}

static void
put_path(struct buf *to, const char *path, bool with_dots_resolved)
{
	char *normal = NULL;
	size_t len = strlen(path), i;

	/* SQS has no other path. */
	if (len == 0 || strcmp(path, "/") == 0) {
		buf_putc(to, '/');
		return;
	}
	if (with_dots_resolved) {
		normal = xmalloc(len + 1);
		len = normalize(path, normal);
		path = normal;
	} else if (path[0] != '/') {
		buf_putc(to, '/');
	}
	for (i = 0; i < len; i++)
		put_encoded(to, (unsigned char)path[i], '/');
	free(normal);
}

void
sigv4_encode_path(const char *path, struct buf *to)
{
	put_path(to, path, false);
}

static int
hex_digit(char c)
{
	const char *digits = "0123456789abcdef", *at;

	if (c >= 'A' && c <= 'F')
		c = (char)(c - 'A' + 'a');
	at = c != '\0' ? strchr(digits, c) : NULL;
	return at != NULL ? (int)(at - digits) : -1;
}

/* Undoes whatever encoding p[0..n) has, then encodes as AWS does. */
static void
put_reencoded(struct buf *to, const char *p, size_t n)
{
	size_t i;
	int high, low;

	for (i = 0; i < n; i++) {
		if (p[i] == '%' && n - i > 2 &&
		    (high = hex_digit(p[i + 1])) != -1 &&
		    (low = hex_digit(p[i + 2])) != -1) {
			put_encoded(to, (unsigned char)(high * 16 + low), '\0');
			i += 2;
		} else {
			put_encoded(to, (unsigned char)p[i], '\0');
		}
	}
}

/* One parameter of the query, encoded: places in a buffer. */
struct parameter {
	struct span name, value;
};

static int
compare_spans(const struct span *a, const struct span *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int order = n > 0 ? memcmp(a->p, b->p, n) : 0;

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* By name, then value.  "a-=1" comes behind "a=1" though '-' < '='. */
static int
compare_parameters(const void *one, const void *other)
{
	const struct parameter *a = one, *b = other;
	int order = compare_spans(&a->name, &b->name);

	return order != 0 ? order : compare_spans(&a->value, &b->value);
}

static struct span
encode_part(struct buf *encoded, const char *p, size_t n)
{
	size_t begin = encoded->len;

	put_reencoded(encoded, p, n);
	return (struct span){ encoded->data + begin, encoded->len - begin };
}

/* Encodes the parameters of query into encoded; returns how many. */
static size_t
split_query(const char *query, struct buf *encoded, struct parameter *ret)
{
	size_t n = 0, len, name_len, value_at;

	for (;; query += len) {
		query += strspn(query, "&");
		len = strcspn(query, "&");
		if (len == 0)
			return n;
		name_len = strcspn(query, "=&");
		value_at = name_len < len ? name_len + 1 : len;
		ret[n].name = encode_part(encoded, query, name_len);
		ret[n].value =
		    encode_part(encoded, query + value_at, len - value_at);
		n++;
	}
}

static void
put_query(struct buf *to, const char *query)
{
	size_t len = strlen(query), n, i;
	struct buf encoded = BUF_INIT(3 * len);
	struct parameter *parameters;

	if (len == 0)
		return;
	/* All of the room at once, because spans will point into it. */
	buf_reserve(&encoded, 3 * len);
	parameters = xreallocarray(NULL, len / 2 + 1, sizeof(*parameters));
	n = split_query(query, &encoded, parameters);
	qsort(parameters, n, sizeof(*parameters), compare_parameters);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_putc(to, '&');
		buf_append(to, parameters[i].name.p, parameters[i].name.len);
		buf_putc(to, '=');
		buf_append(to, parameters[i].value.p, parameters[i].value.len);
	}
	free(parameters);
	buf_release(&encoded);
}

/*
 * A copy of the headers in the order of their names, to be freed; fields of
 * one name keep their order.
 */
static struct sigv4_header *
sort_headers(const struct sigv4_header *headers, size_t n)
{
	struct sigv4_header *sorted =
	    xreallocarray(NULL, n + 1, sizeof(*sorted));
	size_t i, j;

	for (i = 0; i < n; i++) {
		for (j = i; j > 0 &&
		     strcasecmp(sorted[j - 1].name, headers[i].name) > 0;
		     j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = headers[i];
	}
	return sorted;
}

static void
put_lower(struct buf *to, const char *s)
{
	for (; *s != '\0'; s++)
		buf_putc(to, (char)(*s >= 'A' && *s <= 'Z' ? *s | 0x20 : *s));
}

/* Space, or the fold of a header that goes on in the next line. */
static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without blanks at both ends; runs of them become one space. */
static void
put_trimmed(struct buf *to, struct span value)
{
	size_t i = 0, begin;
	bool first = true;

	for (;;) {
		while (i < value.len && is_blank(value.p[i]))
			i++;
		if (i == value.len)
			return;
		if (!first)
			buf_putc(to, ' ');
		first = false;
		for (begin = i; i < value.len && !is_blank(value.p[i]); i++)
			;
		buf_append(to, value.p + begin, i - begin);
	}
}

static bool
repeats_name(const struct sigv4_header *sorted, size_t i)
{
	return i > 0 && strcasecmp(sorted[i - 1].name, sorted[i].name) == 0;
}

static void
put_headers(struct buf *to, const struct sigv4_header *sorted, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (repeats_name(sorted, i)) {
			buf_putc(to, ',');
		} else {
			if (i > 0)
				buf_putc(to, '\n');
			put_lower(to, sorted[i].name);
			buf_putc(to, ':');
		}
		put_trimmed(to, sorted[i].value);
	}
	buf_puts(to, "\n\n");
}

static void
put_signed_headers(struct buf *to, const struct sigv4_header *sorted, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (repeats_name(sorted, i))
			continue;
		if (i > 0)
			buf_putc(to, ';');
		put_lower(to, sorted[i].name);
	}
}

void
sigv4_canonical_request(const struct sigv4_request *r, struct buf *to)
{
	struct sigv4_header *sorted = sort_headers(r->headers, r->n_headers);

	buf_puts(to, r->method);
	buf_putc(to, '\n');
	put_path(to, r->path, r->normalize_path);
	buf_putc(to, '\n');
	put_query(to, r->query);
	buf_putc(to, '\n');
	put_headers(to, sorted, r->n_headers);
	put_signed_headers(to, sorted, r->n_headers);
	buf_putc(to, '\n');
	put_sha256(to, r->payload.p, r->payload.len);
	free(sorted);
}

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
	put_sha256(to, canonical_request.p, canonical_request.len);
}

/* ---- the key ---- */

static bool
derive_key(const struct sigv4_key *k, const char *amz_date,
    unsigned char ret[SHA256_SIZE])
{
	char *seed = xasprintf("AWS4%s", k->secret_access_key);
	bool good;

	good = hmac(seed, strlen(seed), amz_date, DATE_LEN, ret) &&
	    hmac(ret, SHA256_SIZE, k->region, strlen(k->region), ret) &&
	    hmac(ret, SHA256_SIZE, k->service, strlen(k->service), ret) &&
	    hmac(ret, SHA256_SIZE, terminator, strlen(terminator), ret);
	freezero(seed, strlen(seed));
	return good;
}

/*
 * What the key in the cache is for, but for the key itself.  False if the
 * names are longer than any that AWS gives: then there is no caching.
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

/* The last line but one of a canonical request; its last is 64 digits. */
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

	sigv4_canonical_request(r, &canonical);
	if (canonical.overflow)
		goto out;
	sigv4_string_to_sign(k, amz_date, buf_span(&canonical), &text);
	if (text.overflow || !signing_key(k, amz_date, cache, key) ||
	    !hmac(key, sizeof(key), text.data, text.len, signature))
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

	/* A clock beyond the year 9999 yields a date that no service takes. */
	if (gmtime_r(&seconds, &tm) == NULL ||
	    strftime(ret_date, SIGV4_DATE_SIZE, "%Y%m%dT%H%M%SZ", &tm) !=
		SIGV4_DATE_SIZE - 1)
		(void)strlcpy(ret_date, "00000000T000000Z", SIGV4_DATE_SIZE);
}
