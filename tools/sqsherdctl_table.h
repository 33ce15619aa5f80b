/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The answer to "status" as a table for people, with a line for each slot.
 * Pure.
 */
#ifndef TOOLS_SQSHERDCTL_TABLE_H
#define TOOLS_SQSHERDCTL_TABLE_H

#include "common/base/buf.h"

/*
 * No line is longer than columns, if that is 80 at least.  Nothing that a
 * terminal would obey gets through.  Returns NULL, or why the answer cannot be
 * understood, borrowed until the next call.
 */
const char *sqsherdctl_table(struct span answer, unsigned columns,
    struct buf *to);

#endif
