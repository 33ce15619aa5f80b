/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The kernel's control groups: the path of this process's cgroup, and the CPUs
 * and processes that the limits of the cgroup and its ancestors allow.
 */
#ifndef COMMON_BASE_CGROUP_H
#define COMMON_BASE_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CGROUP_PATH_MAX = 512
};

/* The CPUs that may be used at once, rounded up; INT64_MAX: no limit. */
int64_t cgroup_cpus(void);

/* The processes and threads that may exist; INT64_MAX: no limit. */
int64_t cgroup_pids(void);

/*
 * Pure.  The path of the cgroup that has this controller, from the text of
 * /proc/self/cgroup: of the line "N:...,CONTROLLER,...:PATH" (ret_v1 true) or
 * else of "0::PATH".  Returns -1 if there is neither, or no room.
 */
int cgroup_path(const char *text, const char *controller, bool *ret_v1,
    char *ret_path, size_t size);

/* ---- exported for the test, which brings a tree of its own ---- */

/* root: "" or a directory that stands for "/". */
int64_t cgroup_cpus_below(const char *root);
int64_t cgroup_pids_below(const char *root);

/*
 * Pure.  The CPUs that a quota and a period allow, both in microseconds: from
 * the texts of cgroup v1, which has a file for each, and from the text of
 * cpu.max, which holds both.
 */
int64_t cgroup_parse_quota(const char *quota, const char *period);
int64_t cgroup_parse_cpu_max(const char *text);
/* Pure.  The limit in the text of pids.max. */
int64_t cgroup_parse_pids(const char *text);

#endif
