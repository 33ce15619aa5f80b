/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS's shared files of any bytes, the credentials file behind the first NUL,
 * and the same bytes as their name: each profile is one that can be asked for,
 * comes to a chain or to a reason, and a fault is one of its file's.
 */
#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/credentials/profile_chain.h"
#include "common/credentials/profile_files.h"
#include "common/credentials/profile_parse.h"

#include "common/base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *value;

static const char *
get(const char *name)
{
	return strcmp(name, "HOME") == 0 ? "/h" : value;
}

static void
check_error(const struct error *e)
{
	assert(e->kind == ERROR_OPERATOR && e->text[0] != '\0');
}

static void
check_chain(const struct profile_chain *c)
{
	size_t i;

	assert(c->n_roles <= PROFILE_ROLES_MAX);
	for (i = 0; i < c->n_roles; i++)
		assert(c->roles[i].arn[0] != '\0');
	if (c->base == PROFILE_BASE_KEYS)
		assert(
		    c->access_key_id != NULL && c->secret_access_key != NULL);
	if (c->base == PROFILE_BASE_PROCESS)
		assert(c->process[0] != '\0');
	if (c->base == PROFILE_BASE_WEB_IDENTITY)
		assert(c->token_file[0] != '\0');
}

static void
check_profile(const struct profile_set *set, const char *name)
{
	struct profile_chain chain;
	struct error e;
	int result = profile_resolve(set, name, &chain, &e);

	assert(result == 0 || result == 1 || result == -1);
	if (result == 1)
		check_chain(&chain);
	if (result == -1)
		check_error(&e);
	if (profile_check(set, name, &e) == -1) {
		check_error(&e);
		assert(result != 1);
	}
	free(profile_get_service(set, name, "sqs", "endpoint_url"));
}

static void
on_property(void *arg, const char *profile, const char *key, const char *text)
{
	const struct profile_set *set = arg;
	struct error e;

	assert(profile_exists(set, profile));
	assert(profile_get(set, profile, key) == text);
	assert(profile_refuse(set, profile, key, "x", &e) == -1);
	check_error(&e);
	check_profile(set, profile);
}

static void
check_set(struct span config, struct span credentials)
{
	struct profile_set *set = profile_parse(config, credentials);
	int i;

	profile_each(set, on_property, set);
	check_profile(set, "default");
	for (i = 0; i < 2; i++)
		if (profile_trouble(set, i == 1) != NULL)
			check_error(profile_trouble(set, i == 1));
	profile_free(set);
}

static void
check_path(const char *path)
{
	char *expanded;

	value = path;
	expanded = profile_files_config_path(get);
	assert(expanded == NULL || strlen(expanded) <= PATH_MAX + 2);
	free(expanded);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *s = xmemdup0(data, size);
	size_t n = strlen(s);

	if (n < size)
		check_set((struct span){ s, n },
		    (struct span){ s + n + 1, size - n - 1 });
	else
		check_set((struct span){ s, size }, (struct span){ s, 0 });
	check_path(s);
	free(s);
	return 0;
}
