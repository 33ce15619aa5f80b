/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See signal_requests.h.
 */
#include "supervisor/signal_requests.h"

#include <sys/signalfd.h>

#include <signal.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_signal.h"
#include "common/base/xalloc.h"
#include "supervisor/operator.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"
#include "supervisor/stop_requests.h"
#include "supervisor/terminal.h"

#include "common/base/banned.h"

enum {
	TERMINAL_MS = 2000 /* from a SIGHUP to the end of the terminal */
};

/* ---- a stop ---- */

static void
on_stop_signal(struct supervisor *s, const struct signalfd_siginfo *info,
    int64_t now_ms)
{
	int signal = (int)info->ssi_signo;
	/* A person who has pressed Ctrl-C waits for the end, and is told what
	   it waits for. */
	bool is_asked = signal == SIGINT && log_is_text();

	if (!stop_is_timed(&s->stop)) {
		stop_requests_begin(s,
		    &(struct stop_request){ .signal = log_signal_name(signal),
			.sender_pid = info->ssi_pid,
			.msg = is_asked ? slot_record_patience(&s->pool, now_ms)
					: NULL },
		    now_ms);
	} else if (signal != SIGTERM) {
		log_info("stop_hurried", log_signal(signal));
		stop_hurry(&s->stop, now_ms);
	}
}

static bool
stop_if_terminal_is_gone(struct supervisor *s, int64_t now_ms)
{
	if (!terminal_is_gone())
		return false;
	s->terminal_look_ms = CLOCK_NEVER;
	stop_requests_begin(s,
	    &(struct stop_request){ .signal = "SIGHUP",
		.sender_pid = -1,
		.msg = "the terminal is gone" },
	    now_ms);
	return true;
}

static void
look_at_terminal(struct supervisor *s, int64_t now_ms)
{
	if (s->terminal_look_ms > now_ms)
		return;
	s->terminal_look_ms = CLOCK_NEVER;
	(void)stop_if_terminal_is_gone(s, now_ms);
}

/* ---- the other signals ---- */

/*
 * A shell that ends may signal its jobs before the terminal is gone, so the
 * supervisor looks again a little later.
 */
static void
on_hangup(struct supervisor *s, const struct signalfd_siginfo *info,
    int64_t now_ms)
{
	char why[RELOAD_WHY_MAX];

	if (s->ends_with_terminal &&
	    terminal_may_have_sent(info->ssi_code, (pid_t)info->ssi_pid)) {
		s->terminal_look_ms = now_ms + TERMINAL_MS;
		if (stop_if_terminal_is_gone(s, now_ms))
			return;
	}
	(void)operator_reload(s, why, now_ms);
}

/*
 * With several queues this is refused: a signal cannot say which queue it
 * means.
 */
static void
on_scale_signal(struct supervisor *s, int signal, int64_t now_ms)
{
	struct pool_queue *q = s->pool.queues[0];
	char why[RELOAD_WHY_MAX] = "there are several queues";

	if (s->pool.n_queues == 1 &&
	    operator_scale(s, q,
		signal == SIGTTIN ? q->wanted + 1 : q->wanted - 1, why,
		now_ms) == 0)
		return;
	log_warn("signal_ignored", log_signal(signal), log_str("msg", why));
}

static void
on_signal(struct supervisor *s, const struct signalfd_siginfo *info,
    int64_t now_ms)
{
	switch (info->ssi_signo) {
	case SIGTERM:
	case SIGINT:
	case SIGQUIT:
		on_stop_signal(s, info, now_ms);
		break;
	case SIGUSR1:
		slot_record_status(&s->pool, now_ms);
		break;
	case SIGHUP:
		on_hangup(s, info, now_ms);
		break;
	case SIGTTIN:
	case SIGTTOU:
		on_scale_signal(s, (int)info->ssi_signo, now_ms);
		break;
	default: /* SIGCHLD: ends are looked for in every turn; others mean
		    nothing */
		break;
	}
}

/*
 * Signals that were pending together have no order: the kernel gives the lowest
 * number first.  Two signals to stop mean a hurry, so SIGTERM, which only
 * begins a stop, is taken before SIGINT and SIGQUIT, which also hurry it.
 */
static void
read_signals(struct supervisor *s, int64_t now_ms)
{
	struct signalfd_siginfo info, hurried[2]; /* SIGINT, SIGQUIT */
	size_t i, n = 0;

	while (read(s->ends.signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (n < nitems(hurried) &&
		    (info.ssi_signo == SIGINT || info.ssi_signo == SIGQUIT))
			hurried[n++] = info;
		else
			on_signal(s, &info, now_ms);
	}
	for (i = 0; i < n; i++)
		on_signal(s, &hurried[i], now_ms);
}

int64_t
signal_requests_step(struct supervisor *s, int64_t now_ms)
{
	read_signals(s, now_ms);
	look_at_terminal(s, now_ms);
	return s->terminal_look_ms;
}
