/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS's shared files: ~/.aws/config and ~/.aws/credentials.  Reading them is
 * apart from understanding them: profile_parse is pure.  What a profile says
 * about credentials is in profile_chain.h.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files", and the parser tests that the SDKs share.
 */
#ifndef COMMON_CREDENTIALS_PROFILE_H
#define COMMON_CREDENTIALS_PROFILE_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/error.h"

/* Reads an environment variable; NULL: unset. */
typedef const char *profile_getenv_fn(const char *name);

struct profile_set;

enum {
	PROFILE_FILE_MAX = 1024 * 1024 /* bytes */
};

/*
 * Pure.  Both files as one; either may be empty.  Of the same property the
 * credentials file's counts.  A line that is wrong is the fault of its section,
 * which profile_check tells to whoever asks for that.
 */
struct profile_set *profile_parse(struct span config, struct span credentials);
void profile_free(struct profile_set *set); /* clears what it held */

/* NULL: no such profile, or it does not say.  Keys are in lower case. */
const char *profile_get(const struct profile_set *set, const char *profile,
    const char *key);
/*
 * Fills *e with what is wrong with such a property, and in which line of which
 * file it is.  Returns -1.
 */
int profile_refuse(const struct profile_set *set, const char *profile,
    const char *key, const char *what, struct error *e);
bool profile_exists(const struct profile_set *set, const char *profile);
/*
 * Returns 0, or -1 with *e (ERROR_OPERATOR) when there is no such profile, or a
 * line of it is wrong; the error does not name the file's bytes.
 */
int profile_check(const struct profile_set *set, const char *profile,
    struct error *e);
/*
 * The first thing that is wrong with a file, in whichever section, or that it
 * is none (then with an errnum); NULL: nothing is.
 */
const struct error *profile_trouble(const struct profile_set *set,
    bool credentials);
/*
 * A property of a service in the section "services" that the profile names:
 * what follows key and "=" below "service =".  To be freed; NULL: none.
 */
char *profile_get_service(const struct profile_set *set, const char *profile,
    const char *service, const char *key);

/*
 * Pure.  Where the files are, to be freed; NULL: nowhere, without a HOME.  The
 * variables that name them may have other variables and a "~/" in them.
 */
char *profile_config_path(profile_getenv_fn *get);
char *profile_credentials_path(profile_getenv_fn *get);
/* AWS_PROFILE or AWS_DEFAULT_PROFILE, borrowed; NULL: nobody chose one. */
const char *profile_chosen(profile_getenv_fn *get);
/* That, or "default". */
const char *profile_name(profile_getenv_fn *get);

/*
 * Reads both files and parses them.  A file that is not there is empty; so is
 * what is no file, as a directory, and one below HOME that we may not read, as
 * long as no profile is chosen.  NULL with *e when one cannot be read.
 */
struct profile_set *profile_load(profile_getenv_fn *get, struct error *e);

/*
 * Loads what the environment says, and calls fn with what is wrong with each
 * file, whether it matters or not.
 */
typedef void profile_warning_fn(void *arg, const char *message);
void profile_warn(profile_warning_fn *fn, void *arg);

/* The value of an environment variable; NULL: unset or blank. */
const char *profile_setting(profile_getenv_fn *get, const char *name);

/*
 * What a variable or else the chosen profile says; NULL: neither.  set may be
 * NULL.
 */
const char *profile_option(profile_getenv_fn *get,
    const struct profile_set *set, const char *variable, const char *key);
/* Is that "true"? */
bool profile_flag(profile_getenv_fn *get, const struct profile_set *set,
    const char *variable, const char *key);

/* For their tests: calls fn for each property of each profile. */
typedef void profile_each_fn(void *arg, const char *profile, const char *key,
    const char *value);
void profile_each(const struct profile_set *set, profile_each_fn *fn,
    void *arg);

#endif
