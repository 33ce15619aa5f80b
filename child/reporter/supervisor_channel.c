/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See supervisor_channel.h. */
#include "child/reporter/supervisor_channel.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "child/reporter/reporter.h"
#include "common/base/clock.h"

#include "common/base/banned.h"

enum {
	IN_MAX = 17 * 1024 * 1024,
	READ_AT_ONCE = 64 * 1024
};

struct answer {
	unsigned id;
	char word[16];
	struct span bytes; /* in the buffer */
	size_t whole;      /* with its head */
};

void
supervisor_channel_init(struct supervisor_channel *c, int fd,
    supervisor_channel_late_fn *late)
{
	*c = (struct supervisor_channel){ .fd = fd, .late = late };
	buf_init(&c->in, IN_MAX);
}

void
supervisor_channel_release(struct supervisor_channel *c)
{
	buf_release(&c->in);
}

/* Returns 1 if something was read, 0 if not, -1 if there will be no more. */
static int
read_some(struct supervisor_channel *c)
{
	char *room = buf_reserve(&c->in, READ_AT_ONCE);
	ssize_t n;

	if (room == NULL)
		return -1;
	n = recv(c->fd, room, READ_AT_ONCE, MSG_DONTWAIT);
	if (n > 0)
		c->in.len += (size_t)n;
	room[n > 0 ? n : 0] = '\0';
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return 0;
	return n > 0 ? 1 : -1;
}

/* The first answer in the buffer, if it is complete. */
static bool
first(const struct supervisor_channel *c, struct answer *ret)
{
	const char *end =
	    c->in.len > 0 ? memchr(c->in.data, '\n', c->in.len) : NULL;
	size_t head;

	if (end == NULL)
		return false;
	/* NOLINTNEXTLINE(cert-err34-c): this sqsherd wrote the numbers */
	if (sscanf(c->in.data, "%u %15s %zu", &ret->id, ret->word,
		&ret->bytes.len) != 3)
		return false;
	head = (size_t)(end - c->in.data) + 1;
	if (c->in.len - head < ret->bytes.len)
		return false;
	ret->bytes.p = end + 1;
	ret->whole = head + ret->bytes.len;
	return true;
}

static void
drop_first(struct supervisor_channel *c, const struct answer *a)
{
	memmove(c->in.data, c->in.data + a->whole, c->in.len - a->whole);
	c->in.len -= a->whole;
	c->in.data[c->in.len] = '\0';
}

/*
 * Takes answers up to the one to this question.  Returns whether that answer
 * was there.
 */
static bool
take(struct supervisor_channel *c, unsigned id, struct buf *to)
{
	struct answer a;

	while (first(c, &a)) {
		if (a.id == id)
			buf_append(to, a.bytes.p, a.bytes.len);
		else if (strcmp(a.word, REPORTER_EMF) == 0)
			c->late(a.bytes);
		drop_first(c, &a);
		if (a.id == id)
			return true;
	}
	return false;
}

int
supervisor_channel_ask(struct supervisor_channel *c, const char *word,
    struct buf *to)
{
	struct pollfd pfd = { .fd = c->fd, .events = POLLIN };
	int64_t deadline = clock_ms() + SUPERVISOR_CHANNEL_MS;
	char line[64];
	int n = snprintf(line, sizeof(line), "%u %s\n", ++c->id, word);

	buf_reset(to);
	/* One question at a time is under way, and a line is far shorter than a
	   socket's buffer, so send(2) never writes a part of it. */
	if (send(c->fd, line, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) != n)
		return errno == EAGAIN ? -1 : -2;
	while (!take(c, c->id, to)) {
		if (poll(&pfd, 1,
			clock_timeout_ms(clock_ms(), deadline,
			    SUPERVISOR_CHANNEL_MS)) == 0)
			return -1;
		if (read_some(c) == -1)
			return -2;
	}
	return 0;
}

int
supervisor_channel_check(struct supervisor_channel *c)
{
	struct buf nothing = BUF_INIT(IN_MAX);
	int n = read_some(c);

	if (n == 1)
		(void)take(c, 0, &nothing);
	buf_release(&nothing);
	return n == -1 ? -1 : 0;
}
