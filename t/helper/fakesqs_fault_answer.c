/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* Answers that a scripted fault gives instead of the operation's own. */

#include "fakesqs_fault_answer.h"

#include <string.h>

#include "fakesqs_error.h"

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
	case FAULT_BYTES: /* the connection sends the bytes instead */
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
