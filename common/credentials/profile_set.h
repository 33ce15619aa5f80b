/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The sections of AWS's shared files in memory; only profile*.c use them.
 */
#ifndef COMMON_CREDENTIALS_PROFILE_SET_H
#define COMMON_CREDENTIALS_PROFILE_SET_H

#include <sys/queue.h>

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/error.h"

enum {
	PROFILE_FILE_MAX = 1024 * 1024 /* bytes */
};

enum profile_section_type {
	PROFILE_SECTION_IGNORED,
	PROFILE_SECTION_PROFILE,
	PROFILE_SECTION_SERVICES
};

struct profile_property {
	TAILQ_ENTRY(profile_property) entry;
	char *key; /* lower case */
	struct buf value;
	bool nested;      /* empty on its line; holds "key = value" lines */
	bool credentials; /* which of the files it is in */
	unsigned line;    /* of that file */
};

TAILQ_HEAD(profile_property_list, profile_property);

struct profile_fault {
	const char *what; /* static; NULL: none */
	bool credentials;
	unsigned line;
};

struct profile_section {
	TAILQ_ENTRY(profile_section) entry;
	enum profile_section_type type;
	bool prefixed; /* [profile default], which goes before [default] */
	char *name;
	struct profile_property_list properties;
	struct profile_fault fault; /* the first */
};

TAILQ_HEAD(profile_section_list, profile_section);

struct profile_set {
	struct profile_section_list sections;
	struct error trouble[2]; /* the first of each file; kind NONE: none */
};

/* Empty; release with profile_free. */
struct profile_set *profile_set_new(void);

/* The first section of that type and name, or NULL. */
struct profile_section *profile_set_find_section(const struct profile_set *set,
    enum profile_section_type type, const char *name);
struct profile_section *profile_set_add_section(struct profile_set *set,
    enum profile_section_type type, const char *name);
/* Frees its properties. */
void profile_set_clear_section(struct profile_section *s);

/* NULL: the section has none with that key. */
struct profile_property *
profile_set_find_property(const struct profile_section *s, const char *key);
/* Adds a property without a value, in the place of any with the same key. */
struct profile_property *profile_set_replace_property(struct profile_section *s,
    const char *key);

/* Fills *e with the fault of a line of a file.  Returns -1. */
int profile_set_refuse_line(bool credentials, unsigned line, const char *what,
    struct error *e);

#endif
