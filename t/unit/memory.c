/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What a process and its descendants take.
 */
#include "child/memory.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	MEGABYTE = 1024 * 1024,
	LARGE = 32 * MEGABYTE
};

static void
test_parse(void)
{
	static const struct {
		const char *name, *text;
		int64_t want;
	} cases[] = {
		{ "as the kernel writes it",
		    "55d0-7ffd ---p 00000000 00:00 0    [rollup]\n"
		    "Rss:                1196 kB\nPss:                 136 kB\n"
		    "Pss_Dirty:           100 kB\n",
		    136 * 1024 },
		{ "nothing", "", 0 },
		{ "another line", "x\nPss_Anon: 5 kB\n", 0 },
		{ "no number", "x\nPss: kB\n", 0 },
		{ "cut", "x\nPss:", 0 },
		{ "too large a number", "x\nPss: 9999999999999999999999 kB\n",
		    0 },
		{ "a number whose bytes do not fit",
		    "x\nPss: 9223372036854775807 kB\n", 0 },
	};
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(memory_parse_pss(cases[i].text), cases[i].want,
		    cases[i].name);
}

/* A child, or a grandchild, that has LARGE; it tells when it has. */
static pid_t
start_large(int ready_fd, int depth)
{
	pid_t pid = fork();
	char *p;

	if (pid != 0)
		return pid;
	if (depth > 0)
		(void)start_large(ready_fd, depth - 1);
	else {
		p = mmap(NULL, LARGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (p == MAP_FAILED)
			_exit(1);
		memset(p, 1, LARGE);
		(void)!write(ready_fd, "x", 1);
	}
	for (;;)
		(void)pause();
}

static void
test_family(int depth, const char *name)
{
	int64_t before = memory_of_family(), with;
	int ready[2];
	char c;
	pid_t pid;

	if (before == 0) {
		tap_skip(name, "this kernel does not tell a PSS");
		return;
	}
	if (pipe(ready) == -1)
		return;
	(void)setpgid(0, 0);
	pid = start_large(ready[1], depth);
	(void)!read(ready[0], &c, 1);
	with = memory_of_family();
	ok(with - before > LARGE - MEGABYTE && with - before < LARGE * 2, name);
	printf("# %lld, then %lld\n", (long long)before, (long long)with);
	(void)signal(SIGTERM, SIG_IGN);
	(void)kill(0, SIGTERM); /* the whole family but us */
	(void)waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

static void
test_parse_rss(void)
{
	is_int(memory_parse_rss("1000 20 3 4 0 5 0\n", 4096), 20 * 4096,
	    "the second number of statm, in pages");
	is_int(memory_parse_rss("", 4096), 0, "an empty file");
	is_int(memory_parse_rss("1000", 4096), 0, "one number");
	is_int(memory_parse_rss("1000 ", 4096), 0, "nothing behind it");
	is_int(memory_parse_rss("1000 x", 4096), 0, "no number");
	is_int(memory_parse_rss("1 9223372036854775807 3", 4096), 0,
	    "more than there can be");
	is_int(memory_parse_rss("1 99999999999999999999999 3", 4096), 0,
	    "more than fits a number");
}

int
main(void)
{
	test_parse();
	test_parse_rss();
	test_family(0, "a child's memory counts");
	(void)signal(SIGTERM, SIG_DFL);
	test_family(1, "and a grandchild's");
	return tap_done();
}
