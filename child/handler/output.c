/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See output.h. */
#include "child/handler/output.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"

#include "common/base/banned.h"

enum {
	READS_A_STEP = 32, /* a flood must not keep the loop from extending */
	READS_AT_END =
	    512 /* a full pipe is 64 kB; another writer may live on */
};

void
output_open(struct output *o, int fd, const char *stream,
    const char *message_id)
{
	o->fd = fd;
	o->stream = stream;
	o->message_id = message_id;
	o->len = 0;
}

static void
log_piece(const struct output *o, const char *p, size_t len, bool partial)
{
	log_info("handler_output", log_str("id", o->message_id),
	    log_str("stream", o->stream), log_mem("line", p, len),
	    log_bool(partial ? "partial" : NULL, true));
}

static void
log_lines(struct output *o)
{
	char *start = o->line, *end = o->line + o->len, *newline;

	while ((newline = memchr(start, '\n', (size_t)(end - start))) != NULL) {
		log_piece(o, start, (size_t)(newline - start), false);
		start = newline + 1;
	}
	o->len = (size_t)(end - start);
	if (o->len == sizeof(o->line)) {
		log_piece(o, o->line, o->len, true);
		o->len = 0;
	} else {
		memmove(o->line, start, o->len);
	}
}

/* Reads once; returns false if there is nothing more for now. */
static bool
read_some(struct output *o)
{
	ssize_t n = read(o->fd, o->line + o->len, sizeof(o->line) - o->len);

	if (n > 0) {
		o->len += (size_t)n;
		log_lines(o);
		return true;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		close(o->fd);
		o->fd = -1;
	}
	return false;
}

static void
read_up_to(struct output *o, int reads)
{
	while (o->fd != -1 && reads-- > 0)
		if (!read_some(o))
			break;
}

void
output_step(struct output *o)
{
	read_up_to(o, READS_A_STEP);
}

void
output_close(struct output *o)
{
	read_up_to(o, READS_AT_END);
	if (o->len > 0)
		log_piece(o, o->line, o->len, false);
	o->len = 0;
	if (o->fd != -1)
		close(o->fd);
	o->fd = -1;
}
