/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * stderr as the log writes to it: a line is one write(2) that never waits,
 * whatever stderr is and whoever else has it open.
 */
#ifndef COMMON_BASE_LOG_OUTPUT_H
#define COMMON_BASE_LOG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	LOG_OUTPUT_MAX = 4096 /* PIPE_BUF on Linux: such a write is atomic */
};

/* Looks where stderr leads; may be called again.  Keeps errno. */
void log_output_open(void);

/* Does the journal read stderr? */
bool log_output_is_journal(void);

/*
 * Writes a line of at most LOG_OUTPUT_MAX bytes.  Returns whether all of it got
 * through; waits for room for wait_ms at most.
 */
bool log_output_write(const char *p, size_t len, int wait_ms);

#endif
