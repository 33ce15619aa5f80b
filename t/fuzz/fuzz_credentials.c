/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What credential endpoints and programs may answer, and URLs from the
 * environment.  Keys that are accepted can be put into headers, and are read
 * again as the same when they are written anew; a failure always has a reason;
 * the metadata service's words make a header and a path, and no more than one;
 * a URL that is allowed can be taken apart.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/credentials/credentials.h"
#include "common/credentials/credentials_container.h"
#include "common/credentials/credentials_imds.h"
#include "common/http/http_url.h"

#include "common/base/banned.h"

enum {
	AGAIN_MAX = 64 * 1024 * 1024
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *value;

static const char *
get(const char *name)
{
	(void)name;
	return value;
}

static void
put_member(struct buf *to, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(to, ",\"%s\":", name);
	buf_puts_json(to, text);
}

static void
check_again(const struct credentials_keys *k)
{
	struct buf again = BUF_INIT(AGAIN_MAX);
	struct credentials_keys *same;
	char expiration[25] = "";
	struct error e;

	clock_format_iso(k->expiration_ms, expiration, sizeof(expiration));
	/* Neither can be written: what is not UTF-8, and some years. */
	if (!span_is_utf8(span_of(k->secret_access_key)) ||
	    expiration[0] == '\0')
		return;
	buf_puts(&again, "{\"Version\":1");
	put_member(&again, "AccessKeyId", k->access_key_id);
	put_member(&again, "SecretAccessKey", k->secret_access_key);
	put_member(&again, "SessionToken", k->session_token);
	if (k->expiration_ms > 0)
		put_member(&again, "Expiration", expiration);
	buf_putc(&again, '}');
	assert(!again.overflow);
	same = credentials_keys_parse_process(buf_span(&again), &e);
	assert(same != NULL && credentials_keys_same(k, same));
	assert(same->expiration_ms == k->expiration_ms);
	credentials_keys_free(same);
	buf_release(&again);
}

static void
check_keys(struct credentials_keys *k, const struct error *e)
{
	if (k == NULL) {
		assert(e->kind != ERROR_NONE && e->text[0] != '\0');
		assert(e->text[strcspn(e->text, "\r\n")] == '\0');
		return;
	}
	assert(k->access_key_id[0] != '\0');
	assert(credentials_keys_is_visible(k->access_key_id));
	assert(k->secret_access_key[0] != '\0');
	assert(k->session_token == NULL ||
	    (k->session_token[0] != '\0' &&
		credentials_keys_is_visible(k->session_token)));
	assert(k->expiration_ms >= 0);
	check_again(k);
	credentials_keys_free(k);
}

static void
check_document(struct span document)
{
	struct error e = { .kind = ERROR_NONE };

	check_keys(credentials_keys_parse(document, &e), &e);
	error_clear(&e);
	check_keys(credentials_keys_parse_process(document, &e), &e);
}

static void
check_words(struct span body)
{
	char *token = credentials_imds_token(body);
	char *role = credentials_imds_role(body);

	assert(token == NULL ||
	    (token[0] != '\0' && credentials_keys_is_visible(token)));
	assert(role == NULL || (token != NULL && strcmp(role, token) == 0));
	assert(role == NULL || role[strcspn(role, "/?#%\\")] == '\0');
	assert(role == NULL ||
	    (strcmp(role, ".") != 0 && strcmp(role, "..") != 0));
	free(token);
	free(role);
}

static void
check_refusal(const char *p, size_t n)
{
	const struct http_answer answer = { .status = 400, .body = { p, n } };
	struct error e;

	credentials_keys_refusal(&answer, NULL, &e);
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
		assert(http_url_split(s, &parts) == 0);
	value = s;
	url = credentials_container_url(get, &e);
	assert(url == NULL || credentials_container_url_allowed(url));
	free(url);
	url = credentials_imds_base(get, &e);
	assert(url == NULL || http_url_split(url, &parts) == 0);
	free(url);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = xmemdup0(data, size);

	check_document((struct span){ s, size });
	check_words((struct span){ s, size });
	check_refusal(s, size);
	check_urls(s);
	free(s);
	return 0;
}
