/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * HTTP/1.1 on loopback: one request at a time per connection, keep-alive,
 * Content-Length bodies.  The caller's handler gives a request its meaning.
 *
 * A closed connection is only marked dead and lives until conn_reap(), so that
 * no function up the stack holds a stale pointer.
 */

#include "fakesqs_conn.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HEAD_MAX ((size_t)64 * 1024)
/* A scripted answer may be ten messages of 1 MiB, every byte escaped. */
#define BODY_MAX ((size_t)72 * 1024 * 1024)
#define READ_MAX ((size_t)64 * 1024)
#define TURN_MAX ((size_t)256 * 1024) /* written at a time */

TAILQ_HEAD(conn_list, conn);

uint64_t conns_opened;
uint64_t conns_open;
uint64_t conns_max;

static struct conn_list conns = TAILQ_HEAD_INITIALIZER(conns);
static struct conn_list dead_conns = TAILQ_HEAD_INITIALIZER(dead_conns);
static int listen_fd = -1;
static int poll_fd = -1;
static conn_fn *handle_request;

static void conn_process(struct conn *c);
static void conn_flush(struct conn *c);

static void
conn_timer(void *arg, int64_t now_ms)
{
	struct conn *c = arg;

	if (c->state == CONN_DRIPPING) {
		ssize_t n = send(c->fd, c->out.data + c->out_sent, 1,
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n == -1 && errno != EAGAIN) {
			conn_close(c, false);
			return;
		}
		c->out_sent += n == 1 ? 1 : 0;
		if (c->out_sent < c->out.len) {
			timer_set(&c->timer, now_ms + c->fault.ms);
			return;
		}
	}
	c->resumed = c->state == CONN_HANGING;
	c->state = CONN_READY;
	conn_flush(c);
	conn_process(c);
}

static void
conn_new(int fd)
{
	struct conn *c = xcalloc(1, sizeof(*c));
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = c };
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	c->fd = fd;
	c->id = ++conns_opened;
	c->events = EPOLLIN;
	c->timer.fire = conn_timer;
	c->timer.arg = c;
	TAILQ_INSERT_TAIL(&conns, c, link);
	if (++conns_open > conns_max)
		conns_max = conns_open;
	if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &ev) == -1)
		err(1, "epoll_ctl");
}

void
conn_close(struct conn *c, bool reset)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 0 };
	struct call *call;

	if (c->dead)
		return;
	c->dead = true;
	if (c->state == CONN_WAITING && c->cancel != NULL)
		c->cancel(c);
	if ((call = conn_call(c)) != NULL && c->state != CONN_READY)
		call->aborted = true;
	c->state = CONN_READY;
	timer_clear(&c->timer);
	if (reset)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger,
		    sizeof(linger));
	(void)close(c->fd);
	c->fd = -1;
	conns_open--;
	TAILQ_REMOVE(&conns, c, link);
	TAILQ_INSERT_TAIL(&dead_conns, c, link);
}

void
conn_reap(void)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&dead_conns)) != NULL) {
		TAILQ_REMOVE(&dead_conns, c, link);
		arena_release(&c->arena);
		buf_release(&c->in);
		buf_release(&c->out);
		free(c);
	}
}

void
conn_release_all(void)
{
	struct conn *c;

	while ((c = TAILQ_FIRST(&conns)) != NULL)
		conn_close(c, false);
	conn_reap();
	if (listen_fd != -1)
		(void)close(listen_fd);
	listen_fd = -1;
}

static void
conn_want(struct conn *c)
{
	struct epoll_event ev = { .data.ptr = c };

	if (!c->eof)
		ev.events |= EPOLLIN;
	if (c->state != CONN_HELD && c->state != CONN_DRIPPING &&
	    c->out_sent < c->out.len)
		ev.events |= EPOLLOUT;
	if (ev.events == c->events)
		return;
	c->events = ev.events;
	if (epoll_ctl(poll_fd, EPOLL_CTL_MOD, c->fd, &ev) == -1)
		err(1, "epoll_ctl");
}

static void
conn_flush(struct conn *c)
{
	size_t end = c->out.len;

	if (c->dead)
		return;
	/* A client that reads as fast as we write would keep all others
	   waiting. */
	if (end - c->out_sent > TURN_MAX)
		end = c->out_sent + TURN_MAX;
	while (c->out_sent < end) {
		ssize_t n = send(c->fd, c->out.data + c->out_sent,
		    end - c->out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n == -1 && errno == EAGAIN) {
			conn_want(c);
			return;
		}
		if (n == -1) {
			conn_close(c, false);
			return;
		}
		c->out_sent += (size_t)n;
	}
	if (c->out_sent < c->out.len) {
		conn_want(c);
		return;
	}
	buf_reset(&c->out);
	c->out_sent = 0;
	if (c->close_after)
		conn_close(c, false);
	else
		conn_want(c);
}

struct call *
conn_call(const struct conn *c)
{
	return calls_get(c->call_seq);
}

static void
log_key_id(struct call *call, struct span authorization)
{
	static const char mark[] = "Credential=";
	const char *p = authorization.len == 0
	    ? NULL
	    : memmem(authorization.p, authorization.len, mark,
		  sizeof(mark) - 1);
	size_t i, left;

	if (p == NULL)
		return;
	p += sizeof(mark) - 1;
	left = (size_t)(authorization.p + authorization.len - p);
	for (i = 0; i < left && i + 1 < sizeof(call->key_id) && p[i] != '/';
	     i++)
		call->key_id[i] = p[i];
	call->key_id[i] = '\0';
}

void
conn_call_open(struct conn *c, enum op op)
{
	struct call *call;

	c->op = op;
	if (c->resumed)
		return;
	op_counts[op].requests++;
	c->fault = fault_pick(op);
	call = calls_open(op, c->id);
	call->query_mode = c->req.query_mode;
	if (c->fault.kind != FAULT_NONE)
		call->fault = fault_name(c->fault.kind);
	log_key_id(call, c->req.authorization);
	c->call_seq = call->seq;
}

static const char *
reason(int status)
{
	switch (status) {
	case 200:
		return "OK";
	case 307:
		return "Temporary Redirect";
	case 400:
		return "Bad Request";
	case 401:
		return "Unauthorized";
	case 403:
		return "Forbidden";
	case 404:
		return "Not Found";
	case 408:
		return "Request Timeout";
	case 500:
		return "Internal Server Error";
	case 503:
		return "Service Unavailable";
	default:
		return "Status";
	}
}

static const char *
date_now(void)
{
	static const char day[] = "SunMonTueWedThuFriSat";
	static const char month[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static time_t made_for = -1;
	static char text[64];
	time_t now_ms = (time_t)(clock_wall_ms() / 1000);
	struct tm tm;

	if (now_ms == made_for || gmtime_r(&now_ms, &tm) == NULL)
		return text;
	made_for = now_ms;
	/* strftime is not used, because the name of the day must not depend on
	   the locale. */
	(void)snprintf(text, sizeof(text),
	    "%.3s, %02d %.3s %d %02d:%02d:%02d GMT", day + 3 * tm.tm_wday,
	    tm.tm_mday, month + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	return text;
}

static void
write_reply(struct conn *c, const struct reply *r)
{
	uint64_t id = random64();

	buf_addf(&c->out,
	    "HTTP/1.1 %d %s\r\nx-amzn-RequestId: %08x-%04x-5%03x-9%03x-"
	    "%012llx\r\nDate: %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\n",
	    r->status, reason(r->status), (unsigned int)(id >> 32),
	    (unsigned int)(id >> 16 & 0xffff), (unsigned int)(id >> 4 & 0xfff),
	    (unsigned int)(id & 0xfff), (unsigned long long)(mix64(id) >> 16),
	    date_now(),
	    r->type == NULL ? "application/x-amz-json-1.0" : r->type,
	    r->body.len);
	buf_add(&c->out, r->head.data, r->head.len);
	if (c->fault.kind != FAULT_NONE && c->fault.retry_after_ms >= 0)
		buf_addf(&c->out, "x-amz-retry-after: %lld\r\n",
		    (long long)c->fault.retry_after_ms);
	if (!c->req.keep_alive)
		buf_addstr(&c->out, "Connection: close\r\n");
	buf_addstr(&c->out, "\r\n");
	buf_add(&c->out, r->body.data, r->body.len);
}

static void
log_reply(const struct conn *c, int status)
{
	struct call *call = conn_call(c);

	if (call == NULL)
		return;
	call->status = status;
	call->took_ms = clock_ms() - clock_start_ms() - call->at_ms;
	op_counts[call->op].answered++;
	if (status >= 400)
		op_counts[call->op].errors++;
}

/* Sets the connection up for the way in which the answer is spoilt. */
static void
spoil_transport(struct conn *c, size_t body_len)
{
	size_t cut = body_len > 0 ? body_len - body_len / 2 : c->out.len / 2;

	switch (c->fault.kind) {
	case FAULT_CUT_AFTER:
		c->out.len = c->out_sent;
		c->close_after = true;
		break;
	case FAULT_BYTES:
		c->out.len = c->out_sent;
		buf_add(&c->out, c->fault.raw.p, c->fault.raw.len);
		c->close_after = true;
		break;
	case FAULT_CUT_MID:
		c->out.len -= cut;
		c->close_after = true;
		break;
	case FAULT_SLOW:
		c->state = CONN_HELD;
		timer_set(&c->timer, clock_ms() + c->fault.ms);
		break;
	case FAULT_DRIP:
		c->state = CONN_DRIPPING;
		timer_set(&c->timer, clock_ms());
		break;
	default:
		break;
	}
}

void
conn_reply(struct conn *c, struct reply *r)
{
	bool later = c->state == CONN_WAITING;

	if (!c->dead) {
		c->state = CONN_READY;
		c->cancel = NULL;
		c->waiting = NULL;
		if (!c->req.keep_alive)
			c->close_after = true;
		log_reply(c, c->fault.kind == FAULT_CUT_AFTER ? 0 : r->status);
		write_reply(c, r);
		spoil_transport(c, r->body.len);
		if (c->state == CONN_READY)
			conn_flush(c);
		if (later)
			conn_process(c);
	}
	buf_reset(&r->head);
	buf_reset(&r->body);
	r->type = NULL;
}

void
conn_hang(struct conn *c, int64_t ms)
{
	c->state = CONN_HANGING;
	if (ms > 0)
		timer_set(&c->timer, clock_ms() + ms);
}

void
conn_wait(struct conn *c, void *waiting, conn_fn *cancel)
{
	c->state = CONN_WAITING;
	c->waiting = waiting;
	c->cancel = cancel;
}

/* Ends a connection whose bytes make no sense. */
static void
refuse(struct conn *c, int status, const char *why)
{
	struct reply r = { .status = status, .type = "text/plain" };

	c->fault = (struct fault){ .kind = FAULT_NONE };
	c->call_seq = 0;
	c->req.keep_alive = false;
	buf_addf(&r.body, "fakesqs: %s\n", why);
	conn_reply(c, &r);
	buf_release(&r.body);
}

static struct span
trim(const char *from, const char *to)
{
	while (from < to && (*from == ' ' || *from == '\t'))
		from++;
	while (to > from && (to[-1] == ' ' || to[-1] == '\t'))
		to--;
	return (struct span){ from, (size_t)(to - from) };
}

static void
parse_header(struct request *req, const char *line, const char *end,
    uint64_t *ret_body_len)
{
	const char *colon = memchr(line, ':', (size_t)(end - line));
	const struct {
		const char *name;
		struct span *to;
	} texts[] = {
		{ "x-amz-target", &req->target },
		{ "authorization", &req->authorization },
		{ "content-type", &req->content_type },
		{ "x-aws-ec2-metadata-token", &req->imds_token },
		{ "x-aws-ec2-metadata-token-ttl-seconds", &req->imds_ttl },
		{ "x-amz-date", &req->amz_date },
	};
	struct span name, value;
	size_t i;

	if (colon == NULL)
		return;
	name = (struct span){ line, (size_t)(colon - line) };
	value = trim(colon + 1, end);
	for (i = 0; i < nitems(texts); i++) {
		if (span_is_nocase(name, texts[i].name)) {
			*texts[i].to = value;
			return;
		}
	}
	if (span_is_nocase(name, "content-length"))
		*ret_body_len = strtoull(value.p, NULL, 10);
	else if (span_is_nocase(name, "connection"))
		req->keep_alive = span_is_nocase(value, "keep-alive") ||
		    (req->keep_alive && !span_is_nocase(value, "close"));
	else if (span_is_nocase(name, "x-amzn-query-mode"))
		req->query_mode = span_is_nocase(value, "true");
	else if (span_is_nocase(name, "expect"))
		req->expects_continue = span_is_nocase(value, "100-continue");
	else if (span_is_nocase(name, "transfer-encoding"))
		req->chunked = true;
}

static bool
parse_request_line(struct request *req, const char *line, const char *end)
{
	const char *sp1, *sp2, *mark;
	struct span version;

	sp1 = memchr(line, ' ', (size_t)(end - line));
	if (sp1 == NULL)
		return false;
	sp2 = memchr(sp1 + 1, ' ', (size_t)(end - sp1 - 1));
	if (sp2 == NULL)
		return false;
	version = (struct span){ sp2 + 1, (size_t)(end - sp2 - 1) };
	if (!span_starts(version, "HTTP/1."))
		return false;
	req->keep_alive = span_is(version, "HTTP/1.1");
	req->method = (struct span){ line, (size_t)(sp1 - line) };
	req->path = (struct span){ sp1 + 1, (size_t)(sp2 - sp1 - 1) };
	mark = memchr(req->path.p, '?', req->path.len);
	if (mark != NULL) {
		req->query =
		    (struct span){ mark + 1, (size_t)(sp2 - mark - 1) };
		req->path.len = (size_t)(mark - req->path.p);
	}
	return true;
}

static bool
parse_head(struct request *req, const char *head, size_t len,
    uint64_t *ret_body_len)
{
	const char *line = head, *end = head + len, *eol;
	bool first = true;

	*req = (struct request){ 0 };
	*ret_body_len = 0;
	for (; line < end; line = eol + 2) {
		eol = memmem(line, (size_t)(end - line), "\r\n", 2);
		if (eol == NULL || eol == line)
			break;
		if (!first)
			parse_header(req, line, eol, ret_body_len);
		else if (!parse_request_line(req, line, eol))
			return false;
		first = false;
	}
	return !first;
}

/* True when c->req holds a whole request. */
static bool
conn_parse(struct conn *c)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	uint64_t body_len;
	const char *end;
	size_t head_len;

	if (c->in.len == 0)
		return false;
	end = memmem(c->in.data, c->in.len, "\r\n\r\n", 4);
	if (end == NULL) {
		if (c->in.len > HEAD_MAX)
			refuse(c, 431, "request head too large");
		return false;
	}
	head_len = (size_t)(end - c->in.data) + 4;
	if (!parse_head(&c->req, c->in.data, head_len, &body_len)) {
		refuse(c, 400, "no HTTP/1.1 request");
		return false;
	}
	if (c->req.chunked || body_len > BODY_MAX) {
		refuse(c, c->req.chunked ? 411 : 413, "body refused");
		return false;
	}
	if (c->in.len - head_len < body_len) {
		if (c->req.expects_continue && !c->continued) {
			c->continued = true;
			buf_addstr(&c->out, go_on);
			conn_flush(c);
		}
		return false;
	}
	c->req.body = (struct span){ c->in.data + head_len, body_len };
	c->req.total = head_len + body_len;
	return true;
}

static void
conn_process(struct conn *c)
{
	while (!c->dead && !c->close_after && c->state == CONN_READY &&
	    conn_parse(c)) {
		size_t total = c->req.total;

		if (!c->resumed) {
			c->call_seq = 0;
			c->fault = (struct fault){ .kind = FAULT_NONE };
		}
		arena_reset(&c->arena);
		handle_request(c);
		c->resumed = false;
		if (c->state == CONN_HANGING)
			continue;
		buf_drop(&c->in, total);
		c->continued = false;
	}
	if (!c->dead && c->eof && c->state == CONN_READY) {
		c->close_after = true;
		conn_flush(c);
	}
}

static void
conn_read(struct conn *c)
{
	ssize_t n;

	buf_reserve(&c->in, READ_MAX);
	n = recv(c->fd, c->in.data + c->in.len, c->in.cap - c->in.len - 1,
	    MSG_DONTWAIT);
	if (n == -1) {
		if (errno != EAGAIN && errno != EINTR)
			conn_close(c, false);
		return;
	}
	c->in.len += (size_t)n;
	c->in.data[c->in.len] = '\0';
	c->eof = n == 0;
	/* A client that waits for an answer does not close its side. */
	if ((c->eof && c->state != CONN_READY) ||
	    c->in.len > HEAD_MAX + 2 * BODY_MAX) {
		conn_close(c, false);
		return;
	}
	conn_process(c);
	if (!c->dead)
		conn_want(c);
}

static void
conn_accept(void)
{
	int fd, i;

	for (i = 0; i < 64; i++) {
		fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd == -1)
			return;
		conn_new(fd);
	}
}

void
conn_event(void *data, unsigned int events)
{
	struct conn *c = data;

	if (c == NULL) {
		conn_accept();
		return;
	}
	if (!c->dead && (events & EPOLLOUT))
		conn_flush(c);
	if (!c->dead && (events & EPOLLIN))
		conn_read(c);
	if (!c->dead && (events & (EPOLLERR | EPOLLHUP)))
		conn_close(c, false);
}

int
conn_listen(int epoll_fd, int port, conn_fn *handle)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = NULL };
	socklen_t len = sizeof(sin);
	int one = 1;

	poll_fd = epoll_fd;
	handle_request = handle;
	listen_fd =
	    socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listen_fd == -1 ||
	    setsockopt(listen_fd, SOL_SOCKET, SO_REUSEADDR, &one,
		sizeof(one)) == -1 ||
	    bind(listen_fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    listen(listen_fd, 1024) == -1 ||
	    getsockname(listen_fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "listen on port %d", port);
	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &ev) == -1)
		err(1, "epoll_ctl");
	return ntohs(sin.sin_port);
}
