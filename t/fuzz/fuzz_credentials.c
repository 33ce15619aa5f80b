/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What credential endpoints may answer, and URLs from the environment.  Keys
 * that are accepted can be put into headers; a failure always has a reason; a
 * URL that is allowed can be taken apart.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/credentials.h"
#include "common/xalloc.h"

#include "common/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *value;

static const char *
get(const char *name)
{
	(void)name;
	return value;
}

static void
check_document(const char *p, size_t n)
{
	struct error e = { .kind = ERROR_NONE };
	struct credentials_keys *k;

	k = credentials_parse((struct span){ p, n }, &e);
	if (k == NULL) {
		assert(e.kind != ERROR_NONE && e.text[0] != '\0');
		assert(e.text[strcspn(e.text, "\r\n")] == '\0');
		return;
	}
	assert(k->access_key_id[0] != '\0');
	assert(credentials_is_visible(k->access_key_id));
	assert(k->secret_access_key[0] != '\0');
	assert(k->session_token == NULL ||
	    (k->session_token[0] != '\0' &&
		credentials_is_visible(k->session_token)));
	assert(k->expiration_ms >= 0);
	credentials_keys_free(k);
}

static void
check_refusal(const char *p, size_t n)
{
	const struct http_answer answer = { .status = 400, .body = { p, n } };
	struct error e;

	credentials_refusal(&answer, NULL, &e);
	assert(e.kind == ERROR_OPERATOR && e.text[0] != '\0');
	assert(e.text[strcspn(e.text, "\r\n")] == '\0');
}

static void
check_urls(const char *s)
{
	struct http_url parts;
	struct error e;
	char *url;

	if (credentials_container_url_allowed(s))
		assert(http_split_url(s, &parts) == 0);
	value = s;
	url = credentials_container_url(get, &e);
	assert(url == NULL || credentials_container_url_allowed(url));
	free(url);
	url = credentials_imds_base(get, &e);
	assert(url == NULL || http_split_url(url, &parts) == 0);
	free(url);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = xmemdup0(data, size);

	check_document(s, size);
	check_refusal(s, size);
	check_urls(s);
	free(s);
	return 0;
}
