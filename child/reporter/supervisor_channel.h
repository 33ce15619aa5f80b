/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The reporter's side of its questions to the supervisor: see reporter.h.  Each
 * question waits for its answer, but not for longer than SUPERVISOR_CHANNEL_MS:
 * the supervisor may be stopped.  An answer that comes later is dropped, unless
 * its content will not come again.
 */
#ifndef CHILD_REPORTER_SUPERVISOR_CHANNEL_H
#define CHILD_REPORTER_SUPERVISOR_CHANNEL_H

#include "common/base/buf.h"

enum {
	SUPERVISOR_CHANNEL_MS = 2000
};

/*
 * Called with an answer that came late and that the supervisor will not give
 * again: lines to log.
 */
typedef void supervisor_channel_late_fn(struct span lines);

struct supervisor_channel {
	int fd;
	unsigned id;
	struct buf in;
	supervisor_channel_late_fn *late;
};

void supervisor_channel_init(struct supervisor_channel *c, int fd,
    supervisor_channel_late_fn *late);
void supervisor_channel_release(struct supervisor_channel *c);

/*
 * Replaces the content of to with the answer.  Returns 0; -1: no answer came in
 * time; -2: the supervisor is gone.
 */
int supervisor_channel_ask(struct supervisor_channel *c, const char *word,
    struct buf *to);

/* Is the supervisor still there?  Reads answers that came late. */
int supervisor_channel_check(struct supervisor_channel *c);

#endif
