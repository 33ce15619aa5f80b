/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Loads settings from all places that may set them.
 *
 * Precedence: the flags -q and -j, then -o key=value, then the environment,
 * then the file, then the default.  In the environment a row is SQSHERD_ and
 * its name in upper case, or else one of the names in its row; a blank variable
 * counts as unset.  The file has the INI format: keys before the first section
 * hold for all queues, a [queue NAME] section makes a queue and may set the
 * rows of queue scope for it.  # or ; at the start of a line or behind a blank
 * begins a comment.  Without sections there is one queue, named by the last
 * part of its URL.  With sections, SQS_QUEUE_URL and SQSHERD_COMMAND do not say
 * which queue they are for, and are ignored.
 *
 * Loading has no side effects but reading the file; it never exits.  Every
 * problem names the setting, the wrong value, what is allowed, and the origin
 * (see settings_origins.h).
 */
#ifndef COMMON_SETTINGS_SETTINGS_LOAD_H
#define COMMON_SETTINGS_SETTINGS_LOAD_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/settings/settings.h"

/*
 * The command line and the environment; all pointers are borrowed for the call.
 */
struct settings_input {
	const char *file;       /* -c; NULL: none */
	struct span file_bytes; /* p not NULL: the content of file, which is not
				   read but only named in messages */
	const char *const *assignments; /* -o key=value, in order */
	size_t n_assignments;
	const char *queue_url; /* -q; NULL: not given */
	const char *children;  /* -j; NULL: not given */
	char *const *command;  /* after --; NULL: not given */
	char *const *environ_; /* NULL-terminated NAME=value */
};

/*
 * Loads and checks.  Returns a new object, to be released with settings_free;
 * or NULL after reporting all problems, not only the first.
 */
struct settings *settings_load(const struct settings_input *in,
    settings_problem_fn *problem, void *arg);

#endif
