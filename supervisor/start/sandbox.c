/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See sandbox.h.
 */
#include "supervisor/start/sandbox.h"

#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "common/settings/settings_origins.h"
#include "common/settings/settings_problem.h"
#include "common/settings/settings_table.h"
#include "common/settings/settings_text.h"
#include "common/settings/settings_value.h"

#include "common/base/banned.h"

#define LIMIT(number, member)                                                  \
	{                                                                      \
		number, offsetof(struct settings, member)                      \
	}

static const struct {
	__rlimit_resource_t resource;
	size_t offset;
} limits[SANDBOX_LIMITS] = {
	LIMIT(RLIMIT_CORE, limit_core),
	LIMIT(RLIMIT_NOFILE, limit_nofile),
	LIMIT(RLIMIT_NPROC, limit_nproc),
};

/* ---- what is wanted ---- */

struct preparation {
	struct sandbox *sb;
	const struct settings *s;
	struct settings_problems problems;
};

static bool
has_capability(cap_value_t capability)
{
	cap_t own = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	if (own == NULL)
		return false;
	(void)cap_get_flag(own, capability, CAP_EFFECTIVE, &value);
	(void)cap_free(own);
	return value == CAP_SET;
}

static const char *
origin_of(const struct preparation *p, size_t offset)
{
	return settings_origins_text(p->s->origins,
	    settings_table_row_at(SETTINGS_GLOBAL, offset));
}

/*
 * Is the text a numeric id?  Not if it is -1, which chown(2) and others take
 * for no id.
 */
static bool
parse_id(const char *text, id_t *ret)
{
	const char *error;

	if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
		return false;
	*ret = (id_t)strtonum(text, 0, UINT32_MAX - 1, &error);
	return error == NULL;
}

static void
want_user(struct preparation *p)
{
	struct sandbox *sb = p->sb;
	const char *text = p->s->user;
	const struct passwd *pw;
	id_t id = 0;
	bool is_number = parse_id(text, &id);

	pw = is_number ? getpwuid(id) : getpwnam(text);
	if (pw == NULL && !is_number) {
		settings_problem_report(&p->problems,
		    "user: \"%s\" is no user of this machine (%s)", text,
		    origin_of(p, offsetof(struct settings, user)));
		return;
	}
	if (pw == NULL && p->s->group == NULL) {
		settings_problem_report(&p->problems,
		    "user: %s has no entry that names its group; set group "
		    "(%s)",
		    text, origin_of(p, offsetof(struct settings, user)));
		return;
	}
	sb->changes_user = true;
	sb->changes_group = true;
	sb->uid = pw != NULL ? pw->pw_uid : id;
	if (pw != NULL) {
		sb->gid = pw->pw_gid;
		sb->name = xstrdup(pw->pw_name);
		sb->home = xstrdup(pw->pw_dir);
	}
}

static void
want_group(struct preparation *p)
{
	const char *text = p->s->group;
	const struct group *gr = NULL;
	id_t id;

	if (parse_id(text, &id))
		p->sb->gid = id;
	else if ((gr = getgrnam(text)) != NULL)
		p->sb->gid = gr->gr_gid;
	else {
		settings_problem_report(&p->problems,
		    "group: \"%s\" is no group of this machine (%s)", text,
		    origin_of(p, offsetof(struct settings, group)));
		return;
	}
	p->sb->changes_group = true;
}

/*
 * If the process has that user already, nothing changes, which needs no right.
 */
static void
want_identity(struct preparation *p)
{
	struct sandbox *sb = p->sb;

	if (p->s->user != NULL)
		want_user(p);
	if (p->s->group != NULL)
		want_group(p);
	if (p->problems.n > 0)
		return;
	if (sb->changes_user && sb->uid == getuid() && sb->uid == geteuid())
		sb->changes_user = false;
	if (!sb->changes_user && sb->changes_group && sb->gid == getgid() &&
	    sb->gid == getegid())
		sb->changes_group = false;
	if (sb->changes_user && !has_capability(CAP_SETUID))
		settings_problem_report(&p->problems,
		    "user: only root can become \"%s\"; start as root, or as "
		    "that user at once (%s)",
		    p->s->user, origin_of(p, offsetof(struct settings, user)));
	else if (sb->changes_group && !has_capability(CAP_SETGID))
		settings_problem_report(&p->problems,
		    "group: only root can change it; start as root, or in "
		    "that group at once (%s)",
		    origin_of(p,
			p->s->group != NULL ? offsetof(struct settings, group)
					    : offsetof(struct settings, user)));
}

static void
want_limit(struct preparation *p, size_t i)
{
	const struct settings_row *row =
	    settings_table_row_at(SETTINGS_GLOBAL, limits[i].offset);
	const char *text = settings_value_load(row, p->s).text;
	struct rlimit now;

	if (text == NULL ||
	    settings_text_parse_limit(text, &p->sb->limits[i]) == -1)
		return;
	p->sb->sets_limit[i] = true;
	if (getrlimit(limits[i].resource, &now) == 0 &&
	    p->sb->limits[i] > now.rlim_max &&
	    !has_capability(CAP_SYS_RESOURCE))
		settings_problem_report(&p->problems,
		    "%s: %s is more than the hard limit that sqsherd was "
		    "started with, which only root can raise (%s)",
		    row->name, text, origin_of(p, limits[i].offset));
}

int
sandbox_prepare(struct sandbox *ret, const struct settings *s,
    settings_problem_fn *problem, void *arg)
{
	struct preparation p = { .sb = ret,
		.s = s,
		.problems = { .report = problem, .arg = arg } };
	size_t i;

	*ret = (struct sandbox){ .no_new_privs = s->no_new_privs };
	want_identity(&p);
	ret->sets_umask = s->umask != NULL &&
	    settings_text_parse_umask(s->umask, &ret->umask) == 0;
	for (i = 0; i < SANDBOX_LIMITS; i++)
		want_limit(&p, i);
	return p.problems.n == 0 ? 0 : -1;
}

void
sandbox_release(struct sandbox *sb)
{
	free(sb->name);
	free(sb->home);
	sb->name = sb->home = NULL;
}

/* ---- entering it ---- */

static int
set_limits(const struct sandbox *sb)
{
	struct rlimit limit;
	size_t i;

	for (i = 0; i < SANDBOX_LIMITS; i++) {
		if (!sb->sets_limit[i])
			continue;
		limit = (struct rlimit){ sb->limits[i], sb->limits[i] };
		if (setrlimit(limits[i].resource, &limit) == -1)
			return -1;
	}
	return 0;
}

static int
set_groups(const struct sandbox *sb)
{
	/* The supplementary groups are those of the user's name, none for a
	   bare number, or this group alone. */
	if (sb->changes_user && sb->name != NULL) {
		if (initgroups(sb->name, sb->gid) == -1)
			return -1;
	} else if (setgroups(sb->changes_user ? 0 : 1, &sb->gid) == -1)
		return -1;
	return setresgid(sb->gid, sb->gid, sb->gid);
}

/* Sets the variables that systemd sets for User=. */
static int
set_environment(const struct sandbox *sb)
{
	(void)unsetenv("XDG_RUNTIME_DIR");
	if (sb->home != NULL && setenv("HOME", sb->home, 1) == -1)
		return -1;
	if (sb->name != NULL &&
	    (setenv("USER", sb->name, 1) == -1 ||
		setenv("LOGNAME", sb->name, 1) == -1))
		return -1;
	return 0;
}

/*
 * The files in /proc of a process that has changed its user belong to root,
 * since it may know secrets of its former user (PR_SET_DUMPABLE in prctl(2)): a
 * child could not raise the OOM score of its handler.  sqsherd knows no such
 * secrets.
 */
static int
set_user(const struct sandbox *sb)
{
	if (setresuid(sb->uid, sb->uid, sb->uid) == -1)
		return -1;
	return prctl(PR_SET_DUMPABLE, 1);
}

/*
 * Is this a capability that our processes may need?  They may need to end a
 * handler that has become another user, to read files that root can read, and
 * to listen at a port below 1024.
 */
static bool
is_needed(cap_value_t c)
{
	return c == CAP_KILL || c == CAP_DAC_OVERRIDE ||
	    c == CAP_DAC_READ_SEARCH || c == CAP_NET_BIND_SERVICE;
}

/*
 * Handlers lose no capability: the handlers of root get theirs from execve(2);
 * those of another user have the ambient capabilities, which therefore stay
 * permitted here.
 */
static int
drop_capabilities(void)
{
	cap_t before = cap_get_proc(), after = cap_get_proc();
	cap_value_t c;
	int result = before == NULL || after == NULL ? -1 : 0;

	for (c = 0; result == 0 && c < cap_max_bits(); c++) {
		if (is_needed(c))
			continue;
		result = cap_set_flag(after, CAP_EFFECTIVE, 1, &c, CAP_CLEAR);
		if (result == 0 && cap_get_ambient(c) != 1)
			result = cap_set_flag(after, CAP_PERMITTED, 1, &c,
			    CAP_CLEAR);
	}
	if (result == 0 && cap_compare(before, after) != 0)
		result = cap_set_proc(after);
	(void)cap_free(before);
	(void)cap_free(after);
	return result;
}

int
sandbox_enter(const struct sandbox *sb, settings_problem_fn *problem, void *arg)
{
	struct settings_problems problems = { .report = problem, .arg = arg };
	const char *failed = NULL;

	if (sb->sets_umask)
		(void)umask(sb->umask);
	if (set_limits(sb) == -1)
		failed = "set limits";
	else if (sb->changes_group && set_groups(sb) == -1)
		failed = "change groups";
	else if (sb->changes_user && set_environment(sb) == -1)
		failed = "set the environment";
	else if (sb->changes_user && set_user(sb) == -1)
		failed = "change the user";
	else if (sb->no_new_privs &&
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		failed = "set no_new_privs";
	else if (drop_capabilities() == -1)
		failed = "drop capabilities";
	if (failed == NULL)
		return 0;
	settings_problem_report(&problems, "cannot %s: %s", failed,
	    strerror(errno));
	return -1;
}
