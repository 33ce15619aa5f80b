/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading files that a person names, and files of the kernel, without ever
 * waiting for one: who opens a FIFO waits for its other end, deaf to signals.
 */
#ifndef COMMON_BASE_FILE_H
#define COMMON_BASE_FILE_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/error.h"

/*
 * Appends a whole regular file; /dev/null is an empty one.  Returns 0, or -1
 * with errno, of which file_strerror knows more than strerror: EFBIG is more
 * than to->max bytes, ENOTSUP is not a regular file.  What was read before a
 * failure stays in *to.
 */
int file_read(const char *path, struct buf *to);

/*
 * Would file_read read it, if *to had max bytes?  For a file that a library
 * reads.  0, or -1 with errno.
 */
int file_check(const char *path, size_t max);

/* What such an errno says of a file. */
const char *file_strerror(int errnum);
/*
 * Fills *e, unless it is NULL, with what errno says of a file: "cannot read
 * WHAT 'PATH': REASON" (ERROR_OPERATOR).  Returns -1; keeps errno.
 */
int file_refuse(struct error *e, const char *what, const char *path);

/*
 * The beginning of a file as a string, cut to size; "" if it cannot be read.
 */
void file_read_text(const char *path, char *ret, size_t size);

#endif
