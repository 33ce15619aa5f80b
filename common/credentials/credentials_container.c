/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A fetch is one GET.  Over plain http it goes only to the well-known local
 * addresses, so that no environment variable can send the authorization token
 * elsewhere.  See credentials_container.h.
 */
#include "common/credentials/credentials_container.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/file.h"
#include "common/base/xalloc.h"
#include "common/credentials/secret.h"
#include "common/http/http_url.h"

#include "common/base/banned.h"

#define RELATIVE_URI       "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL_URI           "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define AUTHORIZATION      "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define AUTHORIZATION_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"

#define ECS_ADDRESS "169.254.170.2"

enum {
	CONNECT_TIMEOUT_MS = 2000,
	TIMEOUT_MS = 5000,
	ANSWER_MAX = 64 * 1024,
	TOKEN_MAX = 16 * 1024 /* EKS's tokens have 1 to 2 kB */
};

struct container_fetch {
	struct http_transfer *transfer;
	credentials_fetched_fn *done;
	void *arg;
};

static int
container_configured(const struct credentials_context *x)
{
	return profile_setting(x->get, RELATIVE_URI) != NULL ||
	    profile_setting(x->get, FULL_URI) != NULL;
}

/* ---- where to ask ---- */

static bool
is_https(const char *url)
{
	struct http_url parts;

	return http_url_split(url, &parts) == 0 &&
	    strcmp(parts.scheme, "https") == 0;
}

bool
credentials_container_url_allowed(const char *url)
{
	static const char *const hosts[] = {
		ECS_ADDRESS,
		"169.254.170.23", /* EKS Pod Identity */
		"fd00:ec2::23",
	};
	struct http_url parts;
	size_t i;

	if (http_url_split(url, &parts) == -1)
		return false;
	if (http_url_is_confidential(&parts))
		return true;
	for (i = 0; i < nitems(hosts); i++)
		if (strcmp(parts.host, hosts[i]) == 0)
			return true;
	return false;
}

/*
 * No error quotes the URL, because its path is all that another process needs
 * to fetch the keys of an ECS task.
 */
char *
credentials_container_url(credentials_getenv_fn *get, struct error *e)
{
	const char *relative = profile_setting(get, RELATIVE_URI);
	const char *full = profile_setting(get, FULL_URI);
	char *url;

	if (relative != NULL && relative[0] != '/') {
		error_set(e, ERROR_OPERATOR,
		    RELATIVE_URI " does not begin with a slash");
		return NULL;
	}
	if (relative == NULL && full == NULL) {
		error_set(e, ERROR_OPERATOR, "no container endpoint is set");
		return NULL;
	}
	url = relative != NULL ? xasprintf("http://" ECS_ADDRESS "%s", relative)
			       : xstrdup(full);
	if (credentials_container_url_allowed(url))
		return url;
	free(url);
	error_set(e, ERROR_OPERATOR,
	    "%s is not an https URL, nor an http URL of a loopback address, "
	    "169.254.170.2, 169.254.170.23 or fd00:ec2::23",
	    relative != NULL ? RELATIVE_URI : FULL_URI);
	return NULL;
}

/* ---- the authorization token ---- */

/* The token is read for each fetch, because EKS replaces it every hour. */
static int
read_token_file(const char *path, struct buf *to, struct error *e)
{
	/*
	 * All room is reserved at once, because a buffer that grows would leave
	 * copies of the token in freed memory.
	 */
	(void)buf_reserve(to, to->max);
	if (file_read(path, to) == -1)
		return file_refuse(e, AUTHORIZATION_FILE, path);
	return 0;
}

static int
check_token(const struct buf *token, const char *variable, struct error *e)
{
	if (token->len == 0)
		return error_set(e, ERROR_OPERATOR, "%s is empty", variable);
	if (strlen(token->data) != token->len ||
	    token->data[strcspn(token->data, "\r\n")] != '\0')
		return error_set(e, ERROR_OPERATOR,
		    "%s holds a line break or a NUL", variable);
	return 0;
}

/* Appends the Authorization header's value; nothing if there is none. */
static int
find_token(credentials_getenv_fn *get, struct buf *to, struct error *e)
{
	const char *path = profile_setting(get, AUTHORIZATION_FILE);
	const char *token = profile_setting(get, AUTHORIZATION);

	if (path != NULL) {
		if (read_token_file(path, to, e) == -1)
			return -1;
		return check_token(to, AUTHORIZATION_FILE, e);
	}
	if (token == NULL)
		return 0;
	buf_reserve(to, to->max);
	buf_puts(to, token);
	if (to->overflow)
		return error_set(e, ERROR_OPERATOR,
		    AUTHORIZATION " is too long");
	return check_token(to, AUTHORIZATION, e);
}

/* ---- the transfer ---- */

static void
on_answer(void *arg, const struct http_answer *answer, const struct error *why)
{
	struct container_fetch *f = arg;
	credentials_fetched_fn *done = f->done;
	void *done_arg = f->arg;
	struct credentials_keys *keys = NULL;
	struct error e;

	free(f);
	if (answer == NULL || answer->status != 200)
		credentials_keys_refusal(answer, why, &e);
	else
		keys = credentials_keys_parse(answer->body, &e);
	done(done_arg, keys, keys == NULL ? &e : NULL);
}

static struct http_transfer *
start(struct http *http, const char *url, const struct buf *token,
    struct container_fetch *f)
{
	const char *headers[2] = { "Accept: application/json" };
	struct http_request r = { .method = "GET",
		.url = url,
		.headers = headers,
		.n_headers = 1,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.timeout_ms = TIMEOUT_MS,
		.answer_max = ANSWER_MAX,
		.is_metadata = !is_https(url) };
	struct http_transfer *t;
	char *line = NULL;

	if (token->len > 0)
		headers[r.n_headers++] = line =
		    xasprintf("Authorization: %s", token->data);
	t = http_start(http, &r, on_answer, f);
	secret_free(line);
	return t;
}

static void *
container_fetch(const struct credentials_context *x,
    credentials_fetched_fn *done, void *arg)
{
	struct buf token = BUF_INIT(TOKEN_MAX);
	struct container_fetch *f = NULL;
	struct error e;
	char *url;

	if ((url = credentials_container_url(x->get, &e)) != NULL &&
	    find_token(x->get, &token, &e) == 0) {
		f = xcalloc(1, sizeof(*f));
		f->done = done;
		f->arg = arg;
		f->transfer = start(x->http, url, &token, f);
	}
	free(url);
	secret_release(&token);
	if (f == NULL)
		done(arg, NULL, &e);
	return f;
}

static void
container_cancel(void *state)
{
	struct container_fetch *f = state;

	http_cancel(f->transfer);
	free(f);
}

const struct credentials_source credentials_container = {
	.name = "container",
	.shared = true,
	.configured = container_configured,
	.fetch = container_fetch,
	.cancel = container_cancel,
};
