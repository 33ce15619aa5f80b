/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Shared credentials of any bytes, as a process gone mad could leave them with
 * the right check sum: keys that come of them can be put into headers, plans
 * can be made of the times, and the error can be logged.  Bytes that are
 * missing are 0.  With a first byte of 1 what follows are the strings alone.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/credentials/credentials_share.h"

#include "common/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fill(struct credentials_content *c, const uint8_t *data, size_t size)
{
	memset(c, 0, sizeof(*c));
	if (size > 2 && data[0] == 1) {
		c->has_keys = c->have_keys = 1;
		c->has_token = data[1] & 1;
		size -= 2;
		memcpy(c->strings, data + 2,
		    size < sizeof(c->strings) ? size : sizeof(c->strings));
	} else {
		memcpy(c, data, size < sizeof(*c) ? size : sizeof(*c));
	}
}

static void
check_keys(const struct credentials_record *r)
{
	const struct credentials_keys *k = r->keys;

	assert(r->state.have_keys == (k != NULL));
	if (k == NULL)
		return;
	assert(k->access_key_id[0] != '\0' && k->secret_access_key[0] != '\0');
	assert(credentials_keys_is_visible(k->access_key_id));
	assert(k->session_token == NULL ||
	    (k->session_token[0] != '\0' &&
		credentials_keys_is_visible(k->session_token)));
}

static void
check_plan(struct credentials_record *r)
{
	const int64_t now_ms = INT64_C(1900000000000);
	struct credentials_plan plan =
	    credentials_plan_decide(&r->state, 1000000, now_ms);

	assert(plan.look_at_ms >= 0);
	(void)credentials_plan_is_critical(&r->state, now_ms);
	(void)credentials_plan_is_usable(&r->state, now_ms);
	credentials_plan_failed(&r->state, r->error.kind, 1000000, 0.5);
	if (r->keys != NULL)
		credentials_plan_succeeded(&r->state, r->keys->expiration_ms,
		    r->keys->strict, 1000000, now_ms, 0.5);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct credentials_content c;
	struct credentials_record r;

	fill(&c, data, size);
	if (credentials_content_read(&c, &r) == -1)
		return 0;
	assert(error_kind_name(r.error.kind)[0] != '\0');
	assert(strlen(r.error.text) < sizeof(r.error.text));
	check_keys(&r);
	check_plan(&r);
	credentials_keys_free(r.keys);
	return 0;
}
