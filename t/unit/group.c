/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Who belongs to a handler: its group and whoever has left it for another of
 * the session, but no other process that the child has started.
 */
#include "child/handler/group.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	PATIENT_MS = 10000
};

static _Noreturn void
sleep_for_ever(void)
{
	for (;;)
		(void)pause();
}

/* In a group of its own. */
static pid_t
start(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)setpgid(0, 0);
		sleep_for_ever();
	}
	(void)setpgid(pid, pid);
	return pid;
}

/* With a child that has a group of its own; end of file in fd: it is dying. */
static pid_t
start_with_job(int *ret_fd)
{
	int fds[2];
	pid_t pid;
	char c;

	if (pipe(fds) == -1)
		exit(1);
	pid = fork();
	if (pid == 0) {
		(void)setpgid(0, 0);
		if (start() == -1 || write(fds[1], "x", 1) != 1)
			_exit(1);
		(void)close(fds[1]);
		sleep_for_ever();
	}
	(void)close(fds[1]);
	if (read(fds[0], &c, 1) != 1)
		exit(1);
	*ret_fd = fds[0];
	return pid;
}

/* Its files are closed a little before it is dead. */
static bool
is_gone_soon(pid_t leader)
{
	int64_t until_ms = clock_ms() + PATIENT_MS;

	while (group_has_others(leader, true) && clock_ms() < until_ms)
		(void)poll(NULL, 0, 1);
	return !group_has_others(leader, true);
}

static void
test_job(void)
{
	int job_fd;
	pid_t leader = start_with_job(&job_fd), other = start();
	siginfo_t info;
	char c;

	ok(group_has_others(leader, true), "a job of the handler is beside it");
	ok(!group_has_others(leader, false), "and not in its group");
	(void)kill(leader, SIGKILL);
	(void)waitid(P_PID, (id_t)leader, &info, WEXITED | WNOWAIT);
	ok(group_has_others(leader, true), "also when the handler has ended");
	group_signal_all(leader, SIGTERM);
	is_int(read(job_fd, &c, 1), 0, "it can be told to end");
	ok(is_gone_soon(leader), "and is gone then");
	is_int(waitpid(other, NULL, WNOHANG), 0, "nobody else was told");
	(void)kill(other, SIGKILL);
	(void)waitpid(other, NULL, 0);
	(void)waitpid(leader, NULL, 0);
}

/* As a supervisor, which adopts what is left, and its child. */
int
main(void)
{
	int status;
	pid_t child;

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	child = fork();
	if (child == 0) {
		(void)setsid();
		test_job();
		exit(tap_done());
	}
	(void)waitpid(child, &status, 0);
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
