/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * onterminal FILE COMMAND [ARG...]: runs a command in a session and on a
 * terminal of its own, which is closed when this process is killed.  What the
 * terminal shows goes to FILE.  Ends when no process has the terminal open.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	char shown[4096];
	int terminal, file;
	ssize_t n;

	if (argc < 3)
		errx(2, "usage: onterminal file command [arg ...]");
	file = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (file == -1)
		err(2, "%s", argv[1]);
	switch (forkpty(&terminal, NULL, NULL, NULL)) {
	case -1:
		err(2, "no terminal");
	case 0:
		(void)signal(SIGHUP, SIG_DFL);
		(void)execvp(argv[2], argv + 2);
		err(127, "%s", argv[2]);
	default:
		break;
	}
	while ((n = read(terminal, shown, sizeof(shown))) > 0 ||
	    (n == -1 && errno == EINTR))
		if (n > 0 && write(file, shown, (size_t)n) != n)
			err(2, "%s", argv[1]);
	return 0;
}
