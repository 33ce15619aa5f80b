/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See profile.h. */
#include "common/credentials/profile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/xalloc.h"
#include "common/credentials/profile_parse.h"
#include "common/credentials/profile_set.h"

#include "common/base/banned.h"

static bool
is_name(struct span s)
{
	size_t i;

	for (i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') ||
			(c != '\0' && strchr("-_./%@:+", c) != NULL)))
			return false;
	}
	return s.len > 0;
}

void
profile_free(struct profile_set *set)
{
	struct profile_section *s;

	if (set == NULL)
		return;
	while ((s = TAILQ_FIRST(&set->sections)) != NULL) {
		TAILQ_REMOVE(&set->sections, s, entry);
		profile_set_clear_section(s);
		free(s->name);
		free(s);
	}
	free(set);
}

bool
profile_exists(const struct profile_set *set, const char *profile)
{
	return profile_set_find_section(set, PROFILE_SECTION_PROFILE,
		   profile) != NULL;
}

int
profile_check(const struct profile_set *set, const char *profile,
    struct error *e)
{
	const struct profile_section *s =
	    profile_set_find_section(set, PROFILE_SECTION_PROFILE, profile);
	const struct error *t;
	size_t i;

	if (s != NULL && s->fault.what != NULL)
		return profile_set_refuse_line(s->fault.credentials,
		    s->fault.line, s->fault.what, e);
	if (s != NULL)
		return 0;
	/*
	 * The profile may be missing because there is a directory in the place
	 * of a file.
	 */
	for (i = 0; i < nitems(set->trouble); i++) {
		t = &set->trouble[i];
		if (t->errnum != 0)
			return error_set(e, ERROR_OPERATOR,
			    "profile '%.64s' does not exist: %s", profile,
			    t->text);
	}
	return error_set(e, ERROR_OPERATOR, "profile '%s' does not exist",
	    profile);
}

const struct error *
profile_trouble(const struct profile_set *set, bool credentials)
{
	const struct error *t = &set->trouble[credentials];

	return t->kind != ERROR_NONE ? t : NULL;
}

static const struct profile_property *
get_property(const struct profile_set *set, const char *profile,
    const char *key)
{
	const struct profile_section *s =
	    profile_set_find_section(set, PROFILE_SECTION_PROFILE, profile);

	return s != NULL ? profile_set_find_property(s, key) : NULL;
}

const char *
profile_get(const struct profile_set *set, const char *profile, const char *key)
{
	const struct profile_property *p = get_property(set, profile, key);

	return p != NULL ? buf_str(&p->value) : NULL;
}

int
profile_refuse(const struct profile_set *set, const char *profile,
    const char *key, const char *what, struct error *e)
{
	const struct profile_property *p = get_property(set, profile, key);

	assert(p != NULL);
	return profile_set_refuse_line(p->credentials, p->line, what, e);
}

void
profile_each(const struct profile_set *set, profile_each_fn *fn, void *arg)
{
	struct profile_section *s;
	struct profile_property *p;

	TAILQ_FOREACH(s, &set->sections, entry) {
		/* cppcheck-suppress uninitvar ; TAILQ_FOREACH sets s */
		if (s->type != PROFILE_SECTION_PROFILE ||
		    !is_name(span_of(s->name)))
			continue;
		TAILQ_FOREACH(p, &s->properties, entry)
			if (is_name(span_of(p->key)))
				fn(arg, s->name, p->key, buf_str(&p->value));
	}
}

char *
profile_get_service(const struct profile_set *set, const char *profile,
    const char *service, const char *key)
{
	const char *name = profile_get(set, profile, "services");
	const struct profile_section *s;
	const struct profile_property *p;

	if (name == NULL)
		return NULL;
	s = profile_set_find_section(set, PROFILE_SECTION_SERVICES, name);
	p = s != NULL ? profile_set_find_property(s, service) : NULL;
	return p != NULL ? profile_parse_nested(buf_str(&p->value), key) : NULL;
}

/* ---- the environment, and the profile that was chosen ---- */

const char *
profile_setting(profile_getenv_fn *get, const char *name)
{
	const char *value = get(name);

	return value != NULL && value[strspn(value, " \t")] != '\0' ? value
								    : NULL;
}

const char *
profile_chosen(profile_getenv_fn *get)
{
	const char *name = profile_setting(get, "AWS_PROFILE");

	return name != NULL ? name
			    : profile_setting(get, "AWS_DEFAULT_PROFILE");
}

const char *
profile_name(profile_getenv_fn *get)
{
	const char *name = profile_chosen(get);

	return name != NULL ? name : "default";
}

const char *
profile_option(profile_getenv_fn *get, const struct profile_set *set,
    const char *variable, const char *key)
{
	const char *value = profile_setting(get, variable);

	if (value == NULL && set != NULL)
		value = profile_get(set, profile_name(get), key);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

bool
profile_flag(profile_getenv_fn *get, const struct profile_set *set,
    const char *variable, const char *key)
{
	const char *value = profile_option(get, set, variable, key);

	return value != NULL && strcasecmp(value, "true") == 0;
}
