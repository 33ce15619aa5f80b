/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A handler's answer about a message: its verdict, and what the log adds to it.
 * Pure.
 */
#ifndef CHILD_MESSAGE_VERDICT_H
#define CHILD_MESSAGE_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

enum verdict {
	VERDICT_DONE,   /* delete it */
	VERDICT_RETRY,  /* give it back after a delay */
	VERDICT_REJECT, /* it can never be done */
	VERDICT_BROKEN  /* the handler is unusable, not the message */
};

struct handler_result {
	enum verdict verdict;
	int64_t delay_ms;   /* of RETRY, as the handler named it; -1: by receive
			       count */
	const char *reason; /* for the log, borrowed; NULL: none */
	int exit_status;    /* -1: not an exit */
	int signal;         /* 0: none */
	bool timed_out;
	bool out_of_memory; /* the kernel killed it, in all likelihood */
};

const char *verdict_name(enum verdict v);

/* Pure.  The verdict of an exit status (sysexits.h words): 0 done, 75 retry,
   65 reject, all others and every signal retry. */
enum verdict verdict_of_exit(int exit_status);

#endif
