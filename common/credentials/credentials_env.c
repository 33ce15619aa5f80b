/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* The keys have no known expiration.  See credentials_env.h. */
#include "common/credentials/credentials_env.h"

#include <stddef.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	ENV_ID,
	ENV_SECRET,
	ENV_TOKEN
};

static const struct {
	const char *name;
	bool required;
} variables[] = {
	[ENV_ID] = { "AWS_ACCESS_KEY_ID", true },
	[ENV_SECRET] = { "AWS_SECRET_ACCESS_KEY", true },
	[ENV_TOKEN] = { "AWS_SESSION_TOKEN", false },
};

static int
env_configured(const struct credentials_context *x)
{
	return profile_setting(x->get, variables[ENV_ID].name) != NULL ||
	    profile_setting(x->get, variables[ENV_SECRET].name) != NULL;
}

static int
read_variables(credentials_getenv_fn *get, const char *ret[nitems(variables)],
    struct error *e)
{
	size_t i;

	for (i = 0; i < nitems(variables); i++) {
		ret[i] = profile_setting(get, variables[i].name);
		if (ret[i] == NULL && variables[i].required)
			return error_set(e, ERROR_OPERATOR, "%s is not set",
			    variables[i].name);
		/*
		 * The character is most often a carriage return, from a file
		 * with the line ends of Windows.
		 */
		if (ret[i] != NULL && !credentials_keys_is_visible(ret[i]))
			return error_set(e, ERROR_OPERATOR,
			    "%s holds a blank or control character",
			    variables[i].name);
	}
	return 0;
}

static void *
env_fetch(const struct credentials_context *x, credentials_fetched_fn *done,
    void *arg)
{
	const char *value[nitems(variables)] = { NULL };
	struct error e;

	if (read_variables(x->get, value, &e) == -1)
		done(arg, NULL, &e);
	else
		done(arg,
		    credentials_keys_new(value[ENV_ID], value[ENV_SECRET],
			value[ENV_TOKEN], 0),
		    NULL);
	return NULL;
}

/* Nothing is ever under way. */
static void
env_cancel(void *state)
{
	(void)state;
}

const struct credentials_source credentials_env = {
	.name = "environment",
	.configured = env_configured,
	.fetch = env_fetch,
	.cancel = env_cancel,
};
