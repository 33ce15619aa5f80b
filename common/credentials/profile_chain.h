/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Finds how to get the credentials of a profile: from which keys, source or
 * program to begin, and which roles to assume one after the other.  Pure.
 * Source: AWS SDKs and Tools Reference Guide, "Assume role credential
 * provider", and the tests of role chains that the SDKs share.
 */
#ifndef COMMON_CREDENTIALS_PROFILE_CHAIN_H
#define COMMON_CREDENTIALS_PROFILE_CHAIN_H

#include <stddef.h>

#include "common/base/error.h"
#include "common/credentials/profile.h"

enum {
	PROFILE_ROLES_MAX = 8
};

enum profile_base {
	PROFILE_BASE_KEYS,
	PROFILE_BASE_ENVIRONMENT,
	PROFILE_BASE_CONTAINER,
	PROFILE_BASE_IMDS,
	PROFILE_BASE_WEB_IDENTITY,
	PROFILE_BASE_PROCESS
};

/* All strings are borrowed from the set; NULL: not said. */
struct profile_role {
	const char *arn;
	const char *session_name;
	const char *external_id;
	int duration_s; /* 0: not said */
};

struct profile_chain {
	enum profile_base base;
	const char *keys_profile; /* the profile that holds the keys */
	const char *access_key_id, *secret_access_key, *session_token;
	struct profile_role web_identity;
	const char *token_file;
	const char *process;
	struct profile_role roles[PROFILE_ROLES_MAX]; /* in this order */
	size_t n_roles;
};

/*
 * Returns 1; 0 if the profile does not exist or has no properties of
 * credentials; -1 with *e (ERROR_OPERATOR) if those cannot work.
 */
int profile_resolve(const struct profile_set *set, const char *profile,
    struct profile_chain *ret, struct error *e);

#endif
