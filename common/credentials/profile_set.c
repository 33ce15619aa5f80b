/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See profile_set.h. */
#include "common/credentials/profile_set.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/credentials/secret.h"

#include "common/base/banned.h"

static void
property_free(struct profile_property *p)
{
	free(p->key);
	secret_release(&p->value);
	free(p);
}

void
profile_set_clear_section(struct profile_section *s)
{
	struct profile_property *p;

	while ((p = TAILQ_FIRST(&s->properties)) != NULL) {
		TAILQ_REMOVE(&s->properties, p, entry);
		property_free(p);
	}
}

struct profile_set *
profile_set_new(void)
{
	struct profile_set *set = xcalloc(1, sizeof(*set));

	TAILQ_INIT(&set->sections);
	error_clear(&set->trouble[0]);
	error_clear(&set->trouble[1]);
	return set;
}

struct profile_section *
profile_set_find_section(const struct profile_set *set,
    enum profile_section_type type, const char *name)
{
	struct profile_section *s;

	TAILQ_FOREACH(s, &set->sections, entry)
		if (s->type == type && strcmp(s->name, name) == 0)
			return s;
	return NULL;
}

struct profile_section *
profile_set_add_section(struct profile_set *set, enum profile_section_type type,
    const char *name)
{
	struct profile_section *s = xcalloc(1, sizeof(*s));

	s->type = type;
	s->name = xstrdup(name);
	TAILQ_INIT(&s->properties);
	TAILQ_INSERT_TAIL(&set->sections, s, entry);
	return s;
}

struct profile_property *
profile_set_find_property(const struct profile_section *s, const char *key)
{
	struct profile_property *p;

	TAILQ_FOREACH(p, &s->properties, entry)
		if (strcmp(p->key, key) == 0)
			return p;
	return NULL;
}

struct profile_property *
profile_set_replace_property(struct profile_section *s, const char *key)
{
	struct profile_property *new = xcalloc(1, sizeof(*new));
	struct profile_property *old = profile_set_find_property(s, key);

	if (old != NULL) {
		TAILQ_REMOVE(&s->properties, old, entry);
		property_free(old);
	}
	new->key = xstrdup(key);
	buf_init(&new->value, PROFILE_FILE_MAX);
	TAILQ_INSERT_TAIL(&s->properties, new, entry);
	return new;
}

int
profile_set_refuse_line(bool credentials, unsigned line, const char *what,
    struct error *e)
{
	return error_set(e, ERROR_OPERATOR, "%s file, line %u: %s",
	    credentials ? "credentials" : "config", line, what);
}
