/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The timer repeats itself: the first signal may come before the write has
 * begun.  See timed_write.h.
 */
#include "common/base/timed_write.h"

#include <sys/time.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "common/base/banned.h"

/* Without a handler the signal would end the process. */
static void
on_alarm(int signal)
{
	(void)signal;
}

ssize_t
timed_write(int fd, const void *p, size_t len)
{
	const struct itimerval never = { .it_value = { 0, 0 } };
	const struct itimerval soon = {
		.it_value = { .tv_usec = TIMED_WRITE_MS * 1000L },
		.it_interval = { .tv_usec = TIMED_WRITE_MS * 1000L }
	};
	const struct sigaction interrupt = { .sa_handler = on_alarm };
	struct sigaction action;
	sigset_t alarm_only, mask;
	ssize_t n;
	int error;

	sigemptyset(&alarm_only);
	sigaddset(&alarm_only, SIGALRM);
	(void)sigaction(SIGALRM, &interrupt, &action);
	(void)pthread_sigmask(SIG_UNBLOCK, &alarm_only, &mask);
	(void)setitimer(ITIMER_REAL, &soon, NULL);
	n = write(fd, p, len);
	error = errno;
	/* SIGALRM is still unblocked here, so a pending one is handled now. */
	(void)setitimer(ITIMER_REAL, &never, NULL);
	(void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
	(void)sigaction(SIGALRM, &action, NULL);
	errno = error;
	return n;
}
