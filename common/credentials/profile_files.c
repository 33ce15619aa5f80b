/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See profile_files.h. */
#include "common/credentials/profile_files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/base/xalloc.h"
#include "common/credentials/profile_parse.h"
#include "common/credentials/profile_set.h"
#include "common/credentials/secret.h"

#include "common/base/banned.h"

/* Variables that name the files. */
#define CONFIG_FILE      "AWS_CONFIG_FILE"
#define CREDENTIALS_FILE "AWS_SHARED_CREDENTIALS_FILE"

/* "$NAME" or "${NAME}" at p: its length, and its value if it is set. */
static size_t
read_reference(profile_getenv_fn *get, const char *p, const char **ret_value)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "abcdefghijklmnopqrstuvwxyz0123456789_";
	bool braced = p[1] == '{';
	size_t n = braced ? strcspn(p + 2, "}") : strspn(p + 1, letters);
	char *name;

	*ret_value = NULL;
	if (n == 0 || (braced && p[2 + n] != '}'))
		return 1;
	name = xmemdup0(p + 1 + braced, n);
	*ret_value = get(name);
	free(name);
	return n + (braced ? 3 : 1);
}

/* As in botocore, a variable that is not set stays as it is written. */
static char *
expand_variables(profile_getenv_fn *get, const char *path)
{
	struct buf to = BUF_INIT(PATH_MAX);
	const char *value = NULL;
	char *expanded;
	size_t n;

	for (; *path != '\0'; path += n) {
		n = *path == '$' ? read_reference(get, path, &value)
				 : strcspn(path, "$");
		if (*path == '$' && value != NULL)
			buf_puts(&to, value);
		else
			buf_append(&to, path, n);
	}
	expanded = to.overflow ? NULL : xstrdup(buf_str(&to));
	buf_release(&to);
	return expanded;
}

static char *
path_of(profile_getenv_fn *get, const char *variable, const char *standard)
{
	const char *path = profile_setting(get, variable);
	const char *home = profile_setting(get, "HOME");
	char *expanded = expand_variables(get, path != NULL ? path : standard);
	char *whole = NULL;

	if (expanded == NULL || expanded[0] != '~' ||
	    (expanded[1] != '/' && expanded[1] != '\0'))
		return expanded;
	if (home != NULL)
		whole = xasprintf("%s%s", home, expanded + 1);
	free(expanded);
	return whole;
}

char *
profile_files_config_path(profile_getenv_fn *get)
{
	return path_of(get, CONFIG_FILE, "~/.aws/config");
}

char *
profile_files_credentials_path(profile_getenv_fn *get)
{
	return path_of(get, CREDENTIALS_FILE, "~/.aws/credentials");
}

/* docker(1), for instance, makes a directory where a file to mount is not
 * there. */
static bool
is_no_file(int errnum)
{
	return errnum == EISDIR || errnum == ENOTSUP || errnum == ELOOP;
}

/*
 * Does the file count as absent?  A file that this process may not read does,
 * too, unless a variable names it or a profile is chosen: HOME may be another
 * user's.
 */
static bool
is_absent(profile_getenv_fn *get, const char *variable, int errnum)
{
	return errnum == ENOENT || errnum == ENOTDIR || is_no_file(errnum) ||
	    (errnum == EACCES && profile_setting(get, variable) == NULL &&
		profile_chosen(get) == NULL);
}

/*
 * *trouble: there is something else in the place of the file; kind NONE: there
 * is not.
 */
static int
load_file(profile_getenv_fn *get, const char *variable, char *path,
    struct buf *to, struct error *trouble, struct error *e)
{
	int result = 0;

	error_clear(trouble);
	if (path != NULL && file_read(path, to) == -1) {
		if (!is_absent(get, variable, errno))
			result = file_refuse(e, "file", path);
		else if (is_no_file(errno))
			file_refuse(trouble, "file", path);
	}
	free(path);
	return result;
}

struct profile_set *
profile_files_load(profile_getenv_fn *get, struct error *e)
{
	struct buf config = BUF_INIT(PROFILE_FILE_MAX);
	struct buf credentials = BUF_INIT(PROFILE_FILE_MAX);
	struct profile_set *set = NULL;
	struct error trouble[2];
	size_t i;

	if (load_file(get, CONFIG_FILE, profile_files_config_path(get), &config,
		&trouble[0], e) == 0 &&
	    load_file(get, CREDENTIALS_FILE,
		profile_files_credentials_path(get), &credentials, &trouble[1],
		e) == 0) {
		set = profile_parse(buf_span(&config), buf_span(&credentials));
		for (i = 0; i < nitems(trouble); i++)
			if (trouble[i].kind != ERROR_NONE)
				set->trouble[i] = trouble[i];
	}
	secret_release(&config);
	secret_release(&credentials);
	return set;
}

static const char *
environment(const char *name)
{
	return getenv(name);
}

void
profile_files_warn(profile_files_warning_fn *fn, void *arg)
{
	struct profile_set *set = profile_files_load(environment, NULL);
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < nitems(set->trouble); i++)
		if (set->trouble[i].kind != ERROR_NONE)
			fn(arg, set->trouble[i].text);
	profile_free(set);
}
