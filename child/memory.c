/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See memory.h. */
#include "child/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/file.h"

#include "common/base/banned.h"

enum {
	DEPTH_MAX = 8, /* generations below this process that are counted */
	FILE_MAX_BYTES = 4096
};

/* The number at p, times unit; 0: there is none, or it is too large. */
static int64_t
parse_bytes(const char *p, int64_t unit)
{
	const char *problem;
	char digits[20];
	size_t len = strspn(p, "0123456789");
	long long n;

	if (len == 0 || len >= sizeof(digits))
		return 0;
	memcpy(digits, p, len);
	digits[len] = '\0';
	n = strtonum(digits, 0, INT64_MAX / unit, &problem);
	return problem == NULL ? n * unit : 0;
}

int64_t
memory_parse_pss(const char *text)
{
	static const char key[] = "\nPss:";
	const char *p = strstr(text, key);

	if (p == NULL)
		return 0;
	p += strlen(key);
	return parse_bytes(p + strspn(p, " \t"), 1024);
}

int64_t
memory_parse_rss(const char *text, long page_size)
{
	const char *p = strchr(text, ' ');

	return p != NULL ? parse_bytes(p + 1, page_size) : 0;
}

/*
 * The kernel does not show a process the PSS of one with more rights, for
 * instance of a handler that runs as root.  Any process may read its RSS, in
 * which shared pages count in full.
 */
static int64_t
memory_of(pid_t pid)
{
	char path[64], text[FILE_MAX_BYTES];
	int64_t bytes;

	(void)snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", (long)pid);
	(void)file_read_text(path, text, sizeof(text));
	bytes = memory_parse_pss(text);
	if (bytes > 0)
		return bytes;
	(void)snprintf(path, sizeof(path), "/proc/%ld/statm", (long)pid);
	(void)file_read_text(path, text, sizeof(text));
	return memory_parse_rss(text, sysconf(_SC_PAGESIZE));
}

/* A process that ends meanwhile counts as 0. */
static int64_t
sum_of_family(pid_t pid, int depth)
{
	char path[64], text[FILE_MAX_BYTES], *p = text, *end;
	int64_t bytes = memory_of(pid);
	long child;

	if (depth == DEPTH_MAX)
		return bytes;
	(void)snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children",
	    (long)pid, (long)pid);
	(void)file_read_text(path, text, sizeof(text));
	while ((child = strtol(p, &end, 10)) > 0) {
		bytes += sum_of_family((pid_t)child, depth + 1);
		p = end;
	}
	return bytes;
}

int64_t
memory_of_family(void)
{
	return sum_of_family(getpid(), 0);
}
