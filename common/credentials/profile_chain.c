/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Goes from the chosen profile along each source_profile to the profile where
 * the chain begins.  Roles are found outermost first, and assumed innermost
 * first.  See profile_chain.h.
 */
#include "common/credentials/profile_chain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

/* Of a role's session, as STS has them. */
enum {
	DURATION_MIN_S = 900,
	DURATION_MAX_S = 43200
};

struct resolver {
	const struct profile_set *set;
	const char *visited[PROFILE_ROLES_MAX + 1];
	size_t n_visited;
	struct profile_chain chain;
	struct error *e;
};

/* NULL if the property is absent or empty. */
static const char *
value(const struct resolver *r, const char *profile, const char *key)
{
	const char *v = profile_get(r->set, profile, key);

	return v != NULL && v[0] != '\0' ? v : NULL;
}

static int
wrong(struct resolver *r, const char *profile, const char *what)
{
	(void)error_set(r->e, ERROR_OPERATOR, "profile '%s' %s", profile, what);
	return -1;
}

static int
read_role(struct resolver *r, const char *profile, struct profile_role *ret)
{
	const char *duration = value(r, profile, "duration_seconds");
	const char *problem = NULL;

	*ret = (struct profile_role){ .arn = value(r, profile, "role_arn"),
		.session_name = value(r, profile, "role_session_name"),
		.external_id = value(r, profile, "external_id") };
	if (value(r, profile, "mfa_serial") != NULL)
		return wrong(r, profile,
		    "has mfa_serial, but sqsherd cannot ask for an MFA code");
	if (duration != NULL)
		ret->duration_s = (int)strtonum(duration, DURATION_MIN_S,
		    DURATION_MAX_S, &problem);
	if (problem != NULL)
		return wrong(r, profile,
		    "has a duration_seconds that is not from 900 to 43200");
	return 0;
}

/* ---- where a chain begins ---- */

static int
begin_with_keys(struct resolver *r, const char *profile)
{
	struct profile_chain *c = &r->chain;

	c->base = PROFILE_BASE_KEYS;
	c->keys_profile = profile;
	c->access_key_id = value(r, profile, "aws_access_key_id");
	c->secret_access_key = value(r, profile, "aws_secret_access_key");
	c->session_token = value(r, profile, "aws_session_token");
	/* The old name of the session token, which botocore knows. */
	if (c->session_token == NULL)
		c->session_token = value(r, profile, "aws_security_token");
	if (c->access_key_id == NULL)
		return wrong(r, profile, "has no aws_access_key_id");
	if (c->secret_access_key == NULL)
		return wrong(r, profile, "has no aws_secret_access_key");
	return 1;
}

static bool
has_keys(const struct resolver *r, const char *profile)
{
	return value(r, profile, "aws_access_key_id") != NULL ||
	    value(r, profile, "aws_secret_access_key") != NULL;
}

static int
begin_with_source(struct resolver *r, const char *profile, const char *source)
{
	static const struct {
		const char *name;
		enum profile_base base;
	} sources[] = { { "Environment", PROFILE_BASE_ENVIRONMENT },
		{ "EcsContainer", PROFILE_BASE_CONTAINER },
		{ "Ec2InstanceMetadata", PROFILE_BASE_IMDS } };
	size_t i;

	for (i = 0; i < nitems(sources); i++) {
		if (strcmp(source, sources[i].name) == 0) {
			r->chain.base = sources[i].base;
			return 1;
		}
	}
	return wrong(r, profile,
	    "has a credential_source that is none of Environment, "
	    "EcsContainer, Ec2InstanceMetadata");
}

static int
begin_with_web_identity(struct resolver *r, const char *profile,
    const char *token_file)
{
	r->chain.base = PROFILE_BASE_WEB_IDENTITY;
	r->chain.token_file = token_file;
	if (read_role(r, profile, &r->chain.web_identity) == -1)
		return -1;
	if (r->chain.web_identity.arn == NULL)
		return wrong(r, profile,
		    "has a web_identity_token_file but no role_arn");
	return 1;
}

static bool
is_sso(const struct resolver *r, const char *profile)
{
	static const char *const keys[] = { "sso_session", "sso_start_url",
		"sso_region", "sso_account_id", "sso_role_name" };
	size_t i;

	for (i = 0; i < nitems(keys); i++)
		if (value(r, profile, keys[i]) != NULL)
			return true;
	return false;
}

static int
begin(struct resolver *r, const char *profile)
{
	const char *v;

	if ((v = value(r, profile, "credential_source")) != NULL)
		return begin_with_source(r, profile, v);
	if ((v = value(r, profile, "web_identity_token_file")) != NULL)
		return begin_with_web_identity(r, profile, v);
	if (is_sso(r, profile))
		return error_set(r->e, ERROR_OPERATOR,
		    "profile '%.64s' is of SSO, which needs a person: choose a "
		    "profile that has credential_process = aws configure "
		    "export-credentials --format process --profile %.64s",
		    profile, profile);
	if ((v = value(r, profile, "credential_process")) != NULL) {
		r->chain.base = PROFILE_BASE_PROCESS;
		r->chain.process = v;
		return 1;
	}
	if (has_keys(r, profile))
		return begin_with_keys(r, profile);
	if (r->n_visited == 1 && r->chain.n_roles == 0)
		return 0;
	return wrong(r, profile, "says nothing about credentials");
}

/* ---- along source_profile ---- */

/* A role with a token file is not assumed with other credentials. */
static bool
is_role(const struct resolver *r, const char *profile)
{
	return value(r, profile, "role_arn") != NULL &&
	    value(r, profile, "web_identity_token_file") == NULL;
}

/*
 * Adds the profile's role.  *ret_next is the profile whose credentials assume
 * the role: the profile itself if the chain begins with it.
 */
static int
add_role(struct resolver *r, const char *profile, const char **ret_next)
{
	const char *next = value(r, profile, "source_profile");
	bool source = value(r, profile, "credential_source") != NULL;

	if (next != NULL && source)
		return wrong(r, profile,
		    "has both source_profile and credential_source");
	if (next == NULL && !source)
		return wrong(r, profile,
		    "has a role_arn but neither source_profile nor "
		    "credential_source");
	if (r->chain.n_roles == PROFILE_ROLES_MAX)
		return wrong(r, profile, "is at the end of too long a chain");
	if (read_role(r, profile, &r->chain.roles[r->chain.n_roles]) == -1)
		return -1;
	r->chain.n_roles++;
	*ret_next = source ? profile : next;
	return 0;
}

static int
visit(struct resolver *r, const char *profile, const char *from)
{
	size_t i;

	for (i = 0; i < r->n_visited; i++)
		if (strcmp(r->visited[i], profile) == 0)
			return wrong(r, profile,
			    "leads back to itself by source_profile");
	r->visited[r->n_visited++] = profile;
	if (!profile_exists(r->set, profile))
		return error_set(r->e, ERROR_OPERATOR,
		    "source_profile '%s' of profile '%s' does not exist",
		    profile, from);
	return profile_check(r->set, profile, r->e);
}

static int
follow(struct resolver *r, const char *profile)
{
	const char *from = profile, *next = NULL;

	for (;;) {
		if (visit(r, profile, from) == -1)
			return -1;
		/*
		 * The keys of a source_profile end the chain; those of the
		 * chosen profile do not, if it has a role.
		 */
		if (r->n_visited > 1 && has_keys(r, profile))
			return begin_with_keys(r, profile);
		if (!is_role(r, profile))
			return begin(r, profile);
		if (add_role(r, profile, &next) == -1)
			return -1;
		if (strcmp(next, profile) == 0)
			return begin(r, profile);
		from = profile;
		profile = next;
	}
}

static void
reverse_roles(struct profile_chain *c)
{
	struct profile_role role;
	size_t i;

	for (i = 0; i < c->n_roles / 2; i++) {
		role = c->roles[i];
		c->roles[i] = c->roles[c->n_roles - 1 - i];
		c->roles[c->n_roles - 1 - i] = role;
	}
}

int
profile_resolve(const struct profile_set *set, const char *profile,
    struct profile_chain *ret, struct error *e)
{
	struct resolver r = { .set = set, .e = e };
	int result;

	if (!profile_exists(set, profile))
		return 0;
	if ((result = follow(&r, profile)) == 1) {
		reverse_roles(&r.chain);
		*ret = r.chain;
	}
	return result;
}
