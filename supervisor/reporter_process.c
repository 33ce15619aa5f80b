/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See reporter_process.h.
 */
#include "supervisor/reporter_process.h"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "child/reporter/reporter.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_signal.h"
#include "supervisor/report/emf.h"
#include "supervisor/report/pool_metrics.h"
#include "supervisor/slots/pool_count.h"
#include "supervisor/slots/process.h"
#include "supervisor/slots/slot_hang.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"

#include "common/base/banned.h"

enum {
	ANSWER_MAX = 16 * 1024 * 1024,
	LEAVE_MS = 6000 /* child/reporter/reporter.c takes 5 s at most */
};

/* ---- open and close ---- */

int
reporter_process_open(struct supervisor *s, control_answer_fn *answer)
{
	struct reporter_process *r = &s->reporter;
	void *board = mmap(NULL, sizeof(*r->board), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	*r = (struct reporter_process){ .fd = -1, .put_answer = answer };
	if (board == MAP_FAILED)
		return -1;
	r->board = s->ends.board = board;
	buf_init(&r->answer, ANSWER_MAX);
	r->told_emf = pool_settings(&s->pool)->emf;
	if (reporter_is_wanted(pool_settings(&s->pool)))
		r->state = REPORTER_PROCESS_WAITS;
	return 0;
}

static void
close_channel(struct supervisor *s)
{
	struct reporter_process *r = &s->reporter;

	if (r->fd != -1)
		(void)close(r->fd);
	r->fd = s->ends.reporter_fd = -1;
	r->len = r->sent = 0;
	buf_release(&r->answer);
}

void
reporter_process_release(struct supervisor *s)
{
	struct reporter_process *r = &s->reporter;

	if (r->board == NULL)
		return;
	close_channel(s);
	(void)munmap(r->board, sizeof(*r->board));
	r->board = s->ends.board = NULL;
}

/* ---- its life ---- */

static void
wait_for_start(struct supervisor *s, int64_t now_ms)
{
	const struct settings *in_force = pool_settings(&s->pool);
	struct reporter_process *r = &s->reporter;
	int64_t limit = backoff_limit_ms(++r->failures,
	    in_force->restart_base_ms, in_force->restart_cap_ms);

	r->state = REPORTER_PROCESS_WAITS;
	r->at_ms = now_ms + backoff_half_jitter_ms(limit, backoff_random());
}

static int
fork_process(struct supervisor *s)
{
	struct reporter_process *r = &s->reporter;
	struct reporter_args args = { .settings = pool_settings(&s->pool),
		.board = r->board };
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1)
		return -1;
	args.fd = fds[1];
	/* Set before the fork, so that the reporter closes it as a child does.
	 */
	r->fd = s->ends.reporter_fd = fds[0];
	r->pid = fork_reporter(&s->ends, &s->pool, &args);
	(void)close(fds[1]);
	return r->pid != -1 ? 0 : -1;
}

static void
start(struct supervisor *s, int64_t now_ms)
{
	struct reporter_process *r = &s->reporter;

	atomic_store(&r->board->progress_ms, now_ms);
	if (fork_process(s) == -1) {
		log_error("reporter_failed", log_str("error", strerror(errno)));
		r->pid = 0;
		close_channel(s);
		wait_for_start(s, now_ms);
		return;
	}
	buf_init(&r->answer, ANSWER_MAX);
	r->state = REPORTER_PROCESS_RUNS;
	r->forked_ms = r->watched_from_ms = now_ms;
	log_info("reporter_started", log_int("child_pid", r->pid));
}

static void
end_process(struct supervisor *s, int signal, int64_t now_ms)
{
	struct reporter_process *r = &s->reporter;

	if (r->state == REPORTER_PROCESS_WAITS)
		r->state = REPORTER_PROCESS_OFF;
	if (r->state != REPORTER_PROCESS_RUNS)
		return;
	process_ask(r->pid, signal);
	r->state = REPORTER_PROCESS_LEAVES;
	r->at_ms = now_ms + LEAVE_MS;
}

/* When its loop last turned; a time that cannot be is not believed. */
static int64_t
last_turn_ms(const struct reporter_process *r)
{
	int64_t progress = atomic_load(&r->board->progress_ms);

	return progress < r->watched_from_ms || progress > clock_ms()
	    ? r->watched_from_ms
	    : progress;
}

static int64_t
heartbeat_deadline(const struct supervisor *s)
{
	return last_turn_ms(&s->reporter) +
	    pool_settings(&s->pool)->heartbeat_timeout_ms;
}

/* When the reporter is to be killed; CLOCK_NEVER: there is no reason to. */
static int64_t
kill_deadline(const struct supervisor *s)
{
	switch (s->reporter.state) {
	case REPORTER_PROCESS_RUNS:
		return heartbeat_deadline(s);
	case REPORTER_PROCESS_LEAVES:
		return s->reporter.at_ms;
	case REPORTER_PROCESS_WAITS:
	case REPORTER_PROCESS_OFF:
		break;
	}
	return CLOCK_NEVER;
}

/*
 * Returns whether the reporter hangs, which takes two looks: see
 * slot_hang_check.
 */
static bool
look_at(struct supervisor *s, int64_t now_ms)
{
	struct reporter_process *r = &s->reporter;

	if (kill_deadline(s) > now_ms)
		r->look_ms = 0;
	else if (r->look_ms == 0)
		r->look_ms = now_ms + SLOT_HANG_AGAIN_MS;
	return r->look_ms != 0 && r->look_ms <= now_ms;
}

static void
watch(struct supervisor *s, int64_t now_ms)
{
	struct reporter_process *r = &s->reporter;

	if (!look_at(s, now_ms))
		return;
	if (r->state == REPORTER_PROCESS_RUNS) {
		log_error("reporter_hung", log_int("child_pid", r->pid),
		    log_ms("silent", now_ms - last_turn_ms(r)));
		r->deaths++;
		r->state = REPORTER_PROCESS_LEAVES;
	}
	(void)kill(r->pid, SIGKILL);
	r->at_ms = CLOCK_NEVER;
}

static bool
is_work_over(const struct supervisor *s)
{
	return s->stop.stage != STOP_NONE && s->releasers.n == 0 &&
	    pool_count_is_stopped(&s->pool);
}

/*
 * May a reporter be started?  Not in a stop, which forks nothing; but in a
 * drain, which can be long.
 */
static bool
may_start(const struct supervisor *s)
{
	return !s->reporter.over && !stop_is_timed(&s->stop);
}

/* Forgets what was counted while emf was off: it is not logged. */
static void
begin_emf(struct supervisor *s, int64_t now_ms)
{
	struct metrics_queue m;
	size_t i;

	for (i = 0; i < s->pool.n_queues; i++) {
		struct pool_queue *q = s->pool.queues[i];

		pool_metrics_of_queue(&s->pool, q, now_ms, &m);
		q->told = m.sums;
		q->told_ms = now_ms;
	}
}

void
reporter_process_reload(struct supervisor *s, int64_t now_ms)
{
	const struct settings *in_force = pool_settings(&s->pool);
	struct reporter_process *r = &s->reporter;

	if (in_force->emf && !r->told_emf)
		begin_emf(s, now_ms);
	r->told_emf = in_force->emf;
	end_process(s, reporter_protects(in_force) ? SIGHUP : SIGINT, now_ms);
	if (r->state == REPORTER_PROCESS_OFF && reporter_is_wanted(in_force)) {
		r->state = REPORTER_PROCESS_WAITS;
		r->at_ms = now_ms;
	}
}

static void
log_end(const struct reporter_process *r, bool unasked, int code, int status,
    int64_t now_ms)
{
	bool exited = code == CLD_EXITED;

	LOG_RECORD(unasked ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, "reporter_exited",
	    log_int("child_pid", r->pid),
	    log_int(exited ? "exit_status" : NULL, status),
	    log_signal(exited ? 0 : status),
	    log_ms("uptime", now_ms - r->forked_ms));
}

bool
reporter_process_reap(struct supervisor *s, pid_t pid, int code, int status,
    int64_t now_ms)
{
	const struct settings *in_force = pool_settings(&s->pool);
	struct reporter_process *r = &s->reporter;
	bool unasked = r->state == REPORTER_PROCESS_RUNS;
	bool killed = code != CLD_EXITED;

	if (r->pid != pid)
		return false;
	log_end(r, unasked, code, status, now_ms);
	r->deaths += unasked;
	r->pid = 0;
	close_channel(s);
	r->state = REPORTER_PROCESS_OFF;
	if (now_ms - r->forked_ms >= in_force->restart_reset_ms)
		r->failures = 0;
	if (!reporter_is_wanted(in_force))
		return true;
	if (unasked || killed) {
		wait_for_start(s, now_ms);
	} else {
		r->state = REPORTER_PROCESS_WAITS;
		r->at_ms = now_ms;
	}
	return true;
}

void
reporter_process_start_over(struct supervisor *s, int64_t now_ms)
{
	s->reporter.watched_from_ms = now_ms;
}

void
reporter_process_kill(struct supervisor *s)
{
	struct reporter_process *r = &s->reporter;

	r->over = true;
	if (r->pid == 0)
		return;
	(void)kill(r->pid, SIGKILL);
	r->state = REPORTER_PROCESS_LEAVES;
	r->at_ms = CLOCK_NEVER;
}

/* ---- its questions ---- */

static void
put_hand(const struct supervisor *s, struct buf *to)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		n += scoreboard_in_hand(s->pool.places[i]->row);
	buf_put_int(to, (long long)n);
}

static void
put_emf(struct supervisor *s, struct buf *to, int64_t now_ms)
{
	const struct settings *in_force = pool_settings(&s->pool);
	int64_t real = clock_real_ms();
	struct metrics_queue m;
	size_t i;

	for (i = 0; i < s->pool.n_queues; i++) {
		struct pool_queue *q = s->pool.queues[i];
		int64_t since = q->told_ms;

		if (since == 0)
			since = now_ms - in_force->emf_interval_ms;
		if (since < s->started_ms)
			since = s->started_ms;
		pool_metrics_of_queue(&s->pool, q, now_ms, &m);
		emf_put(to, in_force->emf_namespace, &m, &q->told,
		    now_ms - since, real);
		q->told = m.sums;
		q->told_ms = now_ms;
	}
}

static void
put_answer(struct supervisor *s, const char *word, struct buf *to,
    int64_t now_ms)
{
	if (strcmp(word, REPORTER_HAND) == 0)
		put_hand(s, to);
	else if (strcmp(word, REPORTER_EMF) == 0)
		put_emf(s, to, now_ms);
	else if (strcmp(word, REPORTER_HEALTH) == 0 ||
	    strcmp(word, REPORTER_METRICS) == 0)
		s->reporter.put_answer(s, span_of(word), to, now_ms);
}

/* Returns whether the line is a question. */
static bool
answer_line(struct supervisor *s, int64_t now_ms)
{
	struct reporter_process *r = &s->reporter;
	struct buf body = BUF_INIT(ANSWER_MAX);
	char word[16];
	unsigned id;

	/* NOLINTNEXTLINE(cert-err34-c): the number is only given back */
	if (sscanf(r->line, "%u %15s", &id, word) != 2)
		return false;
	put_answer(s, word, &body, now_ms);
	buf_reset(&r->answer);
	buf_printf(&r->answer, "%u %s %zu\n", id, word, body.len);
	buf_append(&r->answer, body.data, body.len);
	r->sent = 0;
	buf_release(&body);
	return true;
}

/*
 * Returns 1 if a line is there, without its newline, 0 if not yet, -1 if there
 * will be none.
 */
static int
read_line(struct reporter_process *r)
{
	ssize_t n;
	char c;

	for (;;) {
		n = recv(r->fd, &c, 1, MSG_DONTWAIT);
		if (n == -1 && errno == EAGAIN)
			return 0;
		if (n <= 0 || r->len == REPORTER_PROCESS_LINE_MAX)
			return -1;
		if (c == '\n')
			break;
		r->line[r->len++] = c;
	}
	r->line[r->len] = '\0';
	r->len = 0;
	return 1;
}

/* Answers one question a turn, and none before the last answer is sent. */
static void
answer(struct supervisor *s, int64_t now_ms)
{
	struct reporter_process *r = &s->reporter;
	int done, line;

	if (r->fd == -1)
		return;
	done = buf_send(r->fd, &r->answer, &r->sent);
	line = done == 1 ? read_line(r) : 0;
	if (line == 1 && answer_line(s, now_ms))
		done = buf_send(r->fd, &r->answer, &r->sent);
	else if (line != 0)
		done = -1;
	/* A reporter that reads nothing or asks nonsense has to end. */
	if (done == -1)
		close_channel(s);
}

struct pollfd
reporter_process_pollfd(const struct supervisor *s)
{
	const struct reporter_process *r = &s->reporter;

	return (struct pollfd){ .fd = r->fd,
		.events = r->sent < r->answer.len ? POLLOUT : POLLIN };
}

/* ---- its step ---- */

static int64_t
next_deadline(const struct supervisor *s)
{
	const struct reporter_process *r = &s->reporter;

	if (r->state == REPORTER_PROCESS_WAITS)
		return r->at_ms;
	return r->look_ms != 0 ? r->look_ms : kill_deadline(s);
}

int64_t
reporter_process_step(struct supervisor *s, int64_t now_ms)
{
	struct reporter_process *r = &s->reporter;

	if (!r->over && is_work_over(s)) {
		r->over = true;
		end_process(s, SIGTERM, now_ms);
	}
	watch(s, now_ms);
	if (r->state == REPORTER_PROCESS_WAITS && !may_start(s))
		r->state = REPORTER_PROCESS_OFF;
	if (r->state == REPORTER_PROCESS_WAITS && r->at_ms <= now_ms)
		start(s, now_ms);
	answer(s, now_ms);
	return next_deadline(s);
}

const char *
reporter_process_state_name(enum reporter_process_state state)
{
	static const char *const names[] = {
		[REPORTER_PROCESS_OFF] = "off",
		[REPORTER_PROCESS_RUNS] = "running",
		[REPORTER_PROCESS_LEAVES] = "leaving",
		[REPORTER_PROCESS_WAITS] = "backoff",
	};

	return names[state];
}
