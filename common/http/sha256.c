/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Every request is signed, so each process looks the algorithms up once and
 * uses their contexts again: in OpenSSL 3 a lookup costs more than the hashing.
 * See sha256.h.
 */
#include "common/http/sha256.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "common/base/banned.h"

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

bool
sha256(const void *p, size_t n, unsigned char ret[SHA256_SIZE])
{
	return crypto_open() &&
	    EVP_DigestInit_ex2(sha256_context, sha256_algorithm, NULL) == 1 &&
	    EVP_DigestUpdate(sha256_context, p, n) == 1 &&
	    EVP_DigestFinal_ex(sha256_context, ret, NULL) == 1;
}

bool
sha256_hmac(const void *key, size_t key_len, const void *p, size_t n,
    unsigned char ret[SHA256_SIZE])
{
	size_t len;

	return crypto_open() &&
	    EVP_MAC_init(hmac_context, key, key_len, NULL) == 1 &&
	    EVP_MAC_update(hmac_context, p, n) == 1 &&
	    EVP_MAC_final(hmac_context, ret, &len, SHA256_SIZE) == 1;
}

void
sha256_put(struct buf *to, const void *p, size_t n)
{
	unsigned char digest[SHA256_SIZE];

	if (sha256(p, n, digest))
		buf_put_hex(to, digest, sizeof(digest));
	else
		to->overflow = true;
}
