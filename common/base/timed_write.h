/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * write(2) with a time limit, for a terminal whose descriptor cannot be made
 * non-blocking: its open file description is shared with the process that
 * started this one, and it may not be opened anew.  poll(2) says only that
 * there is room for a byte, so a timer interrupts a write that waits.
 */
#ifndef COMMON_BASE_TIMED_WRITE_H
#define COMMON_BASE_TIMED_WRITE_H

#include <sys/types.h>

#include <stddef.h>

enum {
	TIMED_WRITE_MS = 20
};

/*
 * Writes as much as there is room for within TIMED_WRITE_MS and returns as
 * write(2) does; EINTR if no byte was written.  SIGALRM and the interval timer
 * are used meanwhile, and are as before afterwards; no other thread may have
 * SIGALRM unblocked.
 */
ssize_t timed_write(int fd, const void *p, size_t len);

#endif
