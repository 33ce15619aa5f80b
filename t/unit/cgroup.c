/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Limits of control groups, in texts as kernels write them and in trees of
 * files that look like a machine with cgroup v2 and v1.
 */
#include "common/base/cgroup.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"
#include "t/unit/tree.h"

#include "common/base/banned.h"

static void
test_cgroup(void)
{
	static const struct {
		const char *name, *text;
		int want;
		bool v1;
		const char *path;
	} cases[] = {
		{ "cgroup v2 alone", "0::/system.slice/sqsherd.service\n", 0,
		    false, "/system.slice/sqsherd.service" },
		{ "v1 alone", "5:cpu:/\n4:memory:/docker/abc\n", 0, true,
		    "/docker/abc" },
		{ "both: memory is where v1 has it",
		    "4:memory:/a\n1:name=systemd:/b\n0::/c\n", 0, true, "/a" },
		{ "memory shares a hierarchy", "4:cpu,memory:/a\n", 0, true,
		    "/a" },
		{ "another controller's name begins alike",
		    "4:memoryx:/a\n0::/c\n", 0, false, "/c" },
		{ "a path with colons", "0::/a:b:c\n", 0, false, "/a:b:c" },
		{ "no cgroups", "", -1, false, "" },
		{ "nonsense", "x\n:\n\n1\n", -1, false, "" },
	};
	char path[CGROUP_PATH_MAX], small[4];
	bool v1;
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		int got = cgroup_path(cases[i].text, "memory", &v1, path,
		    sizeof(path));

		ok(got == cases[i].want &&
			(got == -1 ||
			    (v1 == cases[i].v1 &&
				strcmp(path, cases[i].path) == 0)),
		    cases[i].name);
	}
	is_int(cgroup_path("0::/abcd\n", "memory", &v1, small, sizeof(small)),
	    -1, "a path that does not fit is refused");
}

static void
test_numbers(void)
{
	static const struct {
		const char *quota, *period;
		int64_t want;
	} cases[] = {
		{ "25000\n", "100000\n", 1 },
		{ "100000\n", "100000\n", 1 },
		{ "100001\n", "100000\n", 2 },
		{ "250000\n", "100000\n", 3 },
		{ "400000\n", "50000\n", 8 },
		{ "0\n", "100000\n", 1 },
		{ "-1\n", "100000\n", INT64_MAX },
		{ "100000\n", "0\n", INT64_MAX },
		{ "100000\n", "", INT64_MAX },
		{ "", "", INT64_MAX },
		{ "x", "y", INT64_MAX },
		{ "9223372036854775807", "2", INT64_MAX },
		{ "9223372036854775806", "1", INT64_MAX - 1 },
	};
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(cgroup_parse_quota(cases[i].quota, cases[i].period),
		    cases[i].want, "CPUs of a quota and a period");
	is_int(cgroup_parse_cpu_max("max 100000\n"), INT64_MAX,
	    "cpu.max without a limit");
	is_int(cgroup_parse_cpu_max("25000 100000\n"), 1, "a quarter of a CPU");
	is_int(cgroup_parse_cpu_max("350000 100000\n"), 4,
	    "three CPUs and a half");
	is_int(cgroup_parse_cpu_max("350000"), INT64_MAX, "half of a line");
	is_int(cgroup_parse_cpu_max(""), INT64_MAX, "no line");
	is_int(cgroup_parse_pids("max\n"), INT64_MAX,
	    "pids.max without a limit");
	is_int(cgroup_parse_pids("30\n"), 30, "with one");
	is_int(cgroup_parse_pids("0\n"), 0, "that lets nothing start");
}

/* ---- trees ---- */

static char root[] = "/tmp/sqsherd-unit-cgroup-XXXXXX";

static void
test_v2(void)
{
	is_int(cgroup_cpus_below(root), INT64_MAX, "without cgroups no limit");
	tree_put(root, "proc/self/cgroup", "0::/a/b\n");
	is_int(cgroup_cpus_below(root), INT64_MAX,
	    "nor where a cgroup is not seen");
	tree_put(root, "sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
	tree_put(root, "sys/fs/cgroup/a/b/pids.max", "max\n");
	is_int(cgroup_cpus_below(root), INT64_MAX, "nor where it has none");
	tree_put(root, "sys/fs/cgroup/a/b/cpu.max", "600000 100000\n");
	is_int(cgroup_cpus_below(root), 6, "its own limit counts");
	tree_put(root, "sys/fs/cgroup/a/cpu.max", "250000 100000\n");
	tree_put(root, "sys/fs/cgroup/a/pids.max", "77\n");
	is_int(cgroup_cpus_below(root), 3, "and a lower one of an ancestor");
	is_int(cgroup_pids_below(root), 77, "of processes, too");
	tree_put(root, "sys/fs/cgroup/a/cpu.max", "900000 100000\n");
	is_int(cgroup_cpus_below(root), 6, "but no higher one");
	tree_put(root, "sys/fs/cgroup/cpu.max", "50000 100000\n");
	is_int(cgroup_cpus_below(root), 1, "the mount point is one");
	tree_put(root, "proc/self/cgroup", "0::/\n");
	is_int(cgroup_cpus_below(root), 1, "which a container's own may be");
	tree_put(root, "proc/self/cgroup", "0::/docker/0123\n");
	is_int(cgroup_cpus_below(root), 1,
	    "even if its path is that of the host");
	tree_put(root, "proc/self/cgroup", "0::/../other\n");
	is_int(cgroup_cpus_below(root), 1,
	    "or leads out of what is mounted here");
}

static void
test_v1(void)
{
	tree_put(root, "proc/self/cgroup",
	    "4:cpuacct,cpu:/x/y\n3:pids:/x\n0::/a/b\n");
	is_int(cgroup_cpus_below(root), INT64_MAX,
	    "cgroup v1: no limit is seen");
	tree_put(root, "sys/fs/cgroup/cpu/x/y/cpu.cfs_quota_us", "-1\n");
	tree_put(root, "sys/fs/cgroup/cpu/x/y/cpu.cfs_period_us", "100000\n");
	is_int(cgroup_cpus_below(root), INT64_MAX, "none is set");
	tree_put(root, "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "150000\n");
	tree_put(root, "sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
	is_int(cgroup_cpus_below(root), 2, "one of an ancestor counts");
	tree_put(root, "sys/fs/cgroup/cpu/x/y/cpu.cfs_quota_us", "25000\n");
	is_int(cgroup_cpus_below(root), 1, "a lower one of its own as well");
	tree_put(root, "sys/fs/cgroup/pids/x/pids.max", "9\n");
	is_int(cgroup_pids_below(root), 9, "and that of processes");
}

int
main(void)
{
	if (mkdtemp(root) == NULL)
		return 1;
	test_cgroup();
	test_numbers();
	test_v2();
	test_v1();
	tree_remove(root);
	return tap_done();
}
