/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Answers of STS of any bytes: keys that are accepted can be put into headers,
 * do expire, and are read again as the same when they are written as STS
 * writes them; a refusal always has a reason.  And requests of any words: what
 * is sent is nothing but unreserved characters, and says what was to be said.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/credentials/sts.h"
#include "t/fuzz/xml_text.h"

enum {
	AGAIN_MAX = 64 * 1024 * 1024
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_again(const struct credentials_keys *k)
{
	struct buf again = BUF_INIT(AGAIN_MAX);
	struct credentials_keys *same;
	char expiration[25];
	struct error e;

	clock_format_iso(k->expiration_ms, expiration, sizeof(expiration));
	if (expiration[0] == '\0')
		return; /* an offset led out of the years that can be written */
	buf_puts(&again, "<r><Credentials>");
	put_element(&again, "AccessKeyId", span_of(k->access_key_id));
	put_element(&again, "SecretAccessKey", span_of(k->secret_access_key));
	put_element(&again, "SessionToken", span_of(k->session_token));
	put_element(&again, "Expiration", span_of(expiration));
	buf_puts(&again, "</Credentials></r>");
	same = sts_parse(buf_span(&again), &e);
	assert(same != NULL && credentials_keys_same(k, same));
	assert(same->expiration_ms == k->expiration_ms);
	credentials_keys_free(same);
	buf_release(&again);
}

static void
check_answer(struct span answer)
{
	struct error e = { .kind = ERROR_NONE };
	struct credentials_keys *k = sts_parse(answer, &e);

	if (k == NULL) {
		assert(e.kind == ERROR_RETRY && e.text[0] != '\0');
		assert(e.text[strcspn(e.text, "\r\n")] == '\0');
		return;
	}
	assert(k->access_key_id[0] != '\0' && k->secret_access_key[0] != '\0');
	assert(credentials_keys_is_visible(k->access_key_id));
	assert(k->session_token != NULL && k->session_token[0] != '\0');
	assert(credentials_keys_is_visible(k->session_token));
	assert(k->expiration_ms > 0);
	check_again(k);
	credentials_keys_free(k);
}

static unsigned
hex_value(char c)
{
	assert((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'));
	return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

/* The parameter of that name, decoded as a server does. */
static char *
parameter(const char *request, const char *name)
{
	char *start = xasprintf("&%s=", name), *value;
	const char *p = strstr(request, start);
	size_t n = 0;

	assert(p != NULL);
	value = xcalloc(1, strlen(p) + 1);
	for (p += strlen(start); *p != '\0' && *p != '&'; p++) {
		if (*p != '%') {
			value[n++] = *p;
			continue;
		}
		value[n++] = (char)(hex_value(p[1]) << 4 | hex_value(p[2]));
		p += 2;
	}
	free(start);
	return value;
}

static void
check_request(char *word)
{
	const struct profile_role role = { .arn = word,
		.session_name = word,
		.external_id = word,
		.duration_s = 900 };
	static const char *const names[] = { "RoleArn", "RoleSessionName",
		"ExternalId" };
	struct buf request = BUF_INIT(AGAIN_MAX);
	size_t i;

	sts_put_request(&request, &role, NULL, 0);
	assert(!request.overflow);
	for (i = 0; i < request.len; i++)
		assert(request.data[i] > ' ' && request.data[i] <= '~' &&
		    strchr("\"#+/:?@", request.data[i]) == NULL);
	for (i = 0; i < nitems(names); i++) {
		char *value = parameter(request.data, names[i]);

		assert(strcmp(value, word) == 0);
		free(value);
	}
	buf_release(&request);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *word = xmemdup0(data, size);

	check_answer((struct span){ (const char *)data, size });
	check_request(word);
	free(word);
	return 0;
}
