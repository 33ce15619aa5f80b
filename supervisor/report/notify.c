/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See notify.h.
 */
#include "supervisor/report/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	AGAIN_MS = 500,
	EXTEND_EVERY_MS = 5000
};

int
notify_address(const char *socket, struct sockaddr_un *ret_address,
    socklen_t *ret_length)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(socket);

	if ((socket[0] != '/' && socket[0] != '@') || len < 2 ||
	    len >= sizeof(a.sun_path))
		return -1;
	memcpy(a.sun_path, socket, len);
	/*
	 * The length bounds an abstract name: NULs after the name would belong
	 * to it (unix(7)).
	 */
	if (a.sun_path[0] == '@')
		a.sun_path[0] = '\0';
	*ret_address = a;
	*ret_length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return 0;
}

int64_t
notify_ping_every_ms(const char *usec, const char *watched_pid,
    long long own_pid)
{
	const char *bad;
	long long interval;

	if (usec == NULL)
		return 0;
	if (watched_pid != NULL &&
	    (strtonum(watched_pid, 1, INT32_MAX, &bad) != own_pid ||
		bad != NULL))
		return 0;
	interval = strtonum(usec, 1, INT64_MAX, &bad);
	if (bad != NULL)
		return 0;
	return interval / 2000 > 0 ? interval / 2000 : 1;
}

static void
forget_variables(void)
{
	static const char *const names[] = { "NOTIFY_SOCKET", "WATCHDOG_USEC",
		"WATCHDOG_PID", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES",
		"MAINPID" };
	size_t i;

	for (i = 0; i < nitems(names); i++)
		(void)unsetenv(names[i]);
}

void
notify_open(struct notify *n, int64_t now_ms)
{
	const char *socket = getenv("NOTIFY_SOCKET");

	*n = (struct notify){ .length = 0 };
	if (socket != NULL)
		(void)notify_address(socket, &n->address, &n->length);
	n->ping_every_ms = notify_ping_every_ms(getenv("WATCHDOG_USEC"),
	    getenv("WATCHDOG_PID"), getpid());
	n->ping_at_ms = now_ms;
	forget_variables();
}

/*
 * Opens a socket for each message: messages are rare, and so there is no
 * descriptor that a child would have to close.  Returns 0, or an errno.
 */
static int
send_text(const struct notify *n, const char *text)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;

	if (fd == -1)
		return errno;
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL,
		(const struct sockaddr *)&n->address, n->length) == -1)
		error = errno;
	(void)close(fd);
	if (error != 0)
		log_debug("notify_failed", log_str("error", strerror(error)));
	return error;
}

/*
 * Is the error final?  Other errors are a shortage of descriptors, memory or
 * room, and pass.
 */
static bool
is_hopeless(int error)
{
	switch (error) {
	case EACCES:
	case EAFNOSUPPORT:
	case ECONNREFUSED:
	case ENOENT:
	case EPERM:
	case EPROTOTYPE:
		return true;
	default:
		return false;
	}
}

/* Returns whether there is no more to be done about this message. */
static bool
try_to_send(const struct notify *n, const char *text)
{
	int error = send_text(n, text);

	return error == 0 || is_hopeless(error);
}

static void
send_owed(struct notify *n, int64_t now_ms)
{
	n->owed_at_ms = now_ms + AGAIN_MS;
	if (n->reloading[0] != '\0') {
		if (!try_to_send(n, n->reloading))
			return;
		n->reloading[0] = '\0';
	}
	if (n->owed != NULL && try_to_send(n, n->owed))
		n->owed = NULL;
}

static bool
owes(const struct notify *n)
{
	return n->owed != NULL || n->reloading[0] != '\0';
}

static void
owe(struct notify *n, const char *text, int64_t now_ms)
{
	if (n->length == 0)
		return;
	n->owed = text;
	send_owed(n, now_ms);
}

void
notify_ready(struct notify *n, int64_t now_ms)
{
	owe(n, "READY=1", now_ms);
}

/*
 * systemd takes it for a reload only if both are in one message (sd_notify(3)).
 */
void
notify_reloading(struct notify *n, int64_t now_us, int64_t now_ms)
{
	if (n->length == 0)
		return;
	(void)snprintf(n->reloading, sizeof(n->reloading),
	    "RELOADING=1\nMONOTONIC_USEC=%" PRId64, now_us);
	/* A READY=1 that is still owed is replaced by the one after this
	   reload. */
	owe(n, NULL, now_ms);
}

/*
 * Each request for more time has to come within the time that the one before it
 * asked for.
 */
static void
extend_timeout(struct notify *n, int64_t now_ms)
{
	char text[64];

	n->extend_at_ms = now_ms + EXTEND_EVERY_MS;
	if (n->stop_by_ms <= now_ms)
		return;
	(void)snprintf(text, sizeof(text), "EXTEND_TIMEOUT_USEC=%" PRId64,
	    (n->stop_by_ms - now_ms) * 1000);
	(void)send_text(n, text);
}

void
notify_stopping(struct notify *n, int64_t within_ms, int64_t now_ms)
{
	n->reloading[0] = '\0';
	owe(n, "STOPPING=1", now_ms);
	if (n->length == 0)
		return;
	n->stop_by_ms = now_ms + within_ms;
	extend_timeout(n, now_ms);
}

void
notify_status(struct notify *n, const char *status)
{
	char text[NOTIFY_STATUS_MAX + 8];

	if (n->length == 0 || strcmp(n->status, status) == 0)
		return;
	(void)strlcpy(n->status, status, sizeof(n->status));
	(void)snprintf(text, sizeof(text), "STATUS=%s", n->status);
	(void)send_text(n, text);
}

static int64_t
next_deadline(const struct notify *n)
{
	int64_t deadline = CLOCK_NEVER;

	if (owes(n))
		deadline = n->owed_at_ms;
	if (n->ping_every_ms > 0)
		deadline = clock_earlier(deadline, n->ping_at_ms);
	if (n->extend_at_ms < n->stop_by_ms)
		deadline = clock_earlier(deadline, n->extend_at_ms);
	return deadline;
}

int64_t
notify_step(struct notify *n, bool healthy, int64_t now_ms)
{
	if (n->length == 0)
		return CLOCK_NEVER;
	if (owes(n) && n->owed_at_ms <= now_ms)
		send_owed(n, now_ms);
	if (n->ping_every_ms > 0 && n->ping_at_ms <= now_ms) {
		n->ping_at_ms = now_ms + n->ping_every_ms;
		if (healthy)
			(void)send_text(n, "WATCHDOG=1");
	}
	if (n->extend_at_ms <= now_ms && n->extend_at_ms < n->stop_by_ms)
		extend_timeout(n, now_ms);
	return next_deadline(n);
}
