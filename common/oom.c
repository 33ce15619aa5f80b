/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The counter of out-of-memory kills.  See oom.h.
 */
#include "common/oom.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/file.h"

#include "common/banned.h"

enum {
	TEXT_MAX = 16384 /* /proc/vmstat has some 5,000 bytes */
};

int64_t
oom_parse(const char *text)
{
	static const char name[] = "oom_kill ";
	const char *p = text;

	/* At the start of a line: "oom_kill_disable" and others come first. */
	while (p != NULL && strncmp(p, name, sizeof(name) - 1) != 0) {
		p = strchr(p, '\n');
		if (p != NULL)
			p++;
	}
	return p == NULL ? -1 : strtoll(p + sizeof(name) - 1, NULL, 10);
}

/* Is "memory" one of the names between commas? */
static bool
has_memory(const char *names, size_t len)
{
	static const char memory[] = "memory";
	const char *end = names + len, *comma;

	while (names < end) {
		comma = memchr(names, ',', (size_t)(end - names));
		if (comma == NULL)
			comma = end;
		if ((size_t)(comma - names) == sizeof(memory) - 1 &&
		    memcmp(names, memory, sizeof(memory) - 1) == 0)
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
oom_cgroup(const char *text, bool *ret_v1, char *ret_path, size_t size)
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
		if (has_memory(names, (size_t)(path - names))) {
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

/* Takes this path if there is a counter in it. */
static bool
try_path(struct oom *o, const char *root, const char *mount, const char *cgroup,
    const char *file)
{
	char text[TEXT_MAX];
	int n = snprintf(o->path, sizeof(o->path), "%s%s%s/%s", root, mount,
	    strcmp(cgroup, "/") == 0 ? "" : cgroup, file);

	if (n > 0 && (size_t)n < sizeof(o->path)) {
		file_read_text(o->path, text, sizeof(text));
		if (oom_parse(text) >= 0)
			return true;
	}
	o->path[0] = '\0';
	return false;
}

void
oom_open_below(struct oom *o, const char *root)
{
	char path[OOM_PATH_MAX], text[TEXT_MAX], cgroup[OOM_PATH_MAX];
	bool v1;

	o->path[0] = '\0';
	(void)snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
	file_read_text(path, text, sizeof(text));
	if (oom_cgroup(text, &v1, cgroup, sizeof(cgroup)) == 0) {
		const char *mount =
		    v1 ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
		const char *file = v1 ? "memory.oom_control" : "memory.events";

		/*
		 * A container may see the path as the host has it, although
		 * its own cgroup is what is mounted.
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
	file_read_text(o->path, text, sizeof(text));
	n = oom_parse(text);
	return n < 0 ? 0 : (uint64_t)n;
}
