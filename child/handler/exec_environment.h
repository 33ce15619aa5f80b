/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The environment of an exec handler: the child's own, without what belongs to
 * sqsherd and systemd, and the facts of the message as SQS_* variables.
 */
#ifndef CHILD_HANDLER_EXEC_ENVIRONMENT_H
#define CHILD_HANDLER_EXEC_ENVIRONMENT_H

#include <stddef.h>
#include <stdint.h>

#include "child/message/payload.h"
#include "common/settings/settings.h"

struct exec_environment {
	char **vars; /* NULL-terminated, for posix_spawn */
	size_t n;
	size_t n_inherited; /* the first of vars, borrowed */
	size_t cap;
};

/* base is borrowed for the life of e. */
void exec_environment_init(struct exec_environment *e, char **base);
void exec_environment_release(struct exec_environment *e);

/*
 * Replaces the facts of the last message by those of this one.  deadline_ms:
 * when the handler will be stopped, in milliseconds since the epoch.  Returns
 * the number of attributes that were left out because no program can be given
 * them (a value of 128 kB, or with a NUL; execve(2), "Limits on size of
 * arguments and environment").
 */
size_t exec_environment_fill(struct exec_environment *e,
    const struct payload *p, const struct queue_settings *q,
    int64_t deadline_ms);

#endif
