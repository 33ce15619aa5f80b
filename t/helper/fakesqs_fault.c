/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Scripted faults: which call is hit by which, and the answers of those
 * that are given instead of the operation's own.
 */

#include "fakesqs_fault.h"

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "fakesqs_conn.h"
#include "fakesqs_error.h"

struct scripted {
	TAILQ_ENTRY(scripted) link;
	struct fault fault;
};

TAILQ_HEAD(scripted_list, scripted);

static struct scripted_list script = TAILQ_HEAD_INITIALIZER(script);

static const char *const names[FAULT_KINDS] = {
	[FAULT_NONE] = "",
	[FAULT_ERROR] = "error",
	[FAULT_THROTTLE] = "throttle",
	[FAULT_HTTP500] = "http500",
	[FAULT_HTTP503] = "http503",
	[FAULT_CUT] = "cut",
	[FAULT_RESET] = "reset",
	[FAULT_EMPTY] = "empty",
	[FAULT_HUGE] = "huge",
	[FAULT_REDIRECT] = "redirect",
	[FAULT_RAW] = "raw",
	[FAULT_BYTES] = "bytes",
	[FAULT_HTML] = "html",
	[FAULT_HANG] = "hang",
	[FAULT_CUT_MID] = "cut_mid",
	[FAULT_CUT_AFTER] = "cut_after",
	[FAULT_SLOW] = "slow",
	[FAULT_DRIP] = "drip",
	[FAULT_BAD_JSON] = "bad_json",
	[FAULT_BAD_MD5] = "bad_md5",
	[FAULT_BAD_ATTR_MD5] = "bad_attr_md5",
	[FAULT_ENTRY_FAIL] = "entry_fail",
	[FAULT_ENTRY_MISSING] = "entry_missing",
	[FAULT_LOST] = "lost",
	[FAULT_DUP] = "dup",
	[FAULT_UNKNOWN_FIELDS] = "unknown_fields",
};

const char *
fault_name(enum fault_kind kind)
{
	return names[kind];
}

enum fault_kind
fault_kind(const char *name)
{
	int i;

	for (i = FAULT_KINDS - 1; i > FAULT_NONE; i--) {
		if (strcmp(name, names[i]) == 0)
			break;
	}
	return (enum fault_kind)i;
}

void
fault_add(const struct fault *f)
{
	struct scripted *s = xcalloc(1, sizeof(*s));

	s->fault = *f;
	s->fault.raw.p = xmemdup(f->raw.p, f->raw.len);
	TAILQ_INSERT_TAIL(&script, s, link);
}

void
fault_clear(void)
{
	struct scripted *s;

	while ((s = TAILQ_FIRST(&script)) != NULL) {
		TAILQ_REMOVE(&script, s, link);
		/* xmemdup's own memory, const only for its readers */
		free((void *)(uintptr_t)s->fault.raw.p);
		free(s);
	}
}

static bool
matches(const struct fault *f, enum op op)
{
	if (f->count == 0)
		return false;
	return f->op == -1 ? op <= OP_UNKNOWN : f->op == (int)op;
}

struct fault
fault_pick(enum op op)
{
	struct scripted *s;
	struct fault *f;

	TAILQ_FOREACH(s, &script, link) {
		f = &s->fault;
		if (!matches(f, op))
			continue;
		if (f->skip > 0) {
			f->skip--;
			continue;
		}
		if (f->rate < 100 && random64() % 100 >= (uint64_t)f->rate)
			continue;
		if (f->count > 0)
			f->count--;
		op_counts[op].faults++;
		return *f;
	}
	return (struct fault){ .kind = FAULT_NONE };
}

bool
fault_hits(const struct fault *f, enum fault_kind kind, size_t i)
{
	return f->kind == kind && (f->entry == -1 || (size_t)f->entry == i);
}

static void
answer_text(struct conn *c, int status, const char *type, struct span body)
{
	struct reply r = { .status = status, .type = type };

	if (status == 307)
		buf_addstr(&r.head, "Location: /_redirected\r\n");
	buf_add(&r.body, body.p, body.len);
	conn_reply(c, &r);
	buf_release(&r.head);
	buf_release(&r.body);
}

static void
answer_str(struct conn *c, int status, const char *type, const char *body)
{
	answer_text(c, status, type, (struct span){ body, strlen(body) });
}

static void
answer_huge(struct conn *c, size_t size)
{
	static const char head[] = "{\"Padding\":\"", tail[] = "\"}";
	size_t frame = sizeof(head) - 1 + sizeof(tail) - 1;
	struct buf body = { 0 };

	buf_addstr(&body, head);
	if (size > frame) {
		buf_reserve(&body, size);
		memset(body.data + body.len, 'x', size - frame);
		body.len += size - frame;
	}
	buf_addstr(&body, tail);
	answer_text(c, 200, NULL, (struct span){ body.data, body.len });
	buf_release(&body);
}

static void
answer_html(struct conn *c)
{
	struct buf body = { 0 };

	buf_addf(&body,
	    "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"http://queue."
	    "amazonaws.com/doc/2012-11-05/\"><Error><Type>Sender</Type><Code>"
	    "%s</Code><Message>scripted &amp; so on</Message></Error>"
	    "<RequestId>0</RequestId></ErrorResponse>\n",
	    c->fault.code[0] == '\0' ? "InternalFailure" : c->fault.code);
	answer_text(c, c->fault.status == 0 ? 500 : c->fault.status, "text/xml",
	    (struct span){ body.data, body.len });
	buf_release(&body);
}

bool
fault_answer(struct conn *c)
{
	const struct fault *f = &c->fault;

	switch (f->kind) {
	case FAULT_ERROR:
		error_reply(c, f->code[0] == '\0' ? "InternalFailure" : f->code,
		    f->status, NULL);
		break;
	case FAULT_THROTTLE:
		error_reply(c, "RequestThrottled", f->status, NULL);
		break;
	case FAULT_HTTP500:
		answer_str(c, 500, "text/plain", "internal error\n");
		break;
	case FAULT_HTTP503:
		answer_str(c, 503, "text/html",
		    "<html><body><h1>503 Service Unavailable</h1>\n");
		break;
	case FAULT_CUT:
	case FAULT_RESET:
		conn_close(c, f->kind == FAULT_RESET);
		break;
	case FAULT_EMPTY:
		answer_str(c, 200, NULL, "{}");
		break;
	case FAULT_HUGE:
		answer_huge(c, (size_t)f->ms);
		break;
	case FAULT_REDIRECT:
		answer_str(c, f->status == 0 ? 307 : f->status, "text/plain",
		    "elsewhere\n");
		break;
	case FAULT_RAW:
		answer_text(c, f->status == 0 ? 200 : f->status, NULL, f->raw);
		break;
	case FAULT_BYTES: /* the connection puts them in its place */
		answer_str(c, 200, NULL, "");
		break;
	case FAULT_HTML:
		answer_html(c);
		break;
	case FAULT_HANG:
		if (c->resumed)
			return false;
		conn_hang(c, f->ms);
		break;
	default:
		return false;
	}
	return true;
}
