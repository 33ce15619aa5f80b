/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A set of keys, and the JSON documents that hold one.  Pure.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_KEYS_H
#define COMMON_CREDENTIALS_CREDENTIALS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/http/http.h"
#include "common/http/signed_request.h"

/* One set of keys.  Freed by freezero; never logged. */
struct credentials_keys {
	char *access_key_id;
	char *secret_access_key;
	char *session_token;   /* NULL: none */
	int64_t expiration_ms; /* epoch; 0: does not expire */
	bool strict; /* useless from its expiration on: keys of a program, which
			decides when it must run again */
};

struct credentials_keys *credentials_keys_new(const char *access_key_id,
    const char *secret_access_key, const char *session_token,
    int64_t expiration_ms);
void credentials_keys_free(struct credentials_keys *k);
/* The same keys, borrowed, in the form that signing takes. */
struct signing_keys credentials_keys_to_sign(const struct credentials_keys *k);
bool credentials_keys_same(const struct credentials_keys *a,
    const struct credentials_keys *b);

/* A transfer that did not end with HTTP 200, as a source reports it. */
void credentials_keys_refusal(const struct http_answer *answer,
    const struct error *why, struct error *ret);

/*
 * May s be sent in a header?  False if it has a character that is not visible
 * ASCII, such as a blank.
 */
bool credentials_keys_is_visible(const char *s);

/*
 * Parses the JSON document of a container endpoint or of IMDS.  NULL with *e
 * when keys are missing or unusable, Code is not Success, or Expiration is
 * wrong.  Token and Expiration may be absent.
 */
struct credentials_keys *credentials_keys_parse(struct span document,
    struct error *e);
/*
 * The same for the output of a credential_process, which must have a Version,
 * too.
 */
struct credentials_keys *credentials_keys_parse_process(struct span document,
    struct error *e);
/* Reads a time into ms; NULL is 0, never. */
int credentials_keys_parse_expiration(const char *text, int64_t *ret_ms,
    struct error *e);

#endif
