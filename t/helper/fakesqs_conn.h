/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_CONN_H
#define FAKESQS_CONN_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fakesqs_calls.h"
#include "fakesqs_fault.h"
#include "fakesqs_json.h"
#include "fakesqs_timer.h"
#include "fakesqs_util.h"

/* One request; the spans point into the connection's input. */
struct request {
	struct span method;
	struct span path;
	struct span query; /* without the '?' */
	struct span target;
	struct span authorization;
	struct span content_type;
	struct span imds_token;
	struct span imds_ttl;
	struct span amz_date;
	struct span body;
	size_t total; /* bytes, head and body */
	bool query_mode;
	bool keep_alive;
	bool expects_continue;
	bool chunked;
};

struct reply {
	int status;
	const char *type; /* Content-Type; NULL: that of SQS */
	struct buf head;  /* more header lines, each with CRLF */
	struct buf body;
};

enum conn_state {
	CONN_READY,   /* for the next request */
	CONN_WAITING, /* its owner answers later, see cancel */
	CONN_HANGING, /* a scripted fault withholds everything */
	CONN_HELD,    /* the answer is written but not sent */
	CONN_DRIPPING,
};

struct conn;
typedef void conn_fn(struct conn *c);

struct conn {
	TAILQ_ENTRY(conn) link;
	uint64_t id;
	int fd;
	enum conn_state state;
	bool dead; /* closed; freed by conn_reap() */
	bool eof;
	bool close_after; /* all output is sent */
	bool continued;   /* 100 Continue was sent */
	bool resumed;     /* the request was seen before, it hung */
	unsigned int events;
	struct buf in;
	struct buf out;
	size_t out_sent;
	struct request req;
	struct timer timer;
	/* Of the current request, for the code that answers it. */
	enum op op;
	uint64_t call_seq; /* 0: not logged */
	struct fault fault;
	struct arena arena;
	void *waiting;   /* its owner's, while CONN_WAITING */
	conn_fn *cancel; /* called when the client goes away then */
};

/*
 * Serves 127.0.0.1:port with handle() called for each request; returns the
 * port.  handle() must call conn_reply(), conn_close(), conn_hang() or
 * conn_wait(), now.
 */
int conn_listen(int epoll_fd, int port, conn_fn *handle);
/*
 * Handles one epoll event whose data pointer is a connection, or NULL for the
 * listener.
 */
void conn_event(void *data, unsigned int events);
/* Frees the connections that were closed since the last call. */
void conn_reap(void);
void conn_release_all(void);

/* Counts and logs the request as a call of op and picks its fault. */
void conn_call_open(struct conn *c, enum op op);
struct call *conn_call(const struct conn *c); /* its log entry, or NULL */

/* Answers, with the faults of the transport; empties *r. */
void conn_reply(struct conn *c, struct reply *r);
void conn_close(struct conn *c, bool reset);
/* Forgets the request for ms (0: for ever), then handles it again. */
void conn_hang(struct conn *c, int64_t ms);
/*
 * The answer comes later; cancel() is called if the client does not wait for
 * it.
 */
void conn_wait(struct conn *c, void *waiting, conn_fn *cancel);

extern uint64_t conns_opened;
extern uint64_t conns_open;
extern uint64_t conns_max;

#endif
