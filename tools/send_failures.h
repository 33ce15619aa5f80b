/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The bodies that sqs-send could not send, by reason: each reason is printed
 * once, with the numbers of all bodies that it concerns, however many these are
 * and in whatever order they fail.
 */
#ifndef TOOLS_SEND_FAILURES_H
#define TOOLS_SEND_FAILURES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/error.h"

enum {
	SEND_REASONS_MAX = 32, /* at a time */
	SEND_REASON_MAX = 512  /* bytes */
};

struct send_range {
	long long first, last;
};

struct send_reason {
	char text[SEND_REASON_MAX]; /* about a single body: "is empty" */
	const char *cure;           /* a sentence; NULL: none is known */
	long long n;
	struct send_range *ranges; /* owned; ascending, with gaps between */
	size_t n_ranges, cap;
};

/* Zero: nothing failed. */
struct send_failures {
	struct send_reason reasons[SEND_REASONS_MAX];
	size_t n;
};

/*
 * Returns false if there is no room for another reason: call send_failures_tell
 * first.
 */
bool send_failures_add(struct send_failures *f, long long number,
    const char *text, const char *cure);

/*
 * Appends a line for each reason, and one for each cure, with prefix before
 * them: "60 lines (1-60) were not sent: Could not connect".  A single failure
 * is "line 7 is empty".  Of many ranges the first few are shown, unless all are
 * wanted.  Text that is not ours is made plain.  Empties *f.
 */
void send_failures_tell(struct send_failures *f, struct buf *to,
    const char *prefix, const char *unit, bool all);

/*
 * A sentence that says what a person can do about a failed call; NULL: the
 * error itself says all there is to say.
 */
const char *send_failures_cure(const struct error *e);

#endif
