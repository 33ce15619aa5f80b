/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How the grace timeout of a stop is divided, so that supervisor and children
 * agree without talking: first children finish what is in hand, then they
 * give back what is left, then the rest is killed.
 */
#ifndef COMMON_GRACE_H
#define COMMON_GRACE_H

#include <stdint.h>

/* Offsets from the start of the stop, in milliseconds, rising. */
struct grace {
	int64_t release_ms; /* handlers are stopped, messages given back */
	int64_t kill_ms;    /* SIGKILL */
	int64_t exit_ms;    /* the whole grace timeout */
};

struct grace grace_split(int64_t grace_timeout_ms);

/*
 * The longest long poll, in seconds, that still ends within the first part:
 * a poll is not cut short by a stop, since SQS may hand a message to a
 * connection that nobody reads.
 */
int grace_wait_time_s(int64_t grace_timeout_ms, int wait_time_s);

#endif
