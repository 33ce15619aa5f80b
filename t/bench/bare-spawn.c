/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The exec handler is measured against this: a loop that starts a program and
 * waits for its end, and that is all.  No message is passed to the program, its
 * output is not read, and its time is not limited.
 *
 *	bare-spawn SECONDS PROGRAM
 *
 * Prints "messages N wall_us N cpu_us N", as sqsherd-null does.
 */
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <unistd.h>

#include "t/bench/measure.h"

#include "common/base/banned.h"

static void
run_once(char *program)
{
	char *const argv[] = { program, NULL };
	int status;
	pid_t pid;

	errno = posix_spawn(&pid, program, NULL, NULL, argv, environ);
	if (errno != 0)
		err(70, "%s", program);
	if (waitpid(pid, &status, 0) == -1 || status != 0)
		errx(70, "%s failed", program);
}

int
main(int argc, char **argv)
{
	long long began = measure_wall_us(), until;
	const char *problem = NULL;
	unsigned long n = 0;

	if (argc != 3)
		errx(64, "usage: bare-spawn seconds program");
	until = began + strtonum(argv[1], 1, 3600, &problem) * 1000000;
	if (problem != NULL)
		errx(64, "seconds \"%s\": %s", argv[1], problem);
	for (; measure_wall_us() < until; n++)
		run_once(argv[2]);
	measure_print(n, began);
	return 0;
}
