/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The reporter: what a pool tells the world by itself.  It is a process of its
 * own because all of this talks to strangers, which the supervisor must not
 * and children have no time for.  It knows nothing that it has not asked the
 * supervisor, so nothing is lost when it dies but what it was just saying.
 * See child.h.
 */
#include <sys/signalfd.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/child.h"
#include "child/reporter/ecs_protection.h"
#include "child/reporter/reporter_http.h"
#include "child/reporter/supervisor_channel.h"
#include "common/base/backoff.h"
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
	LISTEN_AGAIN_MS = 10000, /* the address may be somebody else's */
	LOG_WAIT_MS = 2000,
	AGENT_CONNECT_MS = 2000,
	AGENT_MS = 10000, /* it waits 4 s for ECS itself */
	AGENT_ANSWER_MAX = 64 * 1024,
	LAST_MS = 5000, /* of an end; the supervisor does not wait longer */
	PAGES_MAX = 17 * 1024 * 1024
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
	/* HTTP. */
	struct reporter_http *endpoint;
	int64_t listen_at_ms;
	bool complained; /* that it cannot listen */
	struct page pages[2];
	/* ECS. */
	bool protects;
	char url[1024];
	struct http *http;
	struct http_transfer *put;
	struct buf body;
	enum ecs_protection_wish wish; /* of put */
	int64_t asked_ms;
	int64_t hand_at_ms; /* when to look again */
	uint64_t in_hand;   /* as last heard */
	struct ecs_protection protection;
};

/* ---- what is wanted ---- */

static const char *
agent_uri(void)
{
	const char *uri = getenv("ECS_AGENT_URI");

	return uri != NULL && uri[0] != '\0' ? uri : NULL;
}

bool
reporter_protects(const struct settings *s)
{
	return s->ecs_protection == ECS_PROTECTION_YES ||
	    (s->ecs_protection == ECS_PROTECTION_AUTO && agent_uri() != NULL);
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

/* However many they are: the loop is to turn. */
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
tell_emf(struct reporter *r)
{
	struct buf lines = BUF_INIT(PAGES_MAX);

	if (ask(r, REPORTER_EMF, &lines) == 0)
		log_lines(buf_span(&lines));
	buf_release(&lines);
}

static void
step_emf(struct reporter *r, int64_t now_ms)
{
	if (now_ms < r->emf_at_ms)
		return;
	tell_emf(r);
	r->emf_at_ms += r->settings->emf_interval_ms;
	if (r->emf_at_ms <= now_ms) /* we had been stopped */
		r->emf_at_ms = now_ms + r->settings->emf_interval_ms;
}

/* ---- pages ---- */

struct verdict {
	bool ok;
	struct buf *msg;
};

static int
on_verdict(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct verdict *verdict = arg;

	if (path->depth == 1 && json_key_is(&path->level[0], "ok"))
		verdict->ok = span_is(v->text, "true");
	if (path->depth == 1 && json_key_is(&path->level[0], "msg"))
		buf_append(verdict->msg, v->text.p, v->text.len);
	return 0;
}

static int
read_health(struct span answer, struct buf *msg)
{
	struct verdict v = { .msg = msg };
	struct error e;

	if (json_parse(answer, on_verdict, &v, &e) == -1)
		return 500;
	buf_putc(msg, '\n');
	return v.ok ? 200 : 503;
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

/* However many ask, the supervisor does not notice. */
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
step_endpoint(struct reporter *r, int64_t now_ms)
{
	const char *address = r->settings->metrics_listen;

	if (r->endpoint != NULL) {
		reporter_http_step(r->endpoint, now_ms);
		return;
	}
	if (now_ms < r->listen_at_ms)
		return;
	r->endpoint = reporter_http_open(address, get_page, r);
	r->listen_at_ms = now_ms + LISTEN_AGAIN_MS;
	if (r->endpoint != NULL) {
		atomic_store(&r->board->port, reporter_http_port(r->endpoint));
		log_info("metrics_listening", log_str("address", address),
		    log_int("port", reporter_http_port(r->endpoint)));
	} else if (!r->complained) {
		r->complained = true;
		log_error("metrics_listen_failed", log_str("address", address),
		    log_str("error", strerror(errno)),
		    log_str("msg", "it is tried again"));
	}
}

/* ---- ECS ---- */

static void
show_protection(struct reporter *r, bool was_protected, int64_t now_ms)
{
	bool is_protected = r->protection.until_ms > now_ms;

	atomic_store(&r->board->protected_until_ms, r->protection.until_ms);
	atomic_store(&r->board->protection_fails, r->protection.failures > 0);
	if (is_protected && !was_protected)
		log_info("protection_on",
		    log_int("in_hand", (long long)r->in_hand));
	if (!is_protected && was_protected)
		log_info("protection_off",
		    log_int("in_hand", (long long)r->in_hand));
}

/* Nothing waits for it, and nothing goes wrong without it but a scale-in. */
static void
complain(struct reporter *r, const struct ecs_protection_answer *a)
{
	struct ecs_protection *p = &r->protection;

	/* Of a task that ends, ECS says that it is not valid any more. */
	LOG_RECORD(r->leaving != 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
	    "protection_failed",
	    log_bool("protected", p->until_ms > clock_ms()),
	    log_str("code", a->code),
	    log_str(a->text[0] != '\0' ? "error" : NULL, a->text),
	    log_int(p->complaints.unlogged > 0 ? "repeats" : NULL,
		p->complaints.unlogged),
	    log_ms("retry_in", p->retry_at_ms - clock_ms()));
}

static void
settle(struct reporter *r, const struct ecs_protection_answer *a)
{
	int64_t now_ms = clock_ms();
	bool was = r->protection.until_ms > r->asked_ms;

	if (ecs_protection_answered(&r->protection, r->wish, a, r->asked_ms,
		now_ms, backoff_random()))
		complain(r, a);
	show_protection(r, was, now_ms);
}

static void
on_put(void *arg, const struct http_answer *answer, const struct error *e)
{
	struct reporter *r = arg;
	struct ecs_protection_answer a = { .code = "unreachable" };

	r->put = NULL;
	if (answer != NULL)
		ecs_protection_parse(answer->status, answer->body, r->wish, &a);
	else
		(void)strlcpy(a.text, e->text, sizeof(a.text));
	settle(r, &a);
}

static void
start_put(struct reporter *r, enum ecs_protection_wish wish, int64_t now_ms)
{
	static const char *const headers[] = {
		"Content-Type: application/json"
	};
	struct http_request request = { .method = "PUT",
		.url = r->url,
		.headers = headers,
		.n_headers = 1,
		.connect_timeout_ms = AGENT_CONNECT_MS,
		.timeout_ms = r->leaving != 0 ? LAST_MS : AGENT_MS,
		.answer_max = AGENT_ANSWER_MAX,
		.is_metadata = true };

	buf_reset(&r->body);
	ecs_protection_put_wish(&r->body, wish);
	request.body = buf_span(&r->body);
	r->wish = wish;
	r->asked_ms = now_ms;
	r->put = http_start(r->http, &request, on_put, r);
}

/* Returns whether it is known; else all stays as it is. */
static bool
look_at_hands(struct reporter *r)
{
	struct buf answer = BUF_INIT(64);
	bool known = ask(r, REPORTER_HAND, &answer) == 0;

	if (known)
		r->in_hand = strtoull(buf_str(&answer), NULL, 10);
	buf_release(&answer);
	return known;
}

static void
step_protection(struct reporter *r, int64_t now_ms)
{
	enum ecs_protection_wish wish;

	if (now_ms < r->hand_at_ms)
		return;
	r->hand_at_ms = now_ms + HAND_EVERY_MS;
	if (!look_at_hands(r) || r->put != NULL)
		return;
	wish = ecs_protection_decide(&r->protection, r->in_hand, now_ms);
	if (wish != ECS_PROTECTION_NO_WISH)
		start_put(r, wish, now_ms);
}

/* SIGTERM may also be somebody's who sends it to every process there is. */
static bool
may_end_protection(struct reporter *r)
{
	if (r->leaving == SIGINT)
		return true;
	return r->leaving == SIGTERM && look_at_hands(r) && r->in_hand == 0;
}

/* Without hysteresis: there will be no more work. */
static void
end_protection(struct reporter *r, int64_t now_ms)
{
	bool may_be_on = r->protection.until_ms > now_ms ||
	    (r->put != NULL && r->wish == ECS_PROTECTION_ON);
	bool ends = may_be_on && may_end_protection(r);

	if (r->put != NULL)
		http_cancel(r->put);
	r->put = NULL;
	if (ends)
		start_put(r, ECS_PROTECTION_OFF, now_ms);
}

static void
open_protection(struct reporter *r)
{
	const char *uri = agent_uri();

	r->protects = reporter_protects(r->settings);
	r->protection.until_ms =
	    ecs_protection_until(atomic_load(&r->board->protected_until_ms),
		clock_ms());

	if (!r->protects)
		return;
	if (uri == NULL ||
	    (size_t)snprintf(r->url, sizeof(r->url),
		"%s/task-protection/v1/state", uri) >= sizeof(r->url)) {
		r->protects = false;
		log_warn("protection_failed", log_str("code", "no agent"),
		    log_str("error", "ECS_AGENT_URI is not set"));
	}
}

/* ---- the loop ---- */

static void
leave(struct reporter *r, int signal, int64_t now_ms)
{
	if (r->leaving != 0)
		return;
	r->leaving = signal;
	r->leave_by_ms = now_ms + LAST_MS;
	reporter_http_close(r->endpoint);
	r->endpoint = NULL;
	if (r->settings->emf)
		tell_emf(r);
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
		/* The death of the supervisor is a SIGTERM, too. */
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
	return r->leaving != 0 && (r->put == NULL || now_ms >= r->leave_by_ms);
}

static void
step(struct reporter *r, int64_t now_ms)
{
	if (r->leaving != 0)
		return;
	if (r->settings->emf)
		step_emf(r, now_ms);
	if (serves(r->settings))
		step_endpoint(r, now_ms);
	if (r->protects)
		step_protection(r, now_ms);
}

static int64_t
next_deadline(const struct reporter *r, int64_t now_ms)
{
	/* The supervisor wants to see the loop turn. */
	int64_t deadline = now_ms + r->settings->heartbeat_timeout_ms / 3;

	if (r->leaving != 0)
		return clock_earlier(deadline, r->leave_by_ms);
	if (r->settings->emf)
		deadline = clock_earlier(deadline, r->emf_at_ms);
	if (r->endpoint != NULL)
		deadline = clock_earlier(deadline,
		    reporter_http_deadline(r->endpoint, now_ms));
	else if (serves(r->settings))
		deadline = clock_earlier(deadline, r->listen_at_ms);
	if (r->protects)
		deadline = clock_earlier(deadline, r->hand_at_ms);
	return deadline;
}

static void
turn(struct reporter *r)
{
	struct curl_waitfd fds[3] = { { .fd = r->signal_fd,
					  .events = CURL_WAIT_POLLIN },
		{ .fd = r->channel.fd, .events = CURL_WAIT_POLLIN } };
	unsigned n = 2;
	int64_t now_ms = clock_ms();

	if (r->endpoint != NULL)
		fds[n++] =
		    (struct curl_waitfd){ .fd = reporter_http_fd(r->endpoint),
			    .events = CURL_WAIT_POLLIN };
	http_wait(r->http, fds, n,
	    clock_timeout_ms(now_ms, next_deadline(r, now_ms), 60000));
	now_ms = clock_ms();
	atomic_store(&r->board->progress_ms, now_ms);
	if (fds[1].revents != 0 && supervisor_channel_check(&r->channel) == -1)
		r->gone = true;
	if (fds[0].revents != 0)
		read_signals(r, now_ms);
	step(r, now_ms);
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
	buf_init(&r->body, 1024);
	open_protection(r);
	sigfillset(&all);
	r->signal_fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r->signal_fd == -1 ||
	    curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return -1;
	r->http = http_new(&options);
	return 0;
}

static void
close_reporter(struct reporter *r)
{
	size_t i;

	reporter_http_close(r->endpoint);
	http_free(r->http);
	supervisor_channel_release(&r->channel);
	buf_release(&r->body);
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
	step(&r, clock_ms());
	while (!is_over(&r, clock_ms()))
		turn(&r);
	close_reporter(&r);
	exit(EXITCODE_OK);
}
