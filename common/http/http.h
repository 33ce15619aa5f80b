/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * HTTP for one process: a curl multi handle, its transfers, and the one wait
 * of the process.  Answers are bounded and arrive whole, or go piece by piece
 * to a sink.  Redirects are not followed, because a signed request must not be
 * sent elsewhere; no content encoding is asked for; TLS is verified against the
 * system's certificates or the given bundle.  A struct http is made after the
 * fork: libcurl gives no guarantee across one.
 *
 * The process never waits for a name server.  libcurl looks names up in threads
 * of its own; a transfer that ends first, by its timeout or because it is
 * cancelled, leaves its thread behind.  http_lookups.h bounds how many.  Such
 * threads live on after http_free, and end with the process at the latest.
 */
#ifndef COMMON_HTTP_HTTP_H
#define COMMON_HTTP_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <curl/curl.h>

#include "common/base/buf.h"
#include "common/base/error.h"

struct http;
struct http_transfer;

struct http_options {
	const char *ca_bundle; /* NULL: the system's, see http_trust.h;
				  borrowed for the life of struct http */
	const char *user_agent;
};

/*
 * A piece of a body, of announced bytes in all (-1: the answer does not say).
 * Returns 0, or -1 to end the transfer, which then fails with *e.
 */
typedef int http_sink_fn(void *arg, struct span piece, int64_t announced,
    struct error *e);

struct http_request {
	const char *method;         /* "GET", "POST" or "PUT"; static */
	const char *url;            /* borrowed for the call */
	const char *const *headers; /* "Name: value", borrowed for the call */
	size_t n_headers;
	struct span body; /* borrowed until done */
	int64_t connect_timeout_ms;
	int64_t timeout_ms;       /* of the whole transfer */
	int64_t stall_timeout_ms; /* fewer than HTTP_STALL_BYTES a second for
				     so long end the transfer; 0: never */
	size_t answer_max;        /* bytes; more is ERROR_RETRY "too large" */
	/*
	 * The request goes to a metadata service on this network, so not
	 * through a proxy; and the Date of such a service, whose clock may be
	 * ours, does not correct our clock.
	 */
	bool is_metadata;
	http_sink_fn *sink; /* takes the body of a 200, so that the answer has
			       none; NULL: no sink */
	void *sink_arg;
};

enum {
	HTTP_STALL_BYTES = 1024
};

struct http_answer {
	int status;
	struct span body;        /* borrowed for the callback */
	const char *request_id;  /* x-amzn-requestid or "" */
	const char *query_error; /* x-amzn-query-error or "" */
	const char *error_type;  /* x-amzn-errortype or "" */
	const char *token_ttl;  /* x-aws-ec2-metadata-token-ttl-seconds or "" */
	const char *date;       /* or "" */
	int64_t retry_after_ms; /* x-amz-retry-after, or -1 */
	int64_t elapsed_ms;
	bool skewed; /* its Date shows that http_real_ms was wrong when the
			request was made, and is right now */
};

/*
 * Called exactly once for each transfer that is not cancelled, from http_wait.
 * answer is NULL when there was no complete answer, or when only the end of the
 * connection shows that a sink has the whole body.  Then *e says why:
 * ERROR_RETRY with libcurl's words, or "name servers do not answer" when so
 * many lookups are left over that no other may start; ERROR_INVALID for a bad
 * URL.  The callback may start and cancel transfers.
 */
typedef void http_done_fn(void *arg, const struct http_answer *answer,
    const struct error *e);

struct http *http_new(const struct http_options *o);
void http_free(struct http *h); /* cancels what is under way */

/* Does not fail: errors reach the callback. */
struct http_transfer *http_start(struct http *h, const struct http_request *r,
    http_done_fn *done, void *arg);
/* The callback will not come.  The connection is closed. */
void http_cancel(struct http_transfer *t);
/*
 * Can the server have seen any part of the request?  Not while a name is looked
 * up, a connection is made or TLS is negotiated.
 */
bool http_is_sent(const struct http_transfer *t);

/*
 * The one wait of the process: returns when a transfer or one of the extra
 * descriptors is ready or timeout_ms is over, after the callbacks of the
 * transfers that ended.  Fills in revents of the extra descriptors.
 */
void http_wait(struct http *h, struct curl_waitfd *extra, unsigned n_extra,
    int timeout_ms);

/* Transfers under way. */
unsigned http_active(const struct http *h);

/*
 * A descriptor that http_wait watches along with its own, so that its caller
 * need not know of the descriptor.  fn is called from http_wait while there is
 * something to read, or an end of file.
 */
struct http_watch;
typedef void http_watch_fn(void *arg);
struct http_watch *http_watch_start(struct http *h, int fd, http_watch_fn *fn,
    void *arg);
void http_watch_stop(struct http_watch *w);

/*
 * The time of day as the servers have it, in milliseconds since the epoch: our
 * clock's, unless the last answer with a Date showed that it is more than
 * HTTP_SKEW_MS off (http_skew.h).
 */
int64_t http_real_ms(const struct http *h);

#endif
