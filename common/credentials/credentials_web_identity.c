/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The token is in a file, where Kubernetes puts it (EKS, "IAM roles for service
 * accounts").  The file is read at each fetch, because it is replaced before
 * its token expires.  See credentials_web_identity.h.
 */
#include "common/credentials/credentials_web_identity.h"

#include <errno.h>

#include "common/base/file.h"
#include "common/credentials/profile_files.h"
#include "common/credentials/secret.h"

#include "common/base/banned.h"

#define TOKEN_FILE   "AWS_WEB_IDENTITY_TOKEN_FILE"
#define ROLE_ARN     "AWS_ROLE_ARN"
#define SESSION_NAME "AWS_ROLE_SESSION_NAME"

static int
web_identity_configured(const struct credentials_context *x)
{
	return profile_setting(x->get, TOKEN_FILE) != NULL;
}

static int
read_token(const char *path, struct buf *to, struct error *e)
{
	/*
	 * All room is reserved at once, because a buffer that grows would leave
	 * copies of the token in freed memory.
	 */
	(void)buf_reserve(to, to->max);
	if (file_read(path, to) == -1)
		return file_refuse(e, "web identity token file", path);
	while (to->len > 0 && to->data[to->len - 1] == '\n')
		to->data[--to->len] = '\0';
	if (to->len == 0 || !credentials_keys_is_visible(to->data))
		return error_set(e, ERROR_OPERATOR,
		    "web identity token file '%s' does not hold a token", path);
	return 0;
}

struct sts_call *
credentials_web_identity_start(const struct credentials_context *x,
    const struct profile_set *set, const struct profile_role *role,
    const char *token_file, credentials_fetched_fn *done, void *arg)
{
	struct buf token = BUF_INIT(STS_TOKEN_MAX);
	struct sts_call *call = NULL;
	struct error e;

	if (read_token(token_file, &token, &e) == 0)
		call = sts_start(x, set, role, NULL, token.data, done, arg);
	else
		done(arg, NULL, &e);
	secret_release(&token);
	return call;
}

static void *
web_identity_fetch(const struct credentials_context *x,
    credentials_fetched_fn *done, void *arg)
{
	const struct profile_role role = {
		.arn = profile_setting(x->get, ROLE_ARN),
		.session_name = profile_setting(x->get, SESSION_NAME),
	};
	struct profile_set *set;
	struct sts_call *call;
	struct error e;

	if (role.arn == NULL) {
		error_set(&e, ERROR_OPERATOR, ROLE_ARN " is not set");
		done(arg, NULL, &e);
		return NULL;
	}
	/* The profiles may name STS's endpoint or region. */
	if ((set = profile_files_load(x->get, &e)) == NULL) {
		done(arg, NULL, &e);
		return NULL;
	}
	call = credentials_web_identity_start(x, set, &role,
	    profile_setting(x->get, TOKEN_FILE), done, arg);
	profile_free(set);
	return call;
}

static void
web_identity_cancel(void *state)
{
	sts_cancel(state);
}

const struct credentials_source credentials_web_identity = {
	.name = "web identity",
	.shared = true,
	.configured = web_identity_configured,
	.fetch = web_identity_fetch,
	.cancel = web_identity_cancel,
};
