/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A write that is given up, on a terminal that nobody reads.
 */
#include "common/base/timed_write.h"

#include <sys/time.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	LONG = 3000,
	ENOUGH = 100, /* more than a terminal and a pipe hold */
	PATIENT_MS = 5000
};

static char text[LONG];

static void
set_alarm_blocked(bool blocked)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	(void)pthread_sigmask(blocked ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

static bool
is_alarm_blocked(void)
{
	sigset_t set;

	(void)pthread_sigmask(SIG_SETMASK, NULL, &set);
	return sigismember(&set, SIGALRM) == 1;
}

static bool
is_as_before(void)
{
	struct sigaction action;
	struct itimerval timer;
	sigset_t pending;

	(void)sigaction(SIGALRM, NULL, &action);
	(void)getitimer(ITIMER_REAL, &timer);
	(void)sigpending(&pending);
	return action.sa_handler == SIG_DFL && timer.it_value.tv_sec == 0 &&
	    timer.it_value.tv_usec == 0 && sigismember(&pending, SIGALRM) == 0;
}

/*
 * What is full is given up each time, whether SIGALRM is blocked or not.  A
 * terminal may have room again after a write that was cut short: the kernel
 * moves what it holds to the reader's side later.
 */
static void
fill(int fd, const char *what)
{
	int64_t began = clock_ms();
	ssize_t n = LONG;
	int i;

	for (i = 0; i < ENOUGH && n > 0; i++)
		n = timed_write(fd, text, sizeof(text));
	ok(i > 1 && n == -1 && errno == EINTR, what);
	ok(clock_ms() - began < PATIENT_MS, "nobody waits for it");
	ok(is_as_before(), "timer and signal are as before");
}

static void
test_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), fd;

	if (master == -1 || grantpt(master) == -1 || unlockpt(master) == -1 ||
	    (fd = open(ptsname(master), O_RDWR | O_NOCTTY)) == -1) {
		tap_skip("a terminal is filled", strerror(errno));
		return;
	}
	set_alarm_blocked(true);
	fill(fd, "a terminal is filled");
	ok(is_alarm_blocked(), "SIGALRM is blocked again");
	(void)close(fd);
	(void)close(master);
}

static void
test_pipe(void)
{
	int fds[2];

	if (pipe(fds) == -1)
		abort();
	set_alarm_blocked(false);
	fill(fds[1], "a pipe is filled");
	ok(!is_alarm_blocked(), "SIGALRM is not blocked, as before");
	(void)close(fds[0]);
	(void)signal(SIGPIPE, SIG_IGN);
	is_int((long long)timed_write(fds[1], text, 1), -1,
	    "a pipe without a reader");
	is_int(errno, EPIPE, "is an error like any");
	(void)close(fds[1]);
}

int
main(void)
{
	memset(text, 'x', sizeof(text));
	test_terminal();
	test_pipe();
	return tap_done();
}
