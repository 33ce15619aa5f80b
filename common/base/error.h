/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * An error says what its receiver should do next, and carries what a log
 * record needs to tell a person.  It holds no allocated memory: copy it
 * freely, drop it without releasing it.
 */
#ifndef COMMON_BASE_ERROR_H
#define COMMON_BASE_ERROR_H

#include <stdint.h>

enum error_kind {
	ERROR_NONE,
	ERROR_RETRY,     /* transient: the same call may work in a while */
	ERROR_THROTTLED, /* as RETRY, but the service asks for more patience */
	ERROR_CREDENTIALS, /* refused for its credentials: refresh them, retry
			    */
	ERROR_OPERATOR, /* a person must act (permission, missing queue, key):
			   retry slowly, report loudly */
	ERROR_NOT_OURS, /* this receipt handle no longer holds its message */
	ERROR_INVALID   /* this request can never work as it is */
};

struct error {
	enum error_kind kind;
	int errnum;             /* errno, or 0 */
	int http_status;        /* 0: there was no complete answer */
	int64_t retry_after_ms; /* x-amz-retry-after, or -1 */
	char code[96];          /* AWS's error code in one line, or "" */
	char request_id[64];    /* x-amzn-RequestId, or "" */
	char text[256];         /* for people; no newline */
};

/*
 * Fills e anew: kind and text as given, nothing else.  The arguments may be
 * parts of *e itself.  Returns -1, so that "return error_set(...)" reads well.
 * e may be NULL.
 */
int error_set(struct error *e, enum error_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Does what error_set does, appends errno's text and sets errnum.  Keeps errno.
 */
int error_set_errno(struct error *e, enum error_kind kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void error_clear(struct error *e);

/* Replaces control characters, which texts of servers may have, by blanks. */
void error_make_line(char *s);

/* "retry", "throttled", ...: the word used in logs. */
const char *error_kind_name(enum error_kind kind);

#endif
