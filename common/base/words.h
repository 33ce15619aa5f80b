/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Words of a text, split as a shell splits a command, but without any
 * expansion: quotes and backslashes are known, variables and patterns are not.
 * Pure.
 */
#ifndef COMMON_BASE_WORDS_H
#define COMMON_BASE_WORDS_H

#include "common/base/buf.h"

/*
 * Returns a NULL-terminated argv, to be freed with words_free; or NULL if a
 * quote is not closed, or nothing follows the last backslash.  Knows '', "", \
 * and $'' with \n, \t, \r, \\, \' and \xHH.  A \x00 ends its word.
 */
char **words_split(const char *text);
/* To be freed with words_free; NULL for NULL. */
char **words_copy(char *const *argv);
void words_free(char **argv); /* NULL-safe */

/*
 * Appends the words as a text that words_split splits into the same.  It is one
 * line and has no # or ; behind a blank, which would begin a comment in a
 * settings file.
 */
void words_put(struct buf *to, char *const *argv);

#endif
