/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See terminal.h.
 */
#include "supervisor/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "common/base/banned.h"

/* Returns 0 if the terminal can be opened, or errno. */
static int
try_to_open(void)
{
	int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd == -1)
		return errno;
	(void)close(fd);
	return 0;
}

bool
terminal_binds_us(void)
{
	struct sigaction hangup;

	return sigaction(SIGHUP, NULL, &hangup) == 0 &&
	    hangup.sa_handler != SIG_IGN && try_to_open() == 0;
}

/*
 * ENXIO means that there is no terminal, EIO that it was hung up.  Other errors
 * prove nothing.
 */
bool
terminal_is_gone(void)
{
	int error = try_to_open();

	return error == ENXIO || error == EIO;
}

bool
terminal_may_have_sent(int code, pid_t sender)
{
	pid_t session;

	if (code == SI_KERNEL)
		return true;
	if (sender == 0) /* of another pid namespace */
		return false;
	session = getsid(sender);
	return session == -1 || session == getsid(0);
}
