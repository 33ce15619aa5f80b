/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * hold PID...: stops these processes, as if they hung in the kernel: no SIGCONT
 * makes them go on, only SIGKILL ends them.  Prints "held" when all of them
 * stand still; ends when all of them are dead.  When hold itself is killed, the
 * processes that are left go on.
 */
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static pid_t
pid_of(const char *text)
{
	char *end;
	long pid = strtol(text, &end, 10);

	if (pid <= 1 || *end != '\0')
		errx(2, "no pid: %s", text);
	return (pid_t)pid;
}

static void
hold(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) == -1 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == -1 ||
	    waitpid(pid, &status, __WALL) == -1)
		err(2, "cannot hold %ld", (long)pid);
}

int
main(int argc, char **argv)
{
	int i, status;

	if (argc < 2)
		errx(2, "usage: hold pid...");
	for (i = 1; i < argc; i++)
		hold(pid_of(argv[i]));
	puts("held");
	(void)fflush(stdout);
	/* A process that reports anything else is left stopped. */
	while (waitpid(-1, &status, __WALL) != -1 || errno == EINTR)
		continue;
	return 0;
}
