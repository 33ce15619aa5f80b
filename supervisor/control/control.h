/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The control socket: a line in, an answer out, and the connection is closed.
 * The socket is for root and for the user that sqsherd runs as: its mode says
 * so, and the credentials of each peer are checked before a byte is read.
 * Nothing here blocks.  The number of clients, the length of a request and the
 * time of each are bounded; when there are too many clients the oldest is cut
 * off, so that none can keep others out by holding on.
 *
 * A lock on a file beside the socket says which process owns the socket, so a
 * socket that a dead supervisor left is taken over, and a socket that is in use
 * is not.
 */
#ifndef SUPERVISOR_CONTROL_CONTROL_H
#define SUPERVISOR_CONTROL_CONTROL_H

#include <poll.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/ipc/control_path.h"

enum {
	CONTROL_CLIENTS = 8,
	CONTROL_POLLFDS = CONTROL_CLIENTS + 1,
	CONTROL_LINE_MAX = 255,
	CONTROL_WHY_MAX = 256
};

/* Appends the answer to a request; line is without its newline. */
typedef void control_answer_fn(void *arg, struct span line, struct buf *to,
    int64_t now_ms);

struct control_client {
	int fd; /* -1: free */
	int64_t since_ms;
	size_t len; /* of the request, so far */
	char line[CONTROL_LINE_MAX + 1];
	struct buf answer;
	size_t sent;
};

struct control {
	int fd; /* -1: there is no socket */
	int lock_fd;
	char path[CONTROL_PATH_SIZE];
	char why[CONTROL_WHY_MAX]; /* there is no socket */
	int64_t rest_until_ms;     /* accept4(2) failed */
	control_answer_fn *answer;
	void *arg;
	struct control_client clients[CONTROL_CLIENTS];
};

/*
 * path: the socket; "off": none; NULL: the first default place that can be had,
 * or no socket.  Returns 0, or -1 after logging why this path cannot be had.
 * Must be called before the first fork.
 */
int control_open(struct control *c, const char *path, control_answer_fn *answer,
    void *arg);
/* Removes the socket. */
void control_close(struct control *c);
/* In a child: closes every descriptor, and leaves the socket alone. */
void control_abandon(struct control *c);

/* Fills in the descriptors to wait for; returns how many. */
unsigned control_pollfds(const struct control *c, int64_t now_ms,
    struct pollfd to[CONTROL_POLLFDS]);
/*
 * Does what can be done without waiting.  Returns when to be called again, if
 * nothing happens on a pollfd before.
 */
int64_t control_step(struct control *c, int64_t now_ms);

#endif
