/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The metadata service, version 2, gives a token, with the token the name of
 * the role, and with both the keys.  A token is fetched each time, because
 * hours lie between fetches.  See credentials_imds.h.
 * Source: EC2 User Guide, "Use the Instance Metadata Service".
 */
#include "common/credentials/credentials_imds.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/backoff.h"
#include "common/base/xalloc.h"
#include "common/credentials/profile_files.h"
#include "common/credentials/secret.h"
#include "common/http/http_url.h"

#include "common/base/banned.h"

#define DISABLED      "AWS_EC2_METADATA_DISABLED"
#define ENDPOINT      "AWS_EC2_METADATA_SERVICE_ENDPOINT"
#define ENDPOINT_MODE "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"

#define TOKEN_PATH "/latest/api/token"
#define ROLE_PATH  "/latest/meta-data/iam/security-credentials/"

enum {
	CONNECT_TIMEOUT_MS = 1000,
	TIMEOUT_MS = 5000,
	ANSWER_MAX = 64 * 1024,
	/* Keys that have expired already are used for 10 to 15 minutes more. */
	EXTENSION_MIN_MS = 10 * 60 * 1000,
	EXTENSION_JITTER_MS = 5 * 60 * 1000
};

struct imds_fetch {
	struct http *http;
	struct http_transfer *transfer;
	credentials_fetched_fn *done;
	void *arg;
	char *base;        /* of all URLs, without a slash at the end */
	char *token_line;  /* the header of each GET */
	bool second_token; /* the first was refused */
};

static int
imds_configured(const struct credentials_context *x)
{
	(void)x;
	return 1; /* the last resort; fetch returns what is wrong */
}

static void
fetch_free(struct imds_fetch *f)
{
	free(f->base);
	secret_free(f->token_line);
	free(f);
}

static void
finish(struct imds_fetch *f, struct credentials_keys *keys,
    const struct error *e)
{
	credentials_fetched_fn *done = f->done;
	void *arg = f->arg;

	fetch_free(f);
	done(arg, keys, e);
}

/* ---- the requests ---- */

static void
send_request(struct imds_fetch *f, const char *method, const char *path,
    const char *more_path, const char *header, http_done_fn *done)
{
	char *url = xasprintf("%s%s%s", f->base, path, more_path);
	const struct http_request r = { .method = method,
		.url = url,
		.headers = &header,
		.n_headers = 1,
		.body = { "", 0 },
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.timeout_ms = TIMEOUT_MS,
		.answer_max = ANSWER_MAX,
		.is_metadata = true };

	f->transfer = http_start(f->http, &r, done, f);
	free(url);
}

static http_done_fn on_token, on_role, on_keys;

static void
ask_token(struct imds_fetch *f)
{
	send_request(f, "PUT", TOKEN_PATH, "",
	    "X-aws-ec2-metadata-token-ttl-seconds: 21600", on_token);
}

/*
 * Returns true if the fetch goes on with this answer.  If not, the fetch has
 * ended, or has begun again because the token had expired.
 */
static bool
is_good(struct imds_fetch *f, const struct http_answer *answer,
    const struct error *why)
{
	struct error e;

	if (answer != NULL && answer->status == 200)
		return true;
	if (answer != NULL && answer->status == 401 && !f->second_token) {
		f->second_token = true;
		ask_token(f);
		return false;
	}
	credentials_keys_refusal(answer, why, &e);
	finish(f, NULL, &e);
	return false;
}

char *
credentials_imds_token(struct span body)
{
	char *line = xmemdup0(body.p, body.len);

	line[strcspn(line, "\r\n")] = '\0';
	if (line[0] != '\0' && credentials_keys_is_visible(line))
		return line;
	secret_free(line);
	return NULL;
}

/* A role's name needs no encoding: letters, digits and +=,.@-_ */
static bool
is_path_part(const char *s)
{
	return s[strcspn(s, "/?#%\\")] == '\0' && strcmp(s, ".") != 0 &&
	    strcmp(s, "..") != 0;
}

char *
credentials_imds_role(struct span body)
{
	char *role = credentials_imds_token(body);

	if (role == NULL || is_path_part(role))
		return role;
	free(role);
	return NULL;
}

static void
on_token(void *arg, const struct http_answer *answer, const struct error *why)
{
	struct imds_fetch *f = arg;
	struct error e;
	char *token;

	if (!is_good(f, answer, why))
		return;
	if ((token = credentials_imds_token(answer->body)) == NULL) {
		error_set(&e, ERROR_RETRY, "bad token");
		finish(f, NULL, &e);
		return;
	}
	secret_free(f->token_line);
	f->token_line = xasprintf("X-aws-ec2-metadata-token: %s", token);
	secret_free(token);
	send_request(f, "GET", ROLE_PATH, "", f->token_line, on_role);
}

static void
on_role(void *arg, const struct http_answer *answer, const struct error *why)
{
	struct imds_fetch *f = arg;
	struct error e;
	char *role;

	if (answer != NULL && answer->status == 404) {
		error_set(&e, ERROR_OPERATOR, "the instance has no role");
		finish(f, NULL, &e);
		return;
	}
	if (!is_good(f, answer, why))
		return;
	if ((role = credentials_imds_role(answer->body)) == NULL) {
		error_set(&e, ERROR_RETRY, "bad role name");
		finish(f, NULL, &e);
	} else {
		send_request(f, "GET", ROLE_PATH, role, f->token_line, on_keys);
	}
	free(role);
}

/* As the SDKs do, trusts the keys of the service more than their expiration. */
static void
extend_expired(struct credentials_keys *keys, int64_t now_ms)
{
	if (keys->expiration_ms <= now_ms)
		keys->expiration_ms = now_ms + EXTENSION_MIN_MS +
		    backoff_full_jitter_ms(EXTENSION_JITTER_MS,
			backoff_random());
}

static void
on_keys(void *arg, const struct http_answer *answer, const struct error *why)
{
	struct imds_fetch *f = arg;
	struct credentials_keys *keys;
	struct error e;

	if (!is_good(f, answer, why))
		return;
	keys = credentials_keys_parse(answer->body, &e);
	if (keys != NULL &&
	    (keys->session_token == NULL || keys->expiration_ms == 0)) {
		error_set(&e, ERROR_RETRY, "answer has no Token or Expiration");
		credentials_keys_free(keys);
		keys = NULL;
	}
	if (keys != NULL)
		extend_expired(keys, http_real_ms(f->http));
	finish(f, keys, keys == NULL ? &e : NULL);
}

/* ---- where to ask ---- */

static const char *
mode_address(const char *mode)
{
	if (mode == NULL || strcasecmp(mode, "IPv4") == 0)
		return "http://169.254.169.254";
	return strcasecmp(mode, "IPv6") == 0 ? "http://[fd00:ec2::254]" : NULL;
}

/* To be freed. */
static char *
choose_endpoint(credentials_getenv_fn *get, const struct profile_set *set,
    struct error *e)
{
	const char *profile = profile_name(get);
	const char *endpoint = profile_setting(get, ENDPOINT);
	const char *mode = profile_setting(get, ENDPOINT_MODE);

	if (endpoint == NULL)
		endpoint =
		    profile_get(set, profile, "ec2_metadata_service_endpoint");
	if (mode == NULL)
		mode = profile_get(set, profile,
		    "ec2_metadata_service_endpoint_mode");
	if (endpoint == NULL && (endpoint = mode_address(mode)) == NULL) {
		error_set(e, ERROR_OPERATOR,
		    ENDPOINT_MODE " is neither IPv4 nor IPv6");
		return NULL;
	}
	return xstrdup(endpoint);
}

char *
credentials_imds_base(credentials_getenv_fn *get, struct error *e)
{
	const char *disabled = profile_setting(get, DISABLED);
	struct profile_set *set;
	struct http_url parts;
	char *base;
	size_t len;

	if (disabled != NULL && strcasecmp(disabled, "true") == 0) {
		error_set(e, ERROR_OPERATOR, DISABLED " is true");
		return NULL;
	}
	if ((set = profile_files_load(get, e)) == NULL)
		return NULL;
	base = choose_endpoint(get, set, e);
	profile_free(set);
	if (base == NULL)
		return NULL;
	if (http_url_split_endpoint(base, &parts) == -1) {
		error_set(e, ERROR_OPERATOR,
		    ENDPOINT " is not an http or https URL");
		free(base);
		return NULL;
	}
	for (len = strlen(base); len > 0 && base[len - 1] == '/'; len--)
		base[len - 1] = '\0';
	return base;
}

static void *
imds_fetch(const struct credentials_context *x, credentials_fetched_fn *done,
    void *arg)
{
	struct imds_fetch *f;
	struct error e;
	char *base;

	if ((base = credentials_imds_base(x->get, &e)) == NULL) {
		done(arg, NULL, &e);
		return NULL;
	}
	f = xcalloc(1, sizeof(*f));
	f->http = x->http;
	f->done = done;
	f->arg = arg;
	f->base = base;
	ask_token(f);
	return f;
}

static void
imds_cancel(void *state)
{
	struct imds_fetch *f = state;

	http_cancel(f->transfer);
	fetch_free(f);
}

const struct credentials_source credentials_imds = {
	.name = "imds",
	.shared = true,
	.configured = imds_configured,
	.fetch = imds_fetch,
	.cancel = imds_cancel,
};
