/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See control_request.h.
 */
#include "supervisor/control/control_request.h"

#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum operands {
	NOTHING,
	QUEUE,            /* "jobs" */
	QUEUE_AND_NUMBER, /* "jobs 4" */
	SLOT              /* "jobs/4" */
};

static const struct {
	const char *word;
	enum operands operands;
} words[CONTROL_REQUEST_KINDS] = {
	[CONTROL_REQUEST_STATUS] = { "status", NOTHING },
	[CONTROL_REQUEST_HEALTH] = { "health", NOTHING },
	[CONTROL_REQUEST_METRICS] = { "metrics", NOTHING },
	[CONTROL_REQUEST_SCALE] = { "scale", QUEUE_AND_NUMBER },
	[CONTROL_REQUEST_PAUSE] = { "pause", QUEUE },
	[CONTROL_REQUEST_RESUME] = { "resume", QUEUE },
	[CONTROL_REQUEST_RESTART] = { "restart", SLOT },
	[CONTROL_REQUEST_RELOAD] = { "reload", NOTHING },
	[CONTROL_REQUEST_DRAIN] = { "drain", NOTHING },
	[CONTROL_REQUEST_STOP] = { "stop", NOTHING },
};

/*
 * Returns what is before the first c, which is skipped; the rest stays in *s.
 */
static struct span
take_until(struct span *s, char c)
{
	const char *end = s->len > 0 ? memchr(s->p, c, s->len) : NULL;
	struct span taken = *s;

	if (end != NULL)
		taken.len = (size_t)(end - s->p);
	s->p += taken.len;
	s->len -= taken.len;
	if (end != NULL) {
		s->p++;
		s->len--;
	}
	return taken;
}

static int
parse_queue(struct span s, struct control_request *r)
{
	size_t i;

	if (s.len == 0 || s.len > CONTROL_REQUEST_QUEUE_MAX)
		return -1;
	for (i = 0; i < s.len; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~')
			return -1;
	memcpy(r->queue, s.p, s.len);
	r->queue[s.len] = '\0';
	return 0;
}

static int
parse_number(struct span s, struct control_request *r)
{
	unsigned n = 0;
	size_t i;

	if (s.len == 0)
		return -1;
	for (i = 0; i < s.len; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -1;
		n = n * 10 + (unsigned)(s.p[i] - '0');
		if (n > CONTROL_REQUEST_NUMBER_MAX)
			return -1;
	}
	r->number = n;
	return 0;
}

/* The rest of line must be exactly the operands. */
static int
parse_operands(enum operands operands, struct span line,
    struct control_request *r, const char **ret_why)
{
	char between = operands == SLOT ? '/' : ' ';

	switch (operands) {
	case NOTHING:
		*ret_why = "this command takes no operand";
		return line.len == 0 ? 0 : -1;
	case QUEUE:
		*ret_why = "this command takes the name of a queue";
		return parse_queue(line, r);
	case QUEUE_AND_NUMBER:
		*ret_why = "this command takes the name of a queue and a "
			   "number of children";
		break;
	case SLOT:
		*ret_why = "this command takes a slot, such as jobs/0";
		break;
	}
	if (parse_queue(take_until(&line, between), r) == -1)
		return -1;
	return parse_number(line, r);
}

int
control_request_parse(struct span line, struct control_request *ret,
    const char **ret_why)
{
	struct span word = take_until(&line, ' ');
	struct control_request r = { .number = 0 };
	size_t i;

	for (i = 0; i < nitems(words); i++)
		if (span_is(word, words[i].word))
			break;
	if (i == nitems(words)) {
		*ret_why = "there is no such command";
		return -1;
	}
	r.kind = (enum control_request_kind)i;
	if (parse_operands(words[i].operands, line, &r, ret_why) == -1)
		return -1;
	*ret = r;
	return 0;
}

const char *
control_request_done_text(enum control_request_kind kind)
{
	static const char *const texts[CONTROL_REQUEST_KINDS] = {
		[CONTROL_REQUEST_STATUS] = "",
		[CONTROL_REQUEST_HEALTH] = "",
		[CONTROL_REQUEST_METRICS] = "",
		[CONTROL_REQUEST_SCALE] =
		    "scaled: children come at once, and go when "
		    "they have finished",
		[CONTROL_REQUEST_PAUSE] =
		    "paused: what is in hand, or is brought by "
		    "a poll under way, is still worked",
		[CONTROL_REQUEST_RESUME] = "resumed",
		[CONTROL_REQUEST_RESTART] = "the child is replaced when it has "
					    "finished",
		[CONTROL_REQUEST_RELOAD] =
		    "the settings are in force; children are "
		    "replaced in turn",
		[CONTROL_REQUEST_DRAIN] =
		    "draining: sqsherd exits when nothing is in "
		    "hand",
		[CONTROL_REQUEST_STOP] = "stopping",
	};

	return texts[kind];
}
