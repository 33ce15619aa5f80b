/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Divides the grace timeout of a stop, so that supervisor and children agree
 * without a message between them: first the children finish the messages in
 * hand, then they give back those that are left, then they are killed.
 */
#ifndef COMMON_IPC_GRACE_H
#define COMMON_IPC_GRACE_H

#include <stdint.h>

/* Offsets from the start of the stop, in milliseconds, rising. */
struct grace {
	int64_t release_ms; /* handlers are stopped, messages given back */
	int64_t kill_ms;    /* SIGKILL */
	int64_t exit_ms;    /* the whole grace timeout */
};

struct grace grace_split(int64_t grace_timeout_ms);

/*
 * The longest long poll, in seconds, that still ends within the first part: a
 * poll is not cut short by a stop, since SQS may send a message to a connection
 * that is no longer read.
 */
int grace_wait_time_s(int64_t grace_timeout_ms, int wait_time_s);

/*
 * The seconds for which a message that is given back stays hidden when all
 * children of a queue end, if there are several.  Visible at once, the message
 * would come to the open poll of another child, which gives it back as well,
 * and so on: each time it counts as received, and soon the queue's redrive
 * policy takes it.  A stop in a hurry also cuts polls, and SQS may still send
 * messages to such a connection.  So the message stays hidden for as long as
 * such a poll can be open.  stop_ms: when the children were told to end; 0:
 * they were not. children: how many were told; GRACE_CHILDREN_UNKNOWN in an
 * orphan, which knows nothing of other children.
 */
enum {
	GRACE_CHILDREN_UNKNOWN = 2 /* there may be others */
};
int grace_hide_s(int64_t stop_ms, unsigned children, int wait_time_s,
    int64_t now_ms);

#endif
