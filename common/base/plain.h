/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Plain text: a text from outside (a handler, a server, a file) with escapes,
 * so that a terminal shows it and obeys nothing in it.  These are escaped:
 * control characters (C0, DEL and C1), bytes that are not UTF-8, which some
 * terminals take for C1, U+2028 and U+2029, which some take for a new line, and
 * characters without a width of their own that turn the direction of writing or
 * hide other text.  Letters of any language stay as they are, with the joiners
 * that some of them need.
 *
 * Escapes are \n, \r, \t, \u009b for a character, \U000e0001 for one that
 * needs more digits, and \x9b for a byte.
 */
#ifndef COMMON_BASE_PLAIN_H
#define COMMON_BASE_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

/* For a line that has only this text: tabs, quotes and backslashes stay. */
void plain_put(struct buf *b, const char *p, size_t n);
void plain_puts(struct buf *b, const char *s);

/*
 * For a text within a line: in quotes, with tabs, quotes and backslashes
 * escaped, so that its end is seen.
 */
void plain_put_quoted(struct buf *b, const char *p, size_t n);

/*
 * Is the text one word of visible ASCII, which needs neither escapes nor
 * quotes?
 */
bool plain_is_word(const char *p, size_t n);

#endif
