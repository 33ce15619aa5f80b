/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Two pages over HTTP, by libmicrohttpd in the reporter's own loop.
 * See endpoint.h.
 */
#include "child/endpoint.h"

#include <sys/socket.h>

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/listen.h"
#include "common/xalloc.h"

#include "common/banned.h"

enum {
	BACKLOG = 64,
	CLIENT_BYTES = 8 * 1024, /* of a request, and for its answer's head */
	PAGE_MAX = 16 * 1024 * 1024
};

struct client {
	int fd; /* -1: free */
	int64_t since_ms;
};

struct endpoint {
	struct MHD_Daemon *daemon;
	endpoint_page_fn *page;
	void *arg;
	int fd; /* epoll(7)'s */
	uint16_t port;
	struct client clients[ENDPOINT_CLIENTS];
};

/* ---- answers ---- */

static enum MHD_Result
answer(struct MHD_Connection *connection, unsigned status, const char *type,
    const char *text, size_t len)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(len,
	    memcpy(xmalloc(len + 1), text, len), MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result;

	if (r == NULL)
		return MHD_NO;
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close");
	(void)MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL,
	    "no-store");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		(void)MHD_add_response_header(r, MHD_HTTP_HEADER_ALLOW,
		    "GET, HEAD");
	result = MHD_queue_response(connection, status, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result
refuse(struct MHD_Connection *connection, unsigned status, const char *why)
{
	return answer(connection, status, "text/plain; charset=utf-8", why,
	    strlen(why));
}

static enum MHD_Result
answer_page(struct endpoint *e, struct MHD_Connection *connection,
    enum endpoint_page page)
{
	struct buf text = BUF_INIT(PAGE_MAX);
	int status = e->page(e->arg, page, &text);
	enum MHD_Result result;

	result = answer(connection, (unsigned)status,
	    page == ENDPOINT_METRICS && status == MHD_HTTP_OK
		? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		: "text/plain; charset=utf-8",
	    buf_str(&text), text.len);
	buf_release(&text);
	return result;
}

/* At the end of the head; a body that may follow is not waited for. */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **state)
{
	(void)version;
	(void)data;
	(void)size;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "GET or HEAD\n");
	if (strcmp(url, "/metrics") == 0)
		return answer_page(arg, connection, ENDPOINT_METRICS);
	if (strcmp(url, "/health") == 0)
		return answer_page(arg, connection, ENDPOINT_HEALTH);
	return refuse(connection, MHD_HTTP_NOT_FOUND,
	    "there are /metrics and /health\n");
}

/* ---- clients ---- */

static struct client *
find(struct endpoint *e, int fd)
{
	size_t i;

	for (i = 0; i < ENDPOINT_CLIENTS; i++)
		if (e->clients[i].fd == fd)
			return &e->clients[i];
	return NULL;
}

static void
on_connection(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection,
		MHD_CONNECTION_INFO_CONNECTION_FD);
	struct endpoint *e = arg;
	struct client *client;

	(void)state;
	client = find(e,
	    code == MHD_CONNECTION_NOTIFY_STARTED ? -1 : info->connect_fd);
	if (client == NULL)
		return;
	client->fd =
	    code == MHD_CONNECTION_NOTIFY_STARTED ? info->connect_fd : -1;
	client->since_ms = clock_ms();
}

/* The daemon's own timeout begins anew with each byte, so it bounds nothing. */
static void
cut_off_the_slow(struct endpoint *e, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < ENDPOINT_CLIENTS; i++)
		if (e->clients[i].fd != -1 &&
		    e->clients[i].since_ms + ENDPOINT_CLIENT_MS <= now_ms)
			(void)shutdown(e->clients[i].fd, SHUT_RDWR);
}

void
endpoint_step(struct endpoint *e, int64_t now_ms)
{
	cut_off_the_slow(e, now_ms);
	(void)MHD_run(e->daemon);
}

int64_t
endpoint_deadline(const struct endpoint *e, int64_t now_ms)
{
	int64_t deadline = CLOCK_NEVER;
	MHD_UNSIGNED_LONG_LONG timeout_ms;
	size_t i;

	for (i = 0; i < ENDPOINT_CLIENTS; i++)
		if (e->clients[i].fd != -1)
			deadline = clock_earlier(deadline,
			    e->clients[i].since_ms + ENDPOINT_CLIENT_MS);
	/* Cut off once, and the rest is the daemon's: no busy loop. */
	if (deadline <= now_ms)
		deadline = now_ms + 100;
	if (MHD_get_timeout(e->daemon, &timeout_ms) == MHD_YES)
		deadline =
		    clock_earlier(deadline, now_ms + (int64_t)timeout_ms);
	return deadline;
}

/* ---- the socket ---- */

/* -1 with errno. */
static int
open_socket(const char *address)
{
	struct listen_address a;
	int fd, saved, one = 1;

	if (listen_parse(address, &a) == -1) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(a.address.ss_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (const struct sockaddr *)&a.address, a.len) == 0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	(void)close(fd);
	errno = saved;
	return -1;
}

/* The daemon owns the socket once it has started. */
static int
start(struct endpoint *e, int fd)
{
	const union MHD_DaemonInfo *info;

	e->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request,
	    e, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)ENDPOINT_CLIENTS, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)(ENDPOINT_CLIENT_MS / 1000),
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_BYTES,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, e, MHD_OPTION_END);
	if (e->daemon == NULL)
		return -1;
	info = MHD_get_daemon_info(e->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	e->fd = info != NULL ? info->epoll_fd : -1;
	info = MHD_get_daemon_info(e->daemon, MHD_DAEMON_INFO_BIND_PORT);
	e->port = info != NULL ? info->port : 0;
	return 0;
}

struct endpoint *
endpoint_open(const char *address, endpoint_page_fn *page, void *arg)
{
	struct endpoint *e;
	int fd = open_socket(address);
	size_t i;

	if (fd == -1)
		return NULL;
	e = xcalloc(1, sizeof(*e));
	e->page = page;
	e->arg = arg;
	for (i = 0; i < ENDPOINT_CLIENTS; i++)
		e->clients[i].fd = -1;
	if (start(e, fd) == 0)
		return e;
	(void)close(fd);
	free(e);
	errno = ENOMEM;
	return NULL;
}

void
endpoint_close(struct endpoint *e)
{
	if (e == NULL)
		return;
	MHD_stop_daemon(e->daemon);
	free(e);
}

int
endpoint_fd(const struct endpoint *e)
{
	return e->fd;
}

uint16_t
endpoint_port(const struct endpoint *e)
{
	return e->port;
}
