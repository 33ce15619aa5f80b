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
	CONTROL_REQUEST_LINE_MAX = 255,
	CONTROL_REQUEST_QUEUE_MAX = 80,
	CONTROL_REQUEST_NUMBER_MAX = 1000000
};

enum control_request_kind {
	CONTROL_REQUEST_STATUS,
	CONTROL_REQUEST_HEALTH,
	CONTROL_REQUEST_METRICS,
	CONTROL_REQUEST_SCALE,
	CONTROL_REQUEST_PAUSE,
	CONTROL_REQUEST_RESUME,
	CONTROL_REQUEST_RESTART,
	CONTROL_REQUEST_RELOAD,
	CONTROL_REQUEST_DRAIN,
	CONTROL_REQUEST_STOP,
	CONTROL_REQUEST_KINDS
};

struct control_request {
	enum control_request_kind kind;
	char queue[CONTROL_REQUEST_QUEUE_MAX +
	    1];          /* printable; "": none is meant */
	unsigned number; /* of children, or of the slot */
};

/*
 * line is without its newline.  Returns 0, or -1 with a sentence for a person
 * in *ret_why.
 */
int control_request_parse(struct span line, struct control_request *ret,
    const char **ret_why);

/*
 * The answer to a request that was carried out; "" for reports, which are
 * answers themselves.
 */
const char *control_request_done_text(enum control_request_kind kind);

#endif
