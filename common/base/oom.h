/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How often the kernel's out-of-memory killer struck in the cgroup of this
 * process: if the count has risen, the SIGKILL of a process was the killer's.
 * The kernel counts before it signals, so the count includes every death that
 * was seen.
 *
 * The counter is the line "oom_kill N" of memory.events (cgroup v2), of
 * memory.oom_control (v1, from Linux 4.13 on) or, outside of any memory
 * cgroup, of /proc/vmstat, which counts for the whole machine.  failcnt of v1
 * is of no use: it counts how often the limit was hit, deaths or not.
 */
#ifndef COMMON_BASE_OOM_H
#define COMMON_BASE_OOM_H

#include <stdint.h>

enum {
	OOM_PATH_MAX = 512
};

struct oom {
	char path[OOM_PATH_MAX]; /* of the counter; "": there is none */
};

/* Finds the counter of this process. */
void oom_open(struct oom *o);

/* The kills so far; 0 if there is no counter, or it cannot be read now. */
uint64_t oom_count(const struct oom *o);

/* ---- exported for the test, which brings a tree of its own ---- */

/* root: "" or a directory that stands for "/". */
void oom_open_below(struct oom *o, const char *root);

/* Pure.  N of the line "oom_kill N"; -1: there is no such line. */
int64_t oom_parse(const char *text);

#endif
