/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The profiles of AWS's shared files: their properties, and which profile the
 * environment chooses.  Pure.  profile_files.h finds and reads the files,
 * profile_chain.h finds the credentials of a profile.
 */
#ifndef COMMON_CREDENTIALS_PROFILE_H
#define COMMON_CREDENTIALS_PROFILE_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/error.h"

/* Reads an environment variable; NULL: unset. */
typedef const char *profile_getenv_fn(const char *name);

struct profile_set;

void profile_free(struct profile_set *set); /* clears what it held */

/* NULL: no such profile or property.  Keys are in lower case. */
const char *profile_get(const struct profile_set *set, const char *profile,
    const char *key);
/*
 * Fills *e with the fault of an existing property, and with its line and file.
 * Returns -1.
 */
int profile_refuse(const struct profile_set *set, const char *profile,
    const char *key, const char *what, struct error *e);
bool profile_exists(const struct profile_set *set, const char *profile);
/*
 * Returns 0, or -1 with *e (ERROR_OPERATOR) when there is no such profile, or a
 * line of it is wrong; the error does not quote the file.
 */
int profile_check(const struct profile_set *set, const char *profile,
    struct error *e);
/*
 * The first fault of a file, in whichever section, or the reason that there is
 * no file in its place (then with an errnum); NULL: there is no fault.
 */
const struct error *profile_trouble(const struct profile_set *set,
    bool credentials);
/*
 * A property of a service in the section "services" that the profile names:
 * what follows key and "=" below "service =".  To be freed; NULL: none.
 */
char *profile_get_service(const struct profile_set *set, const char *profile,
    const char *service, const char *key);

/* AWS_PROFILE or AWS_DEFAULT_PROFILE, borrowed; NULL: neither is set. */
const char *profile_chosen(profile_getenv_fn *get);
/* The chosen profile's name, or "default". */
const char *profile_name(profile_getenv_fn *get);

/* The value of an environment variable; NULL: unset or blank. */
const char *profile_setting(profile_getenv_fn *get, const char *name);

/*
 * The value of a variable or else of a property of the chosen profile; NULL:
 * neither is set.  set may be NULL.
 */
const char *profile_option(profile_getenv_fn *get,
    const struct profile_set *set, const char *variable, const char *key);
/* Does profile_option return "true"? */
bool profile_flag(profile_getenv_fn *get, const struct profile_set *set,
    const char *variable, const char *key);

/* For tests: calls fn for each property of each profile. */
typedef void profile_each_fn(void *arg, const char *profile, const char *key,
    const char *value);
void profile_each(const struct profile_set *set, profile_each_fn *fn,
    void *arg);

#endif
