/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The reporter is a process of its own because it talks to strangers, which the
 * supervisor must not and children have no time for.  All that it knows comes
 * from the supervisor, so when it dies only the answer or the lines that it was
 * just writing are lost.  See reporter.h.
 */
#include "child/reporter/reporter.h"

#include <sys/signalfd.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/reporter/ecs_agent.h"
#include "child/reporter/reporter_http.h"
#include "child/reporter/supervisor_channel.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/exitcode.h"
#include "common/base/json.h"
#include "common/base/log.h"
#include "common/http/http.h"

#include "common/base/banned.h"

enum {
	HAND_EVERY_MS = 1000,    /* how soon a task that works is protected */
	PAGE_FRESH_MS = 1000,    /* the supervisor is not asked more often */
	LISTEN_AGAIN_MS = 10000, /* another process may have the address */
	LOG_WAIT_MS = 2000,
	LAST_MS = 5000, /* for an end; the supervisor does not wait longer */
	PAGES_MAX = 17 * 1024 * 1024,
	WAIT_MAX_MS = 60000
};

struct page {
	int status; /* 0: none yet */
	int64_t since_ms;
	struct buf text;
};

struct reporter {
	const struct settings *settings;
	struct reporter_board *board;
	struct supervisor_channel channel;
	int signal_fd;
	bool gone;   /* the supervisor is */
	int leaving; /* the signal that asked for it; 0: none did */
	int64_t leave_by_ms;
	int64_t emf_at_ms;
	/* The HTTP server. */
	struct reporter_http *server; /* NULL: it does not listen */
	int64_t listen_at_ms;
	bool has_complained; /* in the log, that it cannot listen */
	struct page pages[2];
	/* ECS. */
	bool protects;
	struct http *http;
	struct ecs_agent agent;
	int64_t hand_at_ms; /* when to ask again what is in hand */
};

/* ---- what is wanted ---- */

bool
reporter_protects(const struct settings *s)
{
	return s->ecs_protection == ECS_PROTECTION_YES ||
	    (s->ecs_protection == ECS_PROTECTION_AUTO && ecs_agent_is_there());
}

static bool
serves(const struct settings *s)
{
	return s->metrics_listen != NULL &&
	    strcmp(s->metrics_listen, "off") != 0;
}

bool
reporter_is_wanted(const struct settings *s)
{
	return s->emf || serves(s) || reporter_protects(s);
}

/* ---- the supervisor ---- */

static int
ask(struct reporter *r, const char *word, struct buf *to)
{
	int result = supervisor_channel_ask(&r->channel, word, to);

	if (result == -2)
		r->gone = true;
	atomic_store(&r->board->progress_ms, clock_ms());
	return result;
}

/* ---- the log ---- */

static int log_wait_ms = LOG_WAIT_MS; /* for the reader of the log */

/*
 * The wait has one bound for all lines together, because the loop has to turn.
 */
static void
log_lines(struct span lines)
{
	int64_t give_up = clock_ms() + log_wait_ms;
	const char *end;
	size_t n;

	while (
	    lines.len > 0 && (end = memchr(lines.p, '\n', lines.len)) != NULL) {
		n = (size_t)(end - lines.p) + 1;
		(void)log_line(lines.p, n,
		    clock_timeout_ms(clock_ms(), give_up, log_wait_ms));
		lines.p += n;
		lines.len -= n;
	}
}

static void
log_emf(struct reporter *r)
{
	struct buf lines = BUF_INIT(PAGES_MAX);

	if (ask(r, REPORTER_EMF, &lines) == 0)
		log_lines(buf_span(&lines));
	buf_release(&lines);
}

static int64_t
step_emf(struct reporter *r, int64_t now_ms)
{
	if (now_ms < r->emf_at_ms)
		return r->emf_at_ms;
	log_emf(r);
	r->emf_at_ms += r->settings->emf_interval_ms;
	if (r->emf_at_ms <= now_ms) /* this process had been stopped */
		r->emf_at_ms = now_ms + r->settings->emf_interval_ms;
	return r->emf_at_ms;
}

/* ---- pages ---- */

struct health {
	bool ok;
	struct buf *msg;
};

static int
on_health(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct health *health = arg;

	if (path->depth == 1 && json_key_is(&path->level[0], "ok"))
		health->ok = span_is(v->text, "true");
	if (path->depth == 1 && json_key_is(&path->level[0], "msg"))
		buf_append(health->msg, v->text.p, v->text.len);
	return 0;
}

static int
read_health(struct span answer, struct buf *msg)
{
	struct health health = { .msg = msg };
	struct error e;

	if (json_parse(answer, on_health, &health, &e) == -1)
		return 500;
	buf_putc(msg, '\n');
	return health.ok ? 200 : 503;
}

static void
renew_page(struct reporter *r, enum reporter_http_page which, struct page *p)
{
	struct buf answer = BUF_INIT(PAGES_MAX);
	const char *word =
	    which == REPORTER_HTTP_METRICS ? REPORTER_METRICS : REPORTER_HEALTH;

	buf_reset(&p->text);
	p->status = 200;
	if (ask(r, word, &answer) != 0) {
		buf_puts(&p->text, "unhealthy: the supervisor is silent\n");
		p->status = 503;
	} else if (which == REPORTER_HTTP_HEALTH)
		p->status = read_health(buf_span(&answer), &p->text);
	else
		buf_append(&p->text, answer.data, answer.len);
	p->since_ms = clock_ms();
	buf_release(&answer);
}

/* The supervisor is asked once a second at most, however many clients ask. */
static int
get_page(void *arg, enum reporter_http_page which, struct buf *to)
{
	struct reporter *r = arg;
	struct page *p = &r->pages[which];

	if (p->status == 0 || p->since_ms + PAGE_FRESH_MS <= clock_ms())
		renew_page(r, which, p);
	buf_append(to, p->text.data, p->text.len);
	return p->status;
}

static void
listen_for_clients(struct reporter *r)
{
	const char *address = r->settings->metrics_listen;

	r->server = reporter_http_open(address, get_page, r);
	if (r->server != NULL) {
		atomic_store(&r->board->port, reporter_http_port(r->server));
		log_info("metrics_listening", log_str("address", address),
		    log_int("port", reporter_http_port(r->server)));
	} else if (!r->has_complained) {
		r->has_complained = true;
		log_error("metrics_listen_failed", log_str("address", address),
		    log_str("error", strerror(errno)),
		    log_str("msg", "it is tried again"));
	}
}

static int64_t
step_server(struct reporter *r, int64_t now_ms)
{
	if (r->server == NULL && now_ms >= r->listen_at_ms) {
		r->listen_at_ms = now_ms + LISTEN_AGAIN_MS;
		listen_for_clients(r);
	}
	return r->server != NULL ? reporter_http_step(r->server, now_ms)
				 : r->listen_at_ms;
}

/* ---- ECS ---- */

/* Asks how many messages are in hand; returns false if there is no answer. */
static bool
ask_in_hand(struct reporter *r)
{
	struct buf answer = BUF_INIT(64);
	bool is_known = ask(r, REPORTER_HAND, &answer) == 0;

	if (is_known)
		r->agent.in_hand = strtoull(buf_str(&answer), NULL, 10);
	buf_release(&answer);
	return is_known;
}

static int64_t
step_protection(struct reporter *r, int64_t now_ms)
{
	if (now_ms < r->hand_at_ms)
		return r->hand_at_ms;
	r->hand_at_ms = now_ms + HAND_EVERY_MS;
	if (ask_in_hand(r))
		ecs_agent_update(&r->agent, now_ms);
	return r->hand_at_ms;
}

/*
 * SIGTERM may also come from a process that sends it to every process: so the
 * protection stays as long as anything is in hand.
 */
static bool
ask_whether_to_end(struct reporter *r)
{
	if (r->leaving == SIGINT)
		return true;
	return r->leaving == SIGTERM && ask_in_hand(r) && r->agent.in_hand == 0;
}

static void
end_protection(struct reporter *r, int64_t now_ms)
{
	bool ask_off =
	    ecs_agent_may_protect(&r->agent, now_ms) && ask_whether_to_end(r);

	ecs_agent_end(&r->agent, ask_off, LAST_MS, now_ms);
}

/* ---- the loop ---- */

static void
leave(struct reporter *r, int signal, int64_t now_ms)
{
	if (r->leaving != 0)
		return;
	r->leaving = signal;
	r->leave_by_ms = now_ms + LAST_MS;
	reporter_http_close(r->server);
	r->server = NULL;
	if (r->settings->emf)
		log_emf(r);
	if (r->protects && !r->gone)
		end_protection(r, now_ms);
}

static void
read_signals(struct reporter *r, int64_t now_ms)
{
	struct signalfd_siginfo info;

	while (read(r->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo != SIGTERM && info.ssi_signo != SIGINT &&
		    info.ssi_signo != SIGHUP)
			continue;
		/* The kernel sends SIGTERM at the death of the supervisor as
		   well. */
		if (supervisor_channel_check(&r->channel) == -1)
			r->gone = true;
		leave(r, (int)info.ssi_signo, now_ms);
	}
}

static bool
is_over(const struct reporter *r, int64_t now_ms)
{
	if (r->gone)
		return true;
	return r->leaving != 0 &&
	    (!ecs_agent_is_asking(&r->agent) || now_ms >= r->leave_by_ms);
}

/*
 * Steps each part once, and returns when to do so again, if nothing happens
 * before.  The order does not matter: no part gives work to another.
 */
static int64_t
step_parts(struct reporter *r, int64_t now_ms)
{
	/* The supervisor kills a reporter whose loop stands still for
	   heartbeat_timeout. */
	int64_t next_ms = now_ms + r->settings->heartbeat_timeout_ms / 3;

	if (r->leaving != 0)
		return clock_earlier(next_ms, r->leave_by_ms);
	if (r->settings->emf)
		next_ms = clock_earlier(next_ms, step_emf(r, now_ms));
	if (serves(r->settings))
		next_ms = clock_earlier(next_ms, step_server(r, now_ms));
	if (r->protects)
		next_ms = clock_earlier(next_ms, step_protection(r, now_ms));
	return next_ms;
}

static void
wait_until(struct reporter *r, int64_t now_ms, int64_t next_ms)
{
	struct curl_waitfd fds[3] = { { .fd = r->signal_fd,
					  .events = CURL_WAIT_POLLIN },
		{ .fd = r->channel.fd, .events = CURL_WAIT_POLLIN } };
	unsigned n = 2;

	if (r->server != NULL)
		fds[n++] =
		    (struct curl_waitfd){ .fd = reporter_http_fd(r->server),
			    .events = CURL_WAIT_POLLIN };
	http_wait(r->http, fds, n,
	    clock_timeout_ms(now_ms, next_ms, WAIT_MAX_MS));
	now_ms = clock_ms();
	atomic_store(&r->board->progress_ms, now_ms);
	if (fds[1].revents != 0 && supervisor_channel_check(&r->channel) == -1)
		r->gone = true;
	if (fds[0].revents != 0)
		read_signals(r, now_ms);
}

static void
turn(struct reporter *r)
{
	int64_t now_ms = clock_ms();
	int64_t next_ms = step_parts(r, now_ms);

	if (!is_over(r, clock_ms()))
		wait_until(r, now_ms, next_ms);
}

static int
open_reporter(struct reporter *r, const struct reporter_args *args)
{
	const struct http_options options = { .ca_bundle =
						  args->settings->ca_bundle,
		.user_agent = "sqsherd/" SQSHERD_VERSION };
	sigset_t all;
	size_t i;

	r->settings = args->settings;
	r->board = args->board;
	if (r->settings->heartbeat_timeout_ms / 3 < LOG_WAIT_MS)
		log_wait_ms = (int)(r->settings->heartbeat_timeout_ms / 3);
	supervisor_channel_init(&r->channel, args->fd, log_lines);
	r->emf_at_ms = clock_ms() + r->settings->emf_interval_ms;
	for (i = 0; i < 2; i++)
		buf_init(&r->pages[i].text, PAGES_MAX);
	sigfillset(&all);
	r->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->signal_fd == -1 ||
	    curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -1;
	r->http = http_new(&options);
	r->protects = reporter_protects(r->settings) &&
	    ecs_agent_open(&r->agent, r->http, r->board, clock_ms());
	return 0;
}

static void
close_reporter(struct reporter *r)
{
	size_t i;

	reporter_http_close(r->server);
	http_free(r->http);
	ecs_agent_release(&r->agent);
	supervisor_channel_release(&r->channel);
	for (i = 0; i < 2; i++)
		buf_release(&r->pages[i].text);
}

void
reporter_main(const struct reporter_args *args)
{
	static struct reporter r; /* zero; one a process */

	(void)signal(SIGPIPE, SIG_IGN);
	setproctitle("-sqsherd: reporter");
	atomic_store(&args->board->port, 0);
	if (open_reporter(&r, args) == -1) {
		log_error("reporter_failed", log_str("error", strerror(errno)));
		exit(EXITCODE_INTERNAL);
	}
	while (!is_over(&r, clock_ms()))
		turn(&r);
	close_reporter(&r);
	exit(EXITCODE_OK);
}
