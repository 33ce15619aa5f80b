/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading files that a person names, and files of the kernel, without ever
 * waiting: open(2) of a FIFO would wait for its other end, with all signals
 * blocked.
 */
#ifndef COMMON_BASE_FILE_H
#define COMMON_BASE_FILE_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/error.h"

/*
 * Opens a regular file, or /dev/null, for reading; close-on-exec.  -1 with
 * errno: ENOTSUP is another kind of file.
 */
int file_open(const char *path);

/*
 * Appends a whole regular file; /dev/null is an empty one.  Returns 0, or -1
 * with errno, of which file_strerror knows more than strerror: EFBIG is more
 * than to->max bytes, ENOTSUP is not a regular file.  Bytes that were read
 * before a failure stay in *to.
 */
int file_read(const char *path, struct buf *to);

/*
 * Could file_read read this file into max bytes?  Asked before a library reads
 * the file.  Returns 0, or -1 with errno.
 */
int file_check(const char *path, size_t max);

/* As strerror(3), for an errno of this file. */
const char *file_strerror(int errnum);
/*
 * Fills *e, unless it is NULL, with what errno says of a file: "cannot read
 * WHAT 'PATH': REASON" (ERROR_OPERATOR).  Returns -1; keeps errno.
 */
int file_refuse(struct error *e, const char *what, const char *path);

/*
 * The beginning of a file as a string, cut to size.  0, or -1 with errno and ""
 * when it cannot be opened; a read that fails is the end of the file.
 */
int file_read_text(const char *path, char *ret, size_t size);

#endif
