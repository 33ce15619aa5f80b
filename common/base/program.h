/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Can a program be started?  Looks into its file and into what the file names
 * as its interpreter, as execve(2) would, and starts nothing.
 */
#ifndef COMMON_BASE_PROGRAM_H
#define COMMON_BASE_PROGRAM_H

#include "common/base/error.h"

enum program_verdict {
	PROGRAM_GOOD,     /* nothing speaks against it */
	PROGRAM_DOUBTFUL, /* it may start, or may not */
	PROGRAM_BROKEN    /* execve, or env(1) in its first line, will refuse */
};

/*
 * Judges the program at path, which is not searched for.  If the verdict is not
 * GOOD, e says why: its text is a sentence that calls the program "it", its
 * errnum is what execve would fail with, if that is known.  A file that cannot
 * be read, for want of a right or of descriptors, is GOOD.  About 25 system
 * calls, none of which waits unless a file system does.
 */
enum program_verdict program_check(const char *path, struct error *e);

/*
 * Looks for a program as execvp(3) does: a name with a slash stands for itself,
 * an empty part of PATH for the working directory, and a file that cannot be
 * executed is passed over, but is the reason if no other is found.  Returns the
 * path, to be freed; or NULL with errno's value in *ret_why.
 */
char *program_find(const char *name, int *ret_why);

#endif
