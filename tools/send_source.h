/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Where sqs-send takes the bodies from: its arguments, a template, or the lines
 * of stdin, or all of a file.  Each body is checked here, so that a body that
 * SQS would refuse does not make it refuse the whole batch.
 */
#ifndef TOOLS_SEND_SOURCE_H
#define TOOLS_SEND_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "tools/send_options.h"

enum send_source_state {
	SEND_SOURCE_BODY,
	SEND_SOURCE_BAD, /* a body that cannot be sent */
	SEND_SOURCE_DRY, /* stdin must be read first */
	SEND_SOURCE_END
};

struct send_source {
	const struct send_options *options;
	long long number; /* of the last body, from 1 */
	struct buf text;  /* the filled template, or text that was read */
	/* of stdin: */
	size_t at; /* where the next line begins in text */
	bool eof;
	bool skipping; /* the rest of a line that is too long */
};

struct send_body {
	struct span body; /* borrowed until the next call */
	char problem[96];
};

/*
 * Borrows the options.  A file to be sent takes the place of stdin; a file that
 * cannot be opened ends the program.
 */
void send_source_open(struct send_source *s, const struct send_options *o);
void send_source_release(struct send_source *s);
enum send_source_state send_source_next(struct send_source *s,
    struct send_body *ret);
/* Reads once from stdin, which must be readable. */
void send_source_read(struct send_source *s);

#endif
