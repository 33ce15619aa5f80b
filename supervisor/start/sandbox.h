/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Gives up rights before sqsherd starts to work: root, its limits, and the
 * capabilities(7) that sqsherd has no use for.  The process from which all
 * others are forked does this once.
 */
#ifndef SUPERVISOR_START_SANDBOX_H
#define SUPERVISOR_START_SANDBOX_H

#include <sys/resource.h>
#include <sys/types.h>

#include <stdbool.h>

#include "common/settings/settings.h"

enum {
	SANDBOX_LIMITS = 3
};

struct sandbox {
	bool changes_user; /* implies changes_group */
	bool changes_group;
	uid_t uid;
	gid_t gid;
	char *name; /* of the user, owned; NULL: it has none */
	char *home; /* owned; NULL: it has none */
	bool sets_umask;
	mode_t umask;
	bool no_new_privs;
	bool sets_limit[SANDBOX_LIMITS];
	rlim_t limits[SANDBOX_LIMITS];
};

/*
 * Finds out what the settings want, and whether it can be had.  Returns 0, or
 * -1 after reporting each setting that cannot; *ret is to be released either
 * way.  Looks names up with getpwnam(3), so it may read files and ask servers.
 */
int sandbox_prepare(struct sandbox *ret, const struct settings *s,
    settings_problem_fn *problem, void *arg);
void sandbox_release(struct sandbox *sb);

/*
 * Enters the sandbox, for good.  HOME, USER and LOGNAME become the user's;
 * XDG_RUNTIME_DIR, which was another user's, is unset.  Returns 0, or -1 after
 * reporting what failed: the process must not go on then.
 */
int sandbox_enter(const struct sandbox *sb, settings_problem_fn *problem,
    void *arg);

#endif
