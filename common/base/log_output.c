/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The kind of file that stderr is decides how a line is written without
 * waiting.  See log_output.h.
 */
#include "common/base/log_output.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/timed_write.h"

#include "common/base/banned.h"

static struct {
	int fd;          /* where lines go */
	bool is_socket;  /* send(2) with MSG_DONTWAIT instead of write(2) */
	bool is_journal; /* the journal reads it */
	bool may_block;  /* fd could not be opened non-blocking: poll first */
	int own_pipe[2]; /* in front of a pipe that may block; -1: none */
} output = { .fd = STDERR_FILENO, .own_pipe = { -1, -1 } };

static bool
is_same_file(int fd, const struct stat *other)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_dev == other->st_dev &&
	    st.st_ino == other->st_ino;
}

static void
close_own_pipe(void)
{
	if (output.own_pipe[0] == -1)
		return;
	(void)close(output.own_pipe[0]);
	(void)close(output.own_pipe[1]);
	output.own_pipe[0] = output.own_pipe[1] = -1;
}

/*
 * A pipe is opened anew, because O_NONBLOCK belongs to the open file
 * description, which stderr shares with the process that started this one.  If
 * the pipe is another user's, a descriptor opened before rights were given up
 * is as good.  A process that never had the right writes into a pipe of its own
 * first: see splice_line.
 */
static int
open_anew(const struct stat *st, int opened_before)
{
	int fd = open("/proc/self/fd/2",
	    O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd == -1 && opened_before > STDERR_FILENO &&
	    is_same_file(opened_before, st))
		return opened_before;
	if (fd != -1)
		return fd;
	output.may_block = true;
	/* If there is no own pipe, lines go through timed_write. */
	if (S_ISFIFO(st->st_mode))
		(void)!pipe2(output.own_pipe, O_NONBLOCK | O_CLOEXEC);
	return STDERR_FILENO;
}

/*
 * JOURNAL_STREAM says which file the journal reads.  The variable is inherited,
 * so stderr may be another file by now: systemd.exec(5) asks for the two files
 * to be compared.
 */
static bool
is_journal(const struct stat *st)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[64];

	(void)snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)st->st_dev,
	    (uintmax_t)st->st_ino);
	return stream != NULL && strcmp(stream, own) == 0;
}

void
log_output_open(void)
{
	int opened_before = output.fd, saved = errno;
	struct stat st;

	close_own_pipe();
	output.fd = STDERR_FILENO;
	output.is_socket = output.may_block = false;
	output.is_journal = false;
	if (fstat(STDERR_FILENO, &st) == 0) {
		output.is_journal = is_journal(&st);
		output.is_socket = S_ISSOCK(st.st_mode);
		if (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode))
			output.fd = open_anew(&st, opened_before);
	}
	if (opened_before > STDERR_FILENO && opened_before != output.fd)
		(void)close(opened_before);
	errno = saved;
}

/* The priorities of sd-daemon(3), which are those of syslog. */
const char *
log_output_priority(enum log_level level)
{
	static const char priorities[][LOG_OUTPUT_PRIORITY_BYTES + 1] = {
		[LOG_LEVEL_DEBUG] = "<7>",
		[LOG_LEVEL_INFO] = "<6>",
		[LOG_LEVEL_WARN] = "<4>",
		[LOG_LEVEL_ERROR] = "<3>",
	};

	return output.is_journal ? priorities[level] : "";
}

/*
 * splice(2) can be told not to wait, whatever the flags of the descriptor.  A
 * line is in one page of the own pipe, which splice takes whole or not at all.
 */
static bool
splice_line(const char *p, size_t len)
{
	char rest[LOG_OUTPUT_MAX];
	ssize_t n = -1;

	if (write(output.own_pipe[1], p, len) == (ssize_t)len)
		n = splice(output.own_pipe[0], NULL, output.fd, NULL, len,
		    SPLICE_F_NONBLOCK);
	if (n == (ssize_t)len)
		return true;
	/* There is no splice(2) here, or it is forbidden. */
	if (errno != EAGAIN && errno != EPIPE)
		close_own_pipe();
	while (read(output.own_pipe[0], rest, sizeof(rest)) > 0)
		continue;
	return false;
}

bool
log_output_write(const char *p, size_t len, int wait_ms)
{
	struct pollfd pfd = { .fd = output.fd, .events = POLLOUT };
	ssize_t n;

	/*
	 * Another process may take the room that poll reports, so the write
	 * must not wait either.
	 */
	if ((output.may_block || wait_ms > 0) && poll(&pfd, 1, wait_ms) != 1)
		return false;
	if (output.own_pipe[0] != -1)
		return splice_line(p, len);
	if (output.may_block && !output.is_socket)
		return timed_write(output.fd, p, len) == (ssize_t)len;
	do {
		n = output.is_socket
		    ? send(output.fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL)
		    : write(output.fd, p, len);
	} while (n == -1 && errno == EINTR);
	return n == (ssize_t)len;
}
