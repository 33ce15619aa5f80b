/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* libmicrohttpd runs in the reporter's own loop.  See reporter_http.h. */
#include "child/reporter/reporter_http.h"

#include <sys/socket.h>

#include <errno.h>
#include <microhttpd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/listen_address.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	/* The queue of connections to accept is longer than the list of
	   clients, because a dropped SYN costs a client a second. */
	BACKLOG = 1024,
	/* The daemon accepts ten connections before it sees that others were
	   cut off. */
	SPARE = 16,
	PLACES = REPORTER_HTTP_CLIENTS + SPARE,
	CLIENT_BYTES = 8 * 1024, /* of a request, and for its answer's head */
	PAGE_MAX = 16 * 1024 * 1024
};

struct http_client {
	int fd; /* -1: free */
	int64_t since_ms;
	uint64_t number;
	bool has_asked;
	bool is_cut_off;
};

struct reporter_http {
	struct MHD_Daemon *daemon;
	reporter_http_page_fn *page;
	void *arg;
	int fd; /* epoll(7)'s */
	uint16_t port;
	uint64_t let_in;
	bool has_cut; /* a connection, which the daemon has yet to close */
	struct http_client clients[PLACES];
};

/* ---- clients ---- */

static struct http_client *
find(struct reporter_http *h, int fd)
{
	size_t i;

	for (i = 0; i < PLACES; i++)
		if (h->clients[i].fd == fd)
			return &h->clients[i];
	return NULL;
}

static int
fd_of(struct MHD_Connection *connection)
{
	return MHD_get_connection_info(connection,
	    MHD_CONNECTION_INFO_CONNECTION_FD)
	    ->connect_fd;
}

static void
cut_off(struct reporter_http *h, struct http_client *client)
{
	(void)shutdown(client->fd, SHUT_RDWR);
	client->is_cut_off = true;
	h->has_cut = true;
}

static bool
gives_way_before(const struct http_client *a, const struct http_client *b)
{
	if (a->has_asked != b->has_asked)
		return b->has_asked;
	return a->number < b->number;
}

/* If there are too many clients, cuts one off. */
static void
make_room(struct reporter_http *h)
{
	struct http_client *first = NULL;
	size_t i, n = 0;

	for (i = 0; i < PLACES; i++) {
		struct http_client *c = &h->clients[i];

		if (c->fd == -1 || c->is_cut_off)
			continue;
		n++;
		if (first == NULL || gives_way_before(c, first))
			first = c;
	}
	if (n > REPORTER_HTTP_CLIENTS)
		cut_off(h, first);
}

static void
let_in(struct reporter_http *h, int fd)
{
	struct http_client *client = find(h, -1);

	if (client == NULL) /* cannot be: the daemon has the same limit */
		return;
	*client = (struct http_client){ .fd = fd,
		.since_ms = clock_ms(),
		.number = ++h->let_in };
	make_room(h);
}

static void
on_connection(void *arg, struct MHD_Connection *connection, void **state,
    enum MHD_ConnectionNotificationCode code)
{
	struct reporter_http *h = arg;
	struct http_client *client;

	(void)state;
	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		let_in(h, fd_of(connection));
		return;
	}
	client = find(h, fd_of(connection));
	if (client != NULL)
		client->fd = -1;
}

/* The daemon's own timeout begins anew with each byte, so it bounds nothing. */
static void
cut_off_the_slow(struct reporter_http *h, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < PLACES; i++)
		if (h->clients[i].fd != -1 && !h->clients[i].is_cut_off &&
		    h->clients[i].since_ms + REPORTER_HTTP_CLIENT_MS <= now_ms)
			cut_off(h, &h->clients[i]);
}

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
answer_page(struct reporter_http *h, struct MHD_Connection *connection,
    enum reporter_http_page page)
{
	struct buf text = BUF_INIT(PAGE_MAX);
	int status = h->page(h->arg, page, &text);
	enum MHD_Result result;

	result = answer(connection, (unsigned)status,
	    page == REPORTER_HTTP_METRICS && status == MHD_HTTP_OK
		? "application/openmetrics-text; version=1.0.0; charset=utf-8"
		: "text/plain; charset=utf-8",
	    buf_str(&text), text.len);
	buf_release(&text);
	return result;
}

/* Answers at the end of the head; does not wait for a body that may follow. */
static enum MHD_Result
on_request(void *arg, struct MHD_Connection *connection, const char *url,
    const char *method, const char *version, const char *data, size_t *size,
    void **state)
{
	struct http_client *client = find(arg, fd_of(connection));

	(void)version;
	(void)data;
	(void)size;
	(void)state;
	if (client != NULL)
		client->has_asked = true;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
		    "GET or HEAD\n");
	if (strcmp(url, "/metrics") == 0)
		return answer_page(arg, connection, REPORTER_HTTP_METRICS);
	if (strcmp(url, "/health") == 0)
		return answer_page(arg, connection, REPORTER_HTTP_HEALTH);
	return refuse(connection, MHD_HTTP_NOT_FOUND,
	    "there are /metrics and /health\n");
}

/* ---- the loop ---- */

static int64_t
next_ms(const struct reporter_http *h, int64_t now_ms)
{
	int64_t next = CLOCK_NEVER;
	MHD_UNSIGNED_LONG_LONG timeout_ms;
	size_t i;

	for (i = 0; i < PLACES; i++)
		if (h->clients[i].fd != -1 && !h->clients[i].is_cut_off)
			next = clock_earlier(next,
			    h->clients[i].since_ms + REPORTER_HTTP_CLIENT_MS);
	if (MHD_get_timeout(h->daemon, &timeout_ms) == MHD_YES)
		next = clock_earlier(next, now_ms + (int64_t)timeout_ms);
	return next;
}

int64_t
reporter_http_step(struct reporter_http *h, int64_t now_ms)
{
	cut_off_the_slow(h, now_ms);
	h->has_cut = false;
	(void)MHD_run(h->daemon);
	/* If there are too many clients, the daemon accepts none before those
	   that were cut off are closed. */
	if (h->has_cut)
		(void)MHD_run(h->daemon);
	return next_ms(h, now_ms);
}

/* ---- the socket ---- */

/* -1 with errno. */
static int
open_socket(const char *address)
{
	struct listen_address a;
	int fd, saved, one = 1;

	if (listen_address_parse(address, &a) == -1) {
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
start(struct reporter_http *h, int fd)
{
	const union MHD_DaemonInfo *info;

	h->daemon = MHD_start_daemon(MHD_USE_EPOLL, 0, NULL, NULL, on_request,
	    h, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned)PLACES, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)(REPORTER_HTTP_CLIENT_MS / 1000),
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_BYTES,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
	if (h->daemon == NULL)
		return -1;
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	h->fd = info != NULL ? info->epoll_fd : -1;
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT);
	h->port = info != NULL ? info->port : 0;
	return 0;
}

struct reporter_http *
reporter_http_open(const char *address, reporter_http_page_fn *page, void *arg)
{
	struct reporter_http *h;
	int fd = open_socket(address);
	size_t i;

	if (fd == -1)
		return NULL;
	h = xcalloc(1, sizeof(*h));
	h->page = page;
	h->arg = arg;
	for (i = 0; i < PLACES; i++)
		h->clients[i].fd = -1;
	if (start(h, fd) == 0)
		return h;
	(void)close(fd);
	free(h);
	errno = ENOMEM;
	return NULL;
}

void
reporter_http_close(struct reporter_http *h)
{
	if (h == NULL)
		return;
	MHD_stop_daemon(h->daemon);
	free(h);
}

int
reporter_http_fd(const struct reporter_http *h)
{
	return h->fd;
}

uint16_t
reporter_http_port(const struct reporter_http *h)
{
	return h->port;
}
