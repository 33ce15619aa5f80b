/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The counter of out-of-memory kills, in texts as kernels write them and in
 * trees of files that look like a machine with cgroup v2, v1 and neither.
 */
#include "common/base/oom.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"
#include "t/unit/tree.h"

#include "common/base/banned.h"

static void
test_parse(void)
{
	is_int(oom_parse("low 0\nhigh 0\nmax 31\noom 2\noom_kill 3\n"
			 "oom_group_kill 0\n"),
	    3, "the kills are found in memory.events of cgroup v2");
	is_int(oom_parse("oom_kill_disable 0\nunder_oom 0\noom_kill 12\n"), 12,
	    "and in memory.oom_control of cgroup v1");
	is_int(oom_parse("oom_kill_disable 0\nunder_oom 0\n"), -1,
	    "an old kernel does not count them");
	is_int(oom_parse("xoom_kill 1\n"), -1, "a longer name is another");
	is_int(oom_parse(""), -1, "an empty file has no counter");
	is_int(oom_parse("oom_kill 7"), 7, "the last newline may be missing");
}

/* ---- trees ---- */

static char root[] = "/tmp/sqsherd-unit-oom-XXXXXX";

static void
remove_file(const char *file)
{
	char path[1024];

	(void)snprintf(path, sizeof(path), "%s/%s", root, file);
	(void)unlink(path);
}

static void
test_trees(void)
{
	struct oom o;

	oom_open_below(&o, root);
	is_int(oom_count(&o), 0, "without any counter there are no kills");

	tree_put(root, "proc/vmstat", "pgfault 1\noom_kill 5\n");
	oom_open_below(&o, root);
	is_int(oom_count(&o), 5,
	    "without a cgroup the machine's count is used");

	tree_put(root, "proc/self/cgroup", "0::/a/b\n");
	tree_put(root, "sys/fs/cgroup/memory.events", "oom_kill 40\n");
	oom_open_below(&o, root);
	is_int(oom_count(&o), 40,
	    "in a container its own cgroup is at the mount point");

	tree_put(root, "sys/fs/cgroup/a/b/memory.events",
	    "oom 1\noom_kill 1\n");
	oom_open_below(&o, root);
	is_int(oom_count(&o), 1, "else the cgroup's own file is found");
	tree_put(root, "sys/fs/cgroup/a/b/memory.events",
	    "oom 1\noom_kill 2\n");
	is_int(oom_count(&o), 2, "and read anew for each count");
	remove_file("sys/fs/cgroup/a/b/memory.events");
	is_int(oom_count(&o), 0, "a file that has vanished counts as none");

	tree_put(root, "proc/self/cgroup", "3:memory:/x\n0::/a/b\n");
	tree_put(root, "sys/fs/cgroup/memory/x/memory.oom_control",
	    "oom_kill_disable 0\nunder_oom 0\noom_kill 9\n");
	oom_open_below(&o, root);
	is_int(oom_count(&o), 9, "with cgroup v1 it is in oom_control");
	tree_put(root, "sys/fs/cgroup/memory/x/memory.oom_control",
	    "oom_kill_disable 0\nunder_oom 0\n");
	oom_open_below(&o, root);
	is_int(oom_count(&o), 5, "unless the kernel is too old for that");
}

int
main(void)
{
	if (mkdtemp(root) == NULL)
		return 1;
	test_parse();
	test_trees();
	tree_remove(root);
	return tap_done();
}
