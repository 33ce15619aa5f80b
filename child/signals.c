/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See signals.h. */
#include "child/signals.h"

#include <sys/signalfd.h>

#include <signal.h>
#include <unistd.h>

#include "child/stage.h"
#include "common/base/fault_signals.h"

#include "common/base/banned.h"

int
signals_open(void)
{
	sigset_t blocked;

	signal(SIGPIPE, SIG_IGN);
	if (fault_signals_block_others(&blocked) == -1)
		return -1;
	return signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void
on_signal(struct child *c, int signal, int64_t now_ms)
{
	switch (signal) {
	case SIGTERM:
		stage_begin_drain(c, now_ms);
		break;
	case SIGHUP:
		if (c->args->ends_with_terminal)
			stage_begin_drain(c, now_ms);
		break;
	case SIGINT:
	case SIGQUIT:
		stage_begin_release(c, now_ms);
		break;
	case SIGCHLD:
		c->ops->on_sigchld(c->handler, now_ms);
		break;
	default: /* SIGUSR2 only wakes the loop; others mean nothing */
		break;
	}
}

void
signals_read(struct child *c, int64_t now_ms)
{
	struct signalfd_siginfo info;

	while (read(c->signal_fd, &info, sizeof(info)) == sizeof(info))
		on_signal(c, (int)info.ssi_signo, now_ms);
}
