/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The reporter's side of what it asks the supervisor: see child.h.  Each
 * question waits for its answer, but not for longer than CHANNEL_MS, for the
 * supervisor may be stopped.  An answer that comes later is dropped, unless it
 * is one that will not come again.
 */
#ifndef CHILD_REPORTER_ASK_SUPERVISOR_H
#define CHILD_REPORTER_ASK_SUPERVISOR_H

#include "common/base/buf.h"

enum {
	CHANNEL_MS = 2000
};

/* What came late and is counted only once: lines to log. */
typedef void channel_late_fn(struct span lines);

struct channel {
	int fd;
	unsigned id;
	struct buf in;
	channel_late_fn *late;
};

void channel_init(struct channel *c, int fd, channel_late_fn *late);
void channel_release(struct channel *c);

/*
 * Replaces to with the answer.  0; -1: none came in time; -2: the supervisor
 * is gone.
 */
int channel_ask(struct channel *c, const char *word, struct buf *to);

/* Is the supervisor still there?  Reads what came late. */
int channel_check(struct channel *c);

#endif
