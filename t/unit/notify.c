/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Messages to systemd, received by sockets of our own.
 */
#include "supervisor/report/notify.h"

#include <sys/resource.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	NOW = 5000
};

static char received[512];

/* A socket at "/path" or "@name", made without the code under test. */
static int
listen_at(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	memcpy(a.sun_path, name, len);
	if (name[0] == '@')
		a.sun_path[0] = '\0';
	if (bind(fd, (const struct sockaddr *)&a,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) ==
	    -1)
		printf("# cannot bind %s: %s\n", name, strerror(errno));
	return fd;
}

/* The next message, or "" if there is none. */
static const char *
next(int fd)
{
	ssize_t n = recv(fd, received, sizeof(received) - 1, 0);

	received[n > 0 ? n : 0] = '\0';
	return received;
}

static void
open_notify(struct notify *n, const char *socket, const char *usec)
{
	(void)unsetenv("WATCHDOG_USEC");
	(void)unsetenv("NOTIFY_SOCKET");
	if (socket != NULL)
		(void)setenv("NOTIFY_SOCKET", socket, 1);
	if (usec != NULL)
		(void)setenv("WATCHDOG_USEC", usec, 1);
	notify_open(n, NOW);
}

static void
test_socket(const char *socket, const char *name)
{
	struct notify n;
	int fd = listen_at(socket);

	open_notify(&n, socket, NULL);
	notify_ready(&n, NOW);
	is_str(next(fd), "READY=1", name);
	close(fd);
}

/* systemd takes it for a reload only if both are in one message. */
static void
test_reloading(const char *socket)
{
	struct notify n;
	int fd = listen_at(socket);

	open_notify(&n, socket, NULL);
	notify_reloading(&n, 123456789, NOW);
	is_str(next(fd), "RELOADING=1\nMONOTONIC_USEC=123456789",
	    "a reload is told with its time, in one message");
	close(fd);
}

static void
test_addresses(void)
{
	static const struct {
		const char *name, *socket;
		int want;
	} cases[] = {
		{ "a path is an address", "/run/x", 0 },
		{ "an abstract name is an address", "@x", 0 },
		{ "a relative path is none", "run/x", -1 },
		{ "a virtual machine's socket is none", "vsock:2:1", -1 },
		{ "an empty string is none", "", -1 },
		{ "an empty abstract name is none", "@", -1 },
	};
	struct sockaddr_un a;
	socklen_t len;
	char path[sizeof(a.sun_path) + 1];
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(notify_address(cases[i].socket, &a, &len), cases[i].want,
		    cases[i].name);
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	is_int(notify_address(path, &a, &len), -1,
	    "a path that leaves no room for its NUL is refused");
	path[sizeof(path) - 2] = '\0';
	is_int(notify_address(path, &a, &len), 0, "a byte less is taken");
}

static void
test_watchdog_variables(void)
{
	is_int(notify_ping_every_ms("30000000", NULL, 7), 15000,
	    "pings come at half of the interval");
	is_int(notify_ping_every_ms("30000000", "7", 7), 15000,
	    "a watchdog for our pid is ours");
	is_int(notify_ping_every_ms("30000000", "8", 7), 0,
	    "a watchdog for another pid is not");
	is_int(notify_ping_every_ms("30000000", "x", 7), 0,
	    "nor is one for no pid at all");
	is_int(notify_ping_every_ms(NULL, "7", 7), 0,
	    "no interval, no watchdog");
	is_int(notify_ping_every_ms("soon", NULL, 7), 0,
	    "a wrong interval is no watchdog");
	is_int(notify_ping_every_ms("1", NULL, 7), 1,
	    "a tiny interval does not become none");
}

static void
test_environment(void)
{
	static const char *const names[] = { "NOTIFY_SOCKET", "WATCHDOG_USEC",
		"WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
		"MAINPID" };
	struct notify n;
	size_t i, left = 0;

	for (i = 0; i < nitems(names); i++)
		(void)setenv(names[i], "1", 1);
	notify_open(&n, NOW);
	for (i = 0; i < nitems(names); i++)
		if (getenv(names[i]) != NULL)
			left++;
	is_int(left, 0, "no variable of systemd's reaches a handler");
}

static void
test_pings(int fd)
{
	struct notify n;

	open_notify(&n, "@sqsherd-unit", "20000000");
	is_int(notify_step(&n, true, NOW), NOW + 10000,
	    "the first ping is due at once, and the next has its time");
	is_str(next(fd), "WATCHDOG=1", "a ping is sent when it is due");
	notify_step(&n, true, NOW + 9999);
	is_str(next(fd), "", "and not before");
	notify_step(&n, false, NOW + 10000);
	is_str(next(fd), "", "no ping is sent for a pool that is ill");
	notify_step(&n, true, NOW + 20000);
	is_str(next(fd), "WATCHDOG=1", "and again when it is well");
}

static void
test_messages(int fd)
{
	struct notify n;

	open_notify(&n, "@sqsherd-unit", NULL);
	is_int(notify_step(&n, true, NOW), CLOCK_NEVER,
	    "without a watchdog nothing is ever due");
	notify_status(&n, "jobs 1/2 ready");
	is_str(next(fd), "STATUS=jobs 1/2 ready", "a status is sent");
	notify_status(&n, "jobs 1/2 ready");
	is_str(next(fd), "", "the same status is not sent again");
	notify_stopping(&n, 26000, NOW);
	is_str(next(fd), "STOPPING=1", "a stop is announced");
	is_str(next(fd), "EXTEND_TIMEOUT_USEC=26000000",
	    "with the time that it may take");
	is_int(notify_step(&n, true, NOW), NOW + 5000, "and said again");
	notify_step(&n, true, NOW + 5000);
	is_str(next(fd), "EXTEND_TIMEOUT_USEC=21000000",
	    "with what is left of it");
	notify_step(&n, true, NOW + 26000);
	is_str(next(fd), "", "until that is over");
}

/* Until the reader's queue is full; its length is the system's. */
static void
fill_up(struct notify *n)
{
	int i;

	for (i = 0; i < 10000 && n->owed == NULL; i++)
		notify_ready(n, NOW);
}

static void
test_full_socket(int fd)
{
	struct notify n;
	int64_t again_ms;

	open_notify(&n, "@sqsherd-unit", NULL);
	fill_up(&n);
	ok(n.owed != NULL, "a message for a full socket is owed");
	again_ms = notify_step(&n, true, NOW);
	ok(again_ms > NOW, "and tried again later");
	while (next(fd)[0] != '\0')
		continue;
	notify_step(&n, true, again_ms - 1);
	is_str(next(fd), "", "not before its time");
	is_int(notify_step(&n, true, again_ms), CLOCK_NEVER,
	    "nothing is owed any more");
	is_str(next(fd), "READY=1", "once it has arrived");
}

/* No descriptor is to be had: 0, 1, 2 and fd are all that may be open. */
static void
test_shortage(int fd)
{
	struct rlimit old, low;
	struct notify n;
	int64_t again_ms;

	open_notify(&n, "@sqsherd-unit", NULL);
	(void)getrlimit(RLIMIT_NOFILE, &old);
	low = old;
	low.rlim_cur = 0;
	(void)setrlimit(RLIMIT_NOFILE, &low);
	notify_ready(&n, NOW);
	notify_reloading(&n, 5, NOW);
	notify_ready(&n, NOW);
	(void)setrlimit(RLIMIT_NOFILE, &old);
	is_str(next(fd), "", "without a descriptor nothing is told");
	again_ms = notify_step(&n, true, NOW);
	ok(again_ms > NOW && again_ms <= NOW + 1000, "but tried again");
	is_int(notify_step(&n, true, again_ms), CLOCK_NEVER,
	    "after which nothing is owed");
	is_str(next(fd), "RELOADING=1\nMONOTONIC_USEC=5",
	    "when there is one, a reload");
	is_str(next(fd), "READY=1", "and its end, in their order");
	is_str(next(fd), "", "and once");
}

static void
test_dead_socket(void)
{
	struct notify n;

	open_notify(&n, "@sqsherd-unit-nobody", NULL);
	notify_ready(&n, NOW);
	ok(n.owed == NULL, "a message that nobody will ever read is dropped");
	open_notify(&n, NULL, NULL);
	notify_ready(&n, NOW);
	notify_stopping(&n, 1, NOW);
	notify_status(&n, "x");
	is_int(notify_step(&n, true, NOW), CLOCK_NEVER,
	    "without a socket nothing happens");
}

int
main(void)
{
	char directory[] = "/tmp/sqsherd-unit-XXXXXX", path[64];
	int fd;

	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_ERROR);
	if (mkdtemp(directory) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/socket", directory);
	test_socket(path, "a message arrives at a path");
	(void)unlink(path);
	(void)rmdir(directory);
	test_socket("@sqsherd-unit-abstract",
	    "a message arrives at an abstract name");
	test_reloading("@sqsherd-test-reloading");
	test_addresses();
	test_watchdog_variables();
	test_environment();
	fd = listen_at("@sqsherd-unit");
	test_pings(fd);
	test_messages(fd);
	test_full_socket(fd);
	test_shortage(fd);
	close(fd);
	test_dead_socket();
	return tap_done();
}
