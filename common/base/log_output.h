/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Writes the log's lines to stderr: a line is one write(2) that never waits,
 * whatever kind of file stderr is and whichever processes share it.
 */
#ifndef COMMON_BASE_LOG_OUTPUT_H
#define COMMON_BASE_LOG_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/log_level.h"

enum {
	LOG_OUTPUT_MAX = 4096, /* PIPE_BUF on Linux: such a write is atomic */
	LOG_OUTPUT_PRIORITY_BYTES = 3
};

/* Looks where stderr leads; may be called again.  Keeps errno. */
void log_output_open(void);

/*
 * The beginning of a line on stderr that is no record: "<4>" for a warning if
 * the journal reads stderr, "" if not or before log_init.
 */
const char *log_output_priority(enum log_level level);

/*
 * Writes a line of at most LOG_OUTPUT_MAX bytes.  Returns whether all of it got
 * through; waits for room for wait_ms at most.
 */
bool log_output_write(const char *p, size_t len, int wait_ms);

#endif
