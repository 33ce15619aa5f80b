/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Passes on a handler's stdout and stderr, line by line, as log records that
 * carry the message's id.  A line longer than a record is cut in pieces;
 * nothing is dropped here.
 */
#ifndef CHILD_HANDLER_OUTPUT_H
#define CHILD_HANDLER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

enum {
	OUTPUT_LINE_MAX = 2048 /* bytes of one piece */
};

struct output {
	int fd;                 /* our end, non-blocking; -1: closed */
	const char *stream;     /* "stdout" or "stderr" */
	const char *message_id; /* borrowed while open */
	size_t len;
	char line[OUTPUT_LINE_MAX];
};

/* fd is taken over. */
void output_open(struct output *o, int fd, const char *stream,
    const char *message_id);

/*
 * Reads what there is, up to a bound that keeps the loop turning, and logs
 * whole lines.  Closes *o at the end of file.
 */
void output_step(struct output *o);

/*
 * The handler has ended: reads what is left in the pipe, logs an unfinished
 * line, closes.  Does not wait for other processes that hold the pipe open.
 */
void output_close(struct output *o);

#endif
