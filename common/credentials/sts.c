/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* Each call is one request; credentials.c tries again.  See sts.h. */
#include "common/credentials/sts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/base/xml.h"
#include "common/credentials/secret.h"
#include "common/http/aws_endpoint.h"
#include "common/http/aws_error.h"
#include "common/http/http_url.h"
#include "common/http/signed_request.h"

#include "common/base/banned.h"

#define CONTENT_TYPE "application/x-www-form-urlencoded"

enum {
	CONNECT_TIMEOUT_MS = 3000,
	TIMEOUT_MS = 10000,
	ANSWER_MAX = 256 * 1024,
	REQUEST_MAX = 128 * 1024
};

struct sts_call {
	struct http_transfer *transfer;
	struct buf body;
	credentials_fetched_fn *done;
	void *arg;
};

/* ---- where to ask ---- */

static const char *
region_of(const struct credentials_context *x, const struct profile_set *set)
{
	const char *region = profile_setting(x->get, "AWS_REGION");

	if (region == NULL)
		region =
		    profile_option(x->get, set, "AWS_DEFAULT_REGION", "region");
	return region != NULL ? region : x->region;
}

/* To be freed; NULL: none is configured. */
static char *
configured_url(const struct credentials_context *x,
    const struct profile_set *set)
{
	const char *url = profile_setting(x->get, "AWS_ENDPOINT_URL_STS");
	char *of_service = NULL;

	if (profile_flag(x->get, set, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
		"ignore_configured_endpoint_urls"))
		return NULL;
	if (url == NULL)
		url = profile_setting(x->get, "AWS_ENDPOINT_URL");
	if (url == NULL && set != NULL)
		of_service = profile_get_service(set, profile_name(x->get),
		    "sts", "endpoint_url");
	if (of_service != NULL)
		return of_service;
	if (url == NULL)
		url = profile_option(x->get, set, "AWS_ENDPOINT_URL",
		    "endpoint_url");
	return url != NULL ? xstrdup(url) : NULL;
}

static int
regional_url(const struct credentials_context *x, struct sts_place *place,
    struct error *e)
{
	if (aws_endpoint_of_region("sts", place->region, x->variant, place->url,
		sizeof(place->url)) == -1)
		return error_set(e, ERROR_OPERATOR,
		    "region '%s' has no such STS endpoint", place->region);
	return 0;
}

/* The answer holds keys, which must not cross a network in the clear. */
static int
check_url(const struct credentials_context *x, const char *url, struct error *e)
{
	struct http_url parts;

	if (http_url_split_endpoint(url, &parts) == -1)
		return error_set(e, ERROR_OPERATOR,
		    "the endpoint of STS, '%.100s', is not an http or https "
		    "URL",
		    url);
	if (!x->allow_http && !http_url_is_confidential(&parts))
		return error_set(e, ERROR_OPERATOR,
		    "the endpoint of STS, '%.100s', is not https (see "
		    "allow_http)",
		    url);
	return 0;
}

int
sts_find(const struct credentials_context *x, const struct profile_set *set,
    struct sts_place *ret, struct error *e)
{
	char *url = configured_url(x, set);
	struct sts_place place;
	bool fits;

	fits = strlcpy(place.region, region_of(x, set), sizeof(place.region)) <
	    sizeof(place.region);
	if (url != NULL)
		fits = strlcpy(place.url, url, sizeof(place.url)) <
			sizeof(place.url) &&
		    fits;
	if (!fits) {
		free(url);
		return error_set(e, ERROR_OPERATOR,
		    "the region or the endpoint of STS is too long");
	}
	if (!credentials_keys_is_visible(place.region)) {
		free(url);
		return error_set(e, ERROR_OPERATOR,
		    "the region of STS holds a blank or control character");
	}
	if (url != NULL && (x->variant.fips || x->variant.dualstack)) {
		free(url);
		return error_set(e, ERROR_OPERATOR,
		    "there is no %s variant of the endpoint of STS, '%.100s'",
		    x->variant.fips ? "FIPS" : "dual-stack", place.url);
	}
	if ((url == NULL && regional_url(x, &place, e) == -1) ||
	    check_url(x, place.url, e) == -1) {
		free(url);
		return -1;
	}
	free(url);
	*ret = place;
	return 0;
}

/* ---- the request ---- */

static void
put_encoded(struct buf *to, const char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-_.~";

	for (; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL)
			buf_putc(to, *s);
		else
			buf_printf(to, "%%%02X", (unsigned char)*s);
	}
}

static void
put_parameter(struct buf *to, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_printf(to, "&%s=", name);
	put_encoded(to, value);
}

void
sts_put_request(struct buf *to, const struct profile_role *role,
    const char *token, int64_t now_real_ms)
{
	char name[32];

	/* With this name the session can be found in CloudTrail. */
	(void)snprintf(name, sizeof(name), "sqsherd-%" PRId64, now_real_ms);
	buf_printf(to, "Action=%s&Version=2011-06-15",
	    token != NULL ? "AssumeRoleWithWebIdentity" : "AssumeRole");
	put_parameter(to, "RoleArn", role->arn);
	put_parameter(to, "RoleSessionName",
	    role->session_name != NULL ? role->session_name : name);
	if (role->duration_s > 0)
		buf_printf(to, "&DurationSeconds=%d", role->duration_s);
	put_parameter(to, "WebIdentityToken", token);
	if (token == NULL)
		put_parameter(to, "ExternalId", role->external_id);
}

/* ---- the answer ---- */

struct answer {
	char *id, *secret, *token, *expiration;
};

static void
on_element(void *arg, const char *parent, const char *name, struct span text)
{
	struct answer *a = arg;
	const struct {
		const char *name;
		char **to;
	} fields[] = { { "AccessKeyId", &a->id },
		{ "SecretAccessKey", &a->secret },
		{ "SessionToken", &a->token },
		{ "Expiration", &a->expiration } };
	size_t i;

	if (strcmp(parent, "Credentials") != 0 || text.len == 0)
		return;
	for (i = 0; i < nitems(fields); i++) {
		if (strcmp(name, fields[i].name) != 0)
			continue;
		secret_free(*fields[i].to);
		*fields[i].to = xmemdup0(text.p, text.len);
	}
}

static int
check_answer(const struct answer *a, int64_t *ret_expiration_ms,
    struct error *e)
{
	if (a->id == NULL || a->secret == NULL || a->token == NULL ||
	    a->expiration == NULL)
		return error_set(e, ERROR_RETRY,
		    "answer of STS does not have all of AccessKeyId, "
		    "SecretAccessKey, SessionToken and Expiration");
	if (!credentials_keys_is_visible(a->id) ||
	    !credentials_keys_is_visible(a->token))
		return error_set(e, ERROR_RETRY,
		    "answer of STS has keys that no header can hold");
	return credentials_keys_parse_expiration(a->expiration,
	    ret_expiration_ms, e);
}

struct credentials_keys *
sts_parse(struct span answer, struct error *e)
{
	struct answer a = { NULL, NULL, NULL, NULL };
	struct credentials_keys *keys = NULL;
	int64_t expiration_ms = 0;

	if (xml_parse(answer, on_element, &a, e) == 0 &&
	    check_answer(&a, &expiration_ms, e) == 0)
		keys = credentials_keys_new(a.id, a.secret, a.token,
		    expiration_ms);
	secret_free(a.id);
	secret_free(a.secret);
	secret_free(a.token);
	secret_free(a.expiration);
	return keys;
}

static void
read_refusal(const struct http_answer *answer, struct error *ret)
{
	struct error e;

	aws_parse_error(answer, &e);
	/*
	 * The next fetch reads the keys or the token anew if they were refused,
	 * and a wrong time is corrected by now.
	 */
	if (e.kind == ERROR_CREDENTIALS ||
	    (answer->skewed && aws_blames_clock(e.code)))
		e.kind = ERROR_RETRY;
	if (e.kind != ERROR_RETRY && e.kind != ERROR_THROTTLED)
		e.kind = ERROR_OPERATOR;
	*ret = e;
	(void)snprintf(ret->text, sizeof(ret->text), "STS: %s%s%.150s", e.code,
	    e.code[0] != '\0' ? ": " : "", e.text);
}

/* ---- the call ---- */

static void
call_free(struct sts_call *call)
{
	/* The body may hold a token. */
	secret_release(&call->body);
	free(call);
}

static void
on_answer(void *arg, const struct http_answer *answer, const struct error *why)
{
	struct sts_call *call = arg;
	credentials_fetched_fn *done = call->done;
	void *done_arg = call->arg;
	struct credentials_keys *keys = NULL;
	struct error e;

	call_free(call);
	if (answer == NULL)
		credentials_keys_refusal(NULL, why, &e);
	else if (answer->status == 200)
		keys = sts_parse(answer->body, &e);
	else
		read_refusal(answer, &e);
	done(done_arg, keys, keys == NULL ? &e : NULL);
}

static int
transmit(struct sts_call *call, struct http *http,
    const struct sts_place *place, const struct credentials_keys *keys)
{
	static const char *const unsigned_headers[] = {
		"Content-Type: " CONTENT_TYPE
	};
	const struct sigv4_header type = { "Content-Type",
		span_of(CONTENT_TYPE) };
	struct http_url url;
	struct signed_request r = { .http = { .method = "POST",
					.url = place->url,
					.body = buf_span(&call->body),
					.connect_timeout_ms =
					    CONNECT_TIMEOUT_MS,
					.timeout_ms = TIMEOUT_MS,
					.answer_max = ANSWER_MAX },
		.service = "sts",
		.region = place->region,
		.authority = url.authority,
		.path = url.path,
		.normalize_path = true,
		.headers = &type,
		.n_headers = 1 };
	struct signing_keys to_sign;

	if (keys == NULL) {
		r.http.headers = unsigned_headers;
		r.http.n_headers = nitems(unsigned_headers);
		call->transfer = http_start(http, &r.http, on_answer, call);
	} else if (http_url_split_endpoint(place->url, &url) == 0) {
		to_sign = credentials_keys_to_sign(keys);
		call->transfer = signed_request_start(http, &r, &to_sign, NULL,
		    on_answer, call);
	}
	return call->transfer != NULL ? 0 : -1;
}

struct sts_call *
sts_start(const struct credentials_context *x, const struct profile_set *set,
    const struct profile_role *role, const struct credentials_keys *keys,
    const char *token, credentials_fetched_fn *done, void *arg)
{
	struct sts_call *call = xcalloc(1, sizeof(*call));
	struct sts_place place;
	struct error e;

	call->done = done;
	call->arg = arg;
	buf_init(&call->body, REQUEST_MAX);
	sts_put_request(&call->body, role, token, http_real_ms(x->http));
	if (sts_find(x, set, &place, &e) == -1)
		goto failed;
	if (call->body.overflow ||
	    transmit(call, x->http, &place, keys) == -1) {
		error_set(&e, ERROR_OPERATOR,
		    "cannot sign a request to STS, or it is too long");
		goto failed;
	}
	return call;
failed:
	call_free(call);
	done(arg, NULL, &e);
	return NULL;
}

void
sts_cancel(struct sts_call *call)
{
	if (call == NULL)
		return;
	http_cancel(call->transfer);
	call_free(call);
}
