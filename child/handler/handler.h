/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A handler kind: how a message reaches the user's program and how its verdict
 * comes back.  The loop in child.c knows no kind; it opens one, begins
 * messages, passes on readiness, and gets verdicts by callback.
 */
#ifndef CHILD_HANDLER_HANDLER_H
#define CHILD_HANDLER_HANDLER_H

#include <stdbool.h>
#include <stdint.h>

#include <curl/curl.h>

#include "child/message/payload.h"
#include "child/message/verdict.h"
#include "common/base/error.h"
#include "common/settings/settings.h"

/* cookie: as given to begin.  Called from begin, step, or on_sigchld. */
typedef void handler_done_fn(void *cookie, const struct handler_result *r);

struct handler;

struct handler_args {
	const struct queue_settings *queue;
	handler_done_fn *done;
};

struct handler_ops {
	const char *name;
	/* NULL with *e: the kind cannot be used. */
	struct handler *(
	    *open)(const struct handler_args *args, struct error *e);
	/* How many more messages can be begun now? */
	unsigned (*room)(const struct handler *h);
	/* Might a message be begun?  If not, e says why, in words that call the
	   handler "it".  The caller asks at the start and while the brake is
	   on, so that no message has to be received to find out. */
	bool (*is_usable)(const struct handler *h, struct error *e);
	/* The payload is borrowed until done.  May call done at once. */
	void (*begin)(struct handler *h, const struct payload *p,
	    int64_t now_ms, void *cookie);
	/* Adds descriptors to wait for; returns how many, at most max. */
	unsigned (
	    *waitfds)(struct handler *h, struct curl_waitfd *to, unsigned max);
	/* Called after a wait that a SIGCHLD ended. */
	void (*on_sigchld)(struct handler *h, int64_t now_ms);
	/* Called after each wait.  Returns when to be called next; now_ms if it
	   has called done. */
	int64_t (*step)(struct handler *h, int64_t now_ms);
	/* Stops the handler of the message that was begun with this cookie, or
	   with NULL all handlers: by SIGTERM, later by SIGKILL. done is then
	   called with RETRY, or DONE. */
	void (*cancel)(struct handler *h, const void *cookie,
	    int64_t kill_after_ms, int64_t now_ms);
	/* Kills at once what still runs; calls nothing back. */
	void (*close)(struct handler *h);
};

extern const struct handler_ops handler_exec;

#endif
