/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The state of a process from /proc/PID/stat (proc_pid_stat(5)).
 */
#ifndef COMMON_BASE_PROC_H
#define COMMON_BASE_PROC_H

#include <sys/types.h>

struct proc_stat {
	char state; /* 'Z': a zombie */
	pid_t parent;
};

/* Returns 0, or -1: there is no such process, or no /proc. */
int proc_stat(pid_t pid, struct proc_stat *ret);

#endif
