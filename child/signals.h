/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A child's signals, which child.h explains, as events of its loop.
 */
#ifndef CHILD_SIGNALS_H
#define CHILD_SIGNALS_H

#include "child/state.h"

/* The descriptor that they are read from; -1 with errno. */
int signals_open(void);

/* Does what the signals that have come ask for. */
void signals_read(struct child *c, int64_t now_ms);

#endif
