/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Control groups, both versions.  See cgroup.h.
 */
#include "common/base/cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	TEXT_MAX = 16384, /* of /proc/self/cgroup */
	NUMBERS_MAX = 64  /* of a file with one or two numbers */
};

/* ---- the path of the cgroup ---- */

/* Is the controller one of the names between commas? */
static bool
has_name(const char *names, size_t len, const char *controller)
{
	const char *end = names + len, *comma;
	size_t wanted = strlen(controller);

	while (names < end) {
		comma = memchr(names, ',', (size_t)(end - names));
		if (comma == NULL)
			comma = end;
		if ((size_t)(comma - names) == wanted &&
		    memcmp(names, controller, wanted) == 0)
			return true;
		names = comma + 1;
	}
	return false;
}

static int
copy_line(const char *start, char *ret, size_t size)
{
	size_t len = strcspn(start, "\n");

	if (len >= size)
		return -1;
	memcpy(ret, start, len);
	ret[len] = '\0';
	return 0;
}

int
cgroup_path(const char *text, const char *controller, bool *ret_v1,
    char *ret_path, size_t size)
{
	const char *line, *names, *path, *unified = NULL;

	for (line = text; *line != '\0';
	     line += strcspn(line, "\n"), line += *line == '\n') {
		names = line + strcspn(line, ":\n");
		if (*names != ':')
			continue;
		names++;
		path = names + strcspn(names, ":\n");
		if (*path != ':')
			continue;
		if (has_name(names, (size_t)(path - names), controller)) {
			*ret_v1 = true;
			return copy_line(path + 1, ret_path, size);
		}
		if (path == names && strncmp(line, "0:", 2) == 0)
			unified = path + 1;
	}
	if (unified == NULL)
		return -1;
	*ret_v1 = false;
	return copy_line(unified, ret_path, size);
}

/* ---- limits ---- */

/* "max", "-1" and a text that is no number mean that there is no limit. */
static int64_t
parse_number(const char *text)
{
	char *end;
	long long n = strtoll(text, &end, 10);

	return end == text || n < 0 ? INT64_MAX : (int64_t)n;
}

int64_t
cgroup_parse_quota(const char *quota, const char *period)
{
	int64_t part = parse_number(quota), whole = parse_number(period);

	if (part == INT64_MAX || whole == INT64_MAX || whole == 0)
		return INT64_MAX;
	return part <= whole ? 1 : part / whole + (part % whole != 0);
}

int64_t
cgroup_parse_cpu_max(const char *text)
{
	return cgroup_parse_quota(text, text + strcspn(text, " "));
}

int64_t
cgroup_parse_pids(const char *text)
{
	return parse_number(text);
}

static void
read_numbers(const char *directory, const char *file, char text[NUMBERS_MAX])
{
	char *path = xasprintf("%s/%s", directory, file);

	(void)file_read_text(path, text, NUMBERS_MAX);
	free(path);
}

typedef int64_t limit_fn(const char *directory);

static int64_t
cpus_v1(const char *directory)
{
	char quota[NUMBERS_MAX], period[NUMBERS_MAX];

	read_numbers(directory, "cpu.cfs_quota_us", quota);
	read_numbers(directory, "cpu.cfs_period_us", period);
	return cgroup_parse_quota(quota, period);
}

static int64_t
cpus_v2(const char *directory)
{
	char text[NUMBERS_MAX];

	read_numbers(directory, "cpu.max", text);
	return cgroup_parse_cpu_max(text);
}

static int64_t
pids(const char *directory)
{
	char text[NUMBERS_MAX];

	read_numbers(directory, "pids.max", text);
	return cgroup_parse_pids(text);
}

/*
 * The lowest limit of the cgroup and its ancestors.  The mount point is the
 * last ancestor.  In a container the mount point may be the cgroup itself; then
 * the path is the host's and does not exist here.
 */
static int64_t
least(const char *mount, const char *cgroup, limit_fn *limit)
{
	char *directory = xasprintf("%s%s", mount, cgroup), *slash;
	size_t top = strlen(mount);
	int64_t n = INT64_MAX, of_this;

	for (;;) {
		of_this = limit(directory);
		if (of_this < n)
			n = of_this;
		slash = strrchr(directory + top, '/');
		if (slash == NULL)
			break;
		*slash = '\0';
	}
	free(directory);
	return n;
}

static int64_t
find_limit(const char *root, const char *controller, limit_fn *v1, limit_fn *v2)
{
	char *path = xasprintf("%s/proc/self/cgroup", root), *mount;
	char text[TEXT_MAX], cgroup[CGROUP_PATH_MAX];
	int64_t n = INT64_MAX;
	bool is_v1;

	(void)file_read_text(path, text, sizeof(text));
	free(path);
	if (cgroup_path(text, controller, &is_v1, cgroup, sizeof(cgroup)) == -1)
		return n;
	/* A controller that shares its hierarchy has a link of its own name. */
	mount = xasprintf("%s/sys/fs/cgroup%s%s", root, is_v1 ? "/" : "",
	    is_v1 ? controller : "");
	n = least(mount, cgroup, is_v1 ? v1 : v2);
	free(mount);
	return n;
}

int64_t
cgroup_cpus_below(const char *root)
{
	return find_limit(root, "cpu", cpus_v1, cpus_v2);
}

int64_t
cgroup_pids_below(const char *root)
{
	return find_limit(root, "pids", pids, pids);
}

int64_t
cgroup_cpus(void)
{
	return cgroup_cpus_below("");
}

int64_t
cgroup_pids(void)
{
	return cgroup_pids_below("");
}
