/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A request to the supervisor: one line of words with a blank between them,
 * "scale jobs 4".  Pure; whatever the line holds, the result is well formed.
 */
#ifndef SUPERVISOR_CONTROL_CONTROL_REQUEST_H
#define SUPERVISOR_CONTROL_CONTROL_REQUEST_H

#include "common/base/buf.h"

enum {
	REQUEST_LINE_MAX = 255,
	REQUEST_QUEUE_MAX = 80,
	REQUEST_NUMBER_MAX = 1000000
};

enum request_kind {
	REQUEST_STATUS,
	REQUEST_HEALTH,
	REQUEST_METRICS,
	REQUEST_SCALE,
	REQUEST_PAUSE,
	REQUEST_RESUME,
	REQUEST_RESTART,
	REQUEST_RELOAD,
	REQUEST_DRAIN,
	REQUEST_STOP,
	REQUEST_KINDS
};

struct request {
	enum request_kind kind;
	char queue[REQUEST_QUEUE_MAX + 1]; /* printable; "": none is meant */
	unsigned number;                   /* of children, or of the slot */
};

/*
 * line is without its newline.  Returns 0, or -1 with a sentence for a person
 * in *ret_why.
 */
int request_parse(struct span line, struct request *ret, const char **ret_why);

/* What was done about it, for the one who asked; "" for reports. */
const char *request_done_text(enum request_kind kind);

#endif
