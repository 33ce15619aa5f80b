/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Starting a program: in a process group of its own, with three descriptors,
 * every signal at its default and none blocked.
 */
#ifndef COMMON_BASE_SPAWN_H
#define COMMON_BASE_SPAWN_H

#include <sys/types.h>

#include <stdbool.h>

struct spawn {
	const char *path;
	bool search; /* a path without a slash is looked for in PATH */
	char *const *argv;
	char *const *envp;
	int in, out, err; /* each above 2; they stay the caller's */
};

/* Returns 0, or an errno; then there is no process. */
int spawn_process(const struct spawn *s, pid_t *ret_pid);

/*
 * A close-on-exec pipe for what the program prints.  Only the reader's end,
 * fds[0], is non-blocking.  Returns -1 with errno; an end that is open then is
 * the caller's to close.
 */
int spawn_output_pipe(int fds[2]);

#endif
