/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS's shared files, ~/.aws/config and ~/.aws/credentials: where they are, and
 * the profiles that are in them.
 */
#ifndef COMMON_CREDENTIALS_PROFILE_FILES_H
#define COMMON_CREDENTIALS_PROFILE_FILES_H

#include "common/base/error.h"
#include "common/credentials/profile.h"

/*
 * Pure.  The paths of the files, to be freed; NULL: there is none without a
 * HOME.  The variables that name the files may have other variables and a "~/"
 * in them.
 */
char *profile_files_config_path(profile_getenv_fn *get);
char *profile_files_credentials_path(profile_getenv_fn *get);

/*
 * Reads both files and parses them.  A file that is not there is empty; so is a
 * directory in its place, and a file below HOME that this process may not read,
 * as long as no profile is chosen.  NULL with *e when a file cannot be read.
 */
struct profile_set *profile_files_load(profile_getenv_fn *get, struct error *e);

/*
 * Loads the files that the environment names, and calls fn with the fault of
 * each file, whether it matters or not.
 */
typedef void profile_files_warning_fn(void *arg, const char *message);
void profile_files_warn(profile_files_warning_fn *fn, void *arg);

#endif
