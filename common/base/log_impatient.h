/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * write(2) to what cannot be told not to wait: a terminal whose open file
 * description is shared with whoever started us, and which may not be opened
 * anew.  That it has room for a byte says nothing of a whole record, so a timer
 * interrupts the write that waits.
 */
#ifndef COMMON_BASE_LOG_IMPATIENT_H
#define COMMON_BASE_LOG_IMPATIENT_H

#include <sys/types.h>

#include <stddef.h>

enum {
	LOG_IMPATIENT_MS = 20
};

/*
 * Writes as much as there is room for within LOG_IMPATIENT_MS and returns as
 * write(2) does; EINTR if it was nothing.  SIGALRM and the interval timer are
 * used meanwhile, and are as before afterwards; no other thread may have
 * SIGALRM unblocked.
 */
ssize_t log_impatient_write(int fd, const void *p, size_t len);

#endif
