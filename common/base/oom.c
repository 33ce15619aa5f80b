/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The counter of out-of-memory kills.  See oom.h.
 */
#include "common/base/oom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cgroup.h"
#include "common/base/file.h"

#include "common/base/banned.h"

enum {
	TEXT_MAX = 16384 /* /proc/vmstat has some 5,000 bytes */
};

int64_t
oom_parse(const char *text)
{
	static const char name[] = "oom_kill ";
	const char *p = text;

	/*
	 * The name counts at the start of a line only; "oom_kill_disable" and
	 * others come before it.
	 */
	while (p != NULL && strncmp(p, name, sizeof(name) - 1) != 0) {
		p = strchr(p, '\n');
		if (p != NULL)
			p++;
	}
	return p == NULL ? -1 : strtoll(p + sizeof(name) - 1, NULL, 10);
}

/* Takes this path if there is a counter in it. */
static bool
try_path(struct oom *o, const char *root, const char *mount, const char *cgroup,
    const char *file)
{
	char text[TEXT_MAX];
	int n = snprintf(o->path, sizeof(o->path), "%s%s%s/%s", root, mount,
	    strcmp(cgroup, "/") == 0 ? "" : cgroup, file);

	if (n > 0 && (size_t)n < sizeof(o->path)) {
		(void)file_read_text(o->path, text, sizeof(text));
		if (oom_parse(text) >= 0)
			return true;
	}
	o->path[0] = '\0';
	return false;
}

void
oom_open_below(struct oom *o, const char *root)
{
	char path[OOM_PATH_MAX], text[TEXT_MAX], cgroup[CGROUP_PATH_MAX];
	bool v1;

	o->path[0] = '\0';
	(void)snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	(void)file_read_text(path, text, sizeof(text));
	if (cgroup_path(text, "memory", &v1, cgroup, sizeof(cgroup)) == 0) {
		const char *mount =
		    v1 ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
		const char *file = v1 ? "memory.oom_control" : "memory.events";

		/*
		 * A container may see the host's path of its cgroup, although
		 * only that cgroup is mounted there.
		 */
		if (try_path(o, root, mount, cgroup, file) ||
		    try_path(o, root, mount, "", file))
			return;
	}
	(void)try_path(o, root, "/proc", "", "vmstat");
}

void
oom_open(struct oom *o)
{
	oom_open_below(o, "");
}

uint64_t
oom_count(const struct oom *o)
{
	char text[TEXT_MAX];
	int64_t n;

	if (o->path[0] == '\0')
		return 0;
	(void)file_read_text(o->path, text, sizeof(text));
	n = oom_parse(text);
	return n < 0 ? 0 : (uint64_t)n;
}
