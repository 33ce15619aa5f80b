/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Faults for sqsherd under test, in a library that is preloaded: none of this
 * is in the program.  The environment names the faults:
 *
 *	SHIM_FORK_FAIL=N	the supervisor's first N forks fail: EAGAIN
 *	SHIM_FAIL=init		a child gets no descriptor for signals
 *	SHIM_HOLD=POINT		whoever comes to POINT makes SHIM_FILE.POINT
 *				and waits until SHIM_FILE exists:
 *		start	the supervisor, before it has a descriptor for signals
 *		fork	a new process, before its first line
 *		init	a child, before it has a descriptor for signals
 *		spawn	a child, before it starts a handler
 *		halted	the supervisor, after it has seen that a child was
 *			stopped, before it looks again
 *	SHIM_CLOCK=FILE		the seconds in FILE are added to the wall clock
 *
 * While there is SHIM_FILE.nofork all forks of the supervisor fail: EAGAIN.
 * While there is SHIM_FILE.full the pipe that is stderr is filled, as if by
 * another process, before each write to it.
 *
 * At each turn of its loop (SIGUSR2 makes it turn) a child does what is in the
 * file SHIM_FILE.PID, if there is one:
 *
 *	exit N		ends with status N
 *	spin		never waits again
 *	deaf		spins, and ignores SIGABRT
 *	garbage		overwrites the scoreboard, then dies
 *
 * Other programs, above all handlers, inherit the environment but are left
 * alone.
 */
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <curl/curl.h>

enum {
	HOLD_MAX_MS = 60000,
	HOLD_STEP_MS = 2
};

static bool in_child;

static bool
is_meant(void)
{
	return strcmp(program_invocation_short_name, "sqsherd") == 0;
}

/* ISO C has no cast from an object's address to a function's. */
static void
find_next(const char *name, void *ret, size_t size)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		_exit(99);
	memcpy(ret, &p, size);
}

static const char *
file_name(const char *suffix)
{
	static char name[512];
	const char *file = getenv("SHIM_FILE");

	(void)snprintf(name, sizeof(name), "%s%s%s", file != NULL ? file : "",
	    suffix[0] != '\0' ? "." : "", suffix);
	return name;
}

static void
sleep_ms(long ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };

	(void)nanosleep(&t, NULL);
}

static void
hold(const char *point)
{
	const char *wanted = getenv("SHIM_HOLD");
	int fd, waited;

	if (!is_meant() || wanted == NULL || strcmp(wanted, point) != 0)
		return;
	fd = open(file_name(point), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd != -1)
		(void)close(fd);
	for (waited = 0; waited < HOLD_MAX_MS; waited += HOLD_STEP_MS) {
		if (access(file_name(""), F_OK) == 0)
			return;
		sleep_ms(HOLD_STEP_MS);
	}
}

/* ---- the functions in front of the library's ---- */

pid_t
fork(void)
{
	static int failures;
	pid_t (*next)(void);
	const char *fail = getenv("SHIM_FORK_FAIL");
	pid_t pid;

	if (is_meant() &&
	    ((fail != NULL && failures++ < atoi(fail)) ||
		(getenv("SHIM_FILE") != NULL &&
		    access(file_name("nofork"), F_OK) == 0))) {
		errno = EAGAIN;
		return -1;
	}
	find_next("fork", &next, sizeof(next));
	pid = next();
	if (pid == 0) {
		in_child = true;
		hold("fork");
	}
	return pid;
}

int
signalfd(int fd, const sigset_t *mask, int flags)
{
	int (*next)(int, const sigset_t *, int);

	hold(in_child ? "init" : "start");
	if (in_child && getenv("SHIM_FAIL") != NULL && is_meant()) {
		errno = EMFILE;
		return -1;
	}
	find_next("signalfd", &next, sizeof(next));
	return next(fd, mask, flags);
}

int
posix_spawn(pid_t *pid, const char *path,
    const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attr,
    char *const argv[], char *const envp[])
{
	int (*next)(pid_t *, const char *, const posix_spawn_file_actions_t *,
	    const posix_spawnattr_t *, char *const[], char *const[]);

	hold("spawn");
	find_next("posix_spawn", &next, sizeof(next));
	return next(pid, path, actions, attr, argv, envp);
}

/*
 * O_NONBLOCK is set only for a moment, because other processes share the flags.
 */
static void
fill_log(int fd)
{
	static const char junk[4096];
	ssize_t (*next)(int, const void *, size_t);
	int flags;

	if (fd != STDERR_FILENO || !is_meant() || getenv("SHIM_FILE") == NULL ||
	    access(file_name("full"), F_OK) == -1)
		return;
	find_next("write", &next, sizeof(next));
	flags = fcntl(fd, F_GETFL);
	(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	while (next(fd, junk, sizeof(junk)) > 0)
		continue;
	while (next(fd, junk, 1) > 0)
		continue;
	(void)fcntl(fd, F_SETFL, flags);
}

ssize_t
write(int fd, const void *p, size_t len)
{
	ssize_t (*next)(int, const void *, size_t);

	fill_log(fd);
	find_next("write", &next, sizeof(next));
	return next(fd, p, len);
}

ssize_t
splice(int from, off64_t *from_at, int to, off64_t *to_at, size_t len,
    unsigned flags)
{
	ssize_t (*next)(int, off64_t *, int, off64_t *, size_t, unsigned);

	fill_log(to);
	find_next("splice", &next, sizeof(next));
	return next(from, from_at, to, to_at, len, flags);
}

int
waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	int (*next)(idtype_t, id_t, siginfo_t *, int);
	int result;

	find_next("waitid", &next, sizeof(next));
	result = next(type, id, info, options);
	if (result == 0 && !in_child && (options & WNOWAIT) != 0 &&
	    info->si_pid != 0 && info->si_code == CLD_STOPPED)
		hold("halted");
	return result;
}

static long
wall_clock_offset(void)
{
	const char *file = getenv("SHIM_CLOCK");
	char text[32];
	ssize_t n;
	int fd;

	if (file == NULL || !is_meant())
		return 0;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return atol(text);
}

int
clock_gettime(clockid_t clock, struct timespec *ret)
{
	int (*next)(clockid_t, struct timespec *);
	int result;

	find_next("clock_gettime", &next, sizeof(next));
	result = next(clock, ret);
	if (result == 0 && clock == CLOCK_REALTIME)
		ret->tv_sec += wall_clock_offset();
	return result;
}

/* ---- a child's loop ---- */

/* Overwrites all memory that is shared with the supervisor. */
static void
scribble(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned long start, end;

	while (maps != NULL && fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, "rw-s") != NULL &&
		    strstr(line, "/dev/zero") != NULL &&
		    sscanf(line, "%lx-%lx", &start, &end) == 2)
			for (; start < end; start++)
				*(volatile unsigned char *)start =
				    (unsigned char)(random() & 0xff);
}

static _Noreturn void
spin(void)
{
	for (;;)
		continue;
}

static void
obey(const char *order)
{
	if (strncmp(order, "exit ", 5) == 0)
		_exit(atoi(order + 5));
	if (strncmp(order, "spin", 4) == 0)
		spin();
	if (strncmp(order, "deaf", 4) == 0) {
		(void)signal(SIGABRT, SIG_IGN);
		spin();
	}
	if (strncmp(order, "garbage", 7) == 0) {
		scribble();
		(void)kill(getpid(), SIGKILL);
	}
}

static void
take_order(void)
{
	char pid[16], order[32];
	ssize_t n;
	int fd;

	if (!is_meant() || getenv("SHIM_FILE") == NULL)
		return;
	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	fd = open(file_name(pid), O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return;
	n = read(fd, order, sizeof(order) - 1);
	(void)close(fd);
	order[n > 0 ? n : 0] = '\0';
	obey(order);
}

CURLMcode
curl_multi_poll(CURLM *multi, struct curl_waitfd extra_fds[],
    unsigned extra_nfds, int timeout_ms, int *ret)
{
	CURLMcode (*next)(CURLM *, struct curl_waitfd[], unsigned, int, int *);

	take_order();
	find_next("curl_multi_poll", &next, sizeof(next));
	return next(multi, extra_fds, extra_nfds, timeout_ms, ret);
}
