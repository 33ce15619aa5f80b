/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The record with which sqsherd ends a message, found in its log (JSON; see
 * the event "message" in sqsherd(8)).  Pure.
 */
#ifndef TOOLS_MESSAGE_RECORD_H
#define TOOLS_MESSAGE_RECORD_H

#include "common/base/buf.h"

enum message_record {
	MESSAGE_RECORD_OTHER, /* of another message or outcome, or no record */
	MESSAGE_RECORD_DELETED,
	MESSAGE_RECORD_REJECTED
};

/* Returns what a line of the log says about the message with this id. */
enum message_record message_record_read(struct span line, const char *id);

#endif
