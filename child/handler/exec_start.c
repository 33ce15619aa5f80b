/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See exec_start.h. */
#include "child/handler/exec_start.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/spawn.h"

#include "common/base/banned.h"

/* The body as a file at its start; -1 with errno. */
static int
body_file(struct span body)
{
	int fd = memfd_create("sqs-message", MFD_CLOEXEC);
	size_t done = 0;
	ssize_t n;

	if (fd == -1)
		return -1;
	while (done < body.len) {
		/* pwrite leaves the offset at the start. */
		n = pwrite(fd, body.p + done, body.len - done, (off_t)done);
		if (n == -1 && errno != EINTR) {
			close(fd);
			return -1;
		}
		if (n > 0)
			done += (size_t)n;
	}
	return fd;
}

static void
close_if_open(int fd)
{
	if (fd != -1)
		close(fd);
}

/*
 * If memory runs out, the kernel shall kill the handler, not the child or the
 * supervisor.
 */
static void
raise_oom_score(pid_t pid)
{
	static const char score[] = "500";
	char path[48];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	(void)!write(fd, score, sizeof(score) - 1);
	close(fd);
}

int
exec_start(char *const *command, char *const *environment,
    const struct payload *p, struct exec_process *ret)
{
	struct spawn s = { .path = command[0],
		.argv = command,
		.envp = environment };
	int in, out[2] = { -1, -1 }, err[2] = { -1, -1 };
	pid_t pid;
	int error;

	in = p->file != -1 ? fcntl(p->file, F_DUPFD_CLOEXEC, 0)
			   : body_file(p->body);
	if (in == -1 || spawn_output_pipe(out) == -1 ||
	    spawn_output_pipe(err) == -1) {
		error = errno;
		goto out;
	}
	s.in = in;
	s.out = out[1];
	s.err = err[1];
	error = spawn_process(&s, &pid);
	if (error == 0) {
		raise_oom_score(pid);
		*ret = (struct exec_process){ pid, out[0], err[0] };
		out[0] = err[0] = -1; /* transferred */
	}
out:
	close_if_open(in);
	close_if_open(out[0]);
	close_if_open(out[1]);
	close_if_open(err[0]);
	close_if_open(err[1]);
	return error;
}
