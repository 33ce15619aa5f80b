/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Starts the process of an exec handler.
 *
 * The body is a memory file (memfd_create(2)), not a pipe: it is there in full
 * before the process starts, so a handler that reads late, never, or only a
 * part needs no attention, and it can be read again or mapped.
 */
#ifndef CHILD_HANDLER_EXEC_START_H
#define CHILD_HANDLER_EXEC_START_H

#include <sys/types.h>

#include "child/message/payload.h"

struct exec_process {
	pid_t pid;    /* the leader of a group of its own */
	int out, err; /* our ends of the pipes from its stdout and stderr */
};

/*
 * The payload becomes the stdin of the process.  Returns 0, and the caller owns
 * the descriptors in *ret and reaps the process; or an errno.
 */
int exec_start(char *const *command, char *const *environment,
    const struct payload *p, struct exec_process *ret);

#endif
