/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Starting programs.  See spawn.h.
 *
 * posix_spawn(3) is by far the cheapest way, as it copies no page table.  But
 * glibc calls clone3(2) for it, and another call only if clone3 fails with
 * ENOSYS; container runtimes from before 2021 refuse clone3 with EPERM.  In
 * that case the program is started by fork and exec.
 */
#include "common/base/spawn.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <unistd.h>

#include "common/base/banned.h"

enum {
	REPORT_FD = STDERR_FILENO + 1
};

static int
spawn_fast(const struct spawn *s, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	int error;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes,
	    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
		POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, s->in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, s->out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, s->err, STDERR_FILENO);
	/* Descriptors inherited from this process's parent are not
	 * close-on-exec. */
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	error = (s->search ? posix_spawnp : posix_spawn)(ret_pid, s->path,
	    &actions, &attributes, s->argv, s->envp);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return error;
}

/* ---- without clone3 ---- */

static void
reset_signals(void)
{
	const struct sigaction by_default = { .sa_handler = SIG_DFL };
	sigset_t none;
	int signal;

	/* SIGKILL and SIGSTOP cannot be set, and are at their default. */
	for (signal = 1; signal < NSIG; signal++)
		(void)sigaction(signal, &by_default, NULL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Runs in the new process, so all its calls are async-signal-safe.  Returns
 * only when it fails.
 */
static void
become(const struct spawn *s, int report)
{
	if (setpgid(0, 0) == -1 || dup2(s->in, STDIN_FILENO) == -1 ||
	    dup2(s->out, STDOUT_FILENO) == -1 ||
	    dup2(s->err, STDERR_FILENO) == -1)
		return;
	/* REPORT_FD may be one of s's descriptors, which are copied by now. */
	if (report != REPORT_FD && dup3(report, REPORT_FD, O_CLOEXEC) == -1)
		return;
	closefrom(REPORT_FD + 1);
	reset_signals();
	if (s->search)
		(void)execvpe(s->path, s->argv, s->envp);
	else
		(void)execve(s->path, s->argv, s->envp);
}

/* A successful exec closes the other end, so the read returns 0 bytes. */
static int
read_report(int fd)
{
	int error = 0;
	ssize_t n;

	do {
		n = read(fd, &error, sizeof(error));
	} while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(error) ? error : 0;
}

static int
spawn_slowly(const struct spawn *s, pid_t *ret_pid)
{
	int report[2], error;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC) == -1)
		return errno;
	pid = fork();
	if (pid == 0) {
		become(s, report[1]);
		error = errno;
		/*
		 * If become got as far as closefrom, the pipe is open at
		 * REPORT_FD only.
		 */
		if (write(report[1], &error, sizeof(error)) == -1)
			(void)!write(REPORT_FD, &error, sizeof(error));
		_exit(127);
	}
	error = pid == -1 ? errno : 0;
	(void)close(report[1]);
	if (pid != -1)
		error = read_report(report[0]);
	(void)close(report[0]);
	if (error == 0)
		*ret_pid = pid;
	else if (pid != -1)
		(void)waitpid(pid, NULL, 0);
	return error;
}

int
spawn_process(const struct spawn *s, pid_t *ret_pid)
{
	static bool is_refused;
	int error = is_refused ? EPERM : spawn_fast(s, ret_pid);

	if (error != EPERM)
		return error;
	error = spawn_slowly(s, ret_pid);
	/*
	 * EPERM can also come from the exec of this program: clone3 is not to
	 * blame then.
	 */
	is_refused = error == 0;
	return error;
}

int
spawn_output_pipe(int fds[2])
{
	if (pipe2(fds, O_CLOEXEC) == -1)
		return -1;
	return fcntl(fds[0], F_SETFL, O_NONBLOCK);
}
