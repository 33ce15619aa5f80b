/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See fork.h.
 */
#include "supervisor/fork.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "child/child.h"
#include "child/releaser.h"
#include "child/reporter/reporter.h"
#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "common/credentials/credentials_share.h"

#include "common/base/banned.h"

int
fork_open(struct fork_ends *f)
{
	sigset_t blocked;
	int death_pipe[2] = { -1, -1 };

	*f = (struct fork_ends){ getpid(), -1, -1, -1, -1, -1, NULL, NULL };
	if (sigprocmask(SIG_SETMASK, NULL, &blocked) == -1)
		return -1;
	f->signal_fd = signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK);
	f->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (f->signal_fd == -1 || f->wake_fd == -1 ||
	    pipe2(death_pipe, O_CLOEXEC) == -1) {
		fork_close(f);
		return -1;
	}
	f->death_read_fd = death_pipe[0];
	f->death_write_fd = death_pipe[1];
	return 0;
}

static void
close_one(int fd)
{
	if (fd != -1)
		(void)close(fd);
}

void
fork_close(struct fork_ends *f)
{
	close_one(f->death_read_fd);
	close_one(f->death_write_fd);
	close_one(f->wake_fd);
	close_one(f->signal_fd);
	close_one(f->reporter_fd);
}

/*
 * main has set all dispositions but that of SIGPIPE to their defaults.  The log
 * is opened anew: its descriptor shares file offset and flags with the
 * supervisor's, and its pipe, if it has one, is the supervisor's.
 */
static void
settle_in(const char *role, const struct settings *s, const char *queue,
    int number)
{
	(void)setsid();
	(void)signal(SIGPIPE, SIG_DFL);
	log_init(s->log_format, s->log_level);
	log_identify(role, queue, number);
}

/*
 * If the supervisor died between the fork and prctl(2), the signal would come
 * at the death of the process that adopted this one: so compare the parent.
 */
static void
be_told_of_death(pid_t supervisor, int signal)
{
	if (prctl(PR_SET_PDEATHSIG, signal) == -1 || getppid() != supervisor)
		_exit(EXITCODE_INTERNAL);
}

/* Called in every process but the reporter. */
static void
unmap_board(const struct fork_ends *f)
{
	if (f->board != NULL)
		(void)munmap(f->board, sizeof(*f->board));
}

static _Noreturn void
become_child(const struct fork_ends *f, const struct pool *pool,
    const struct place *p)
{
	const struct child_args args = { .settings = p->config->settings,
		.queue = p->settings,
		.slot = p->number,
		.row = p->row,
		.shared = p->queue->shared,
		.credentials = pool->credentials,
		.death_fd = f->death_read_fd,
		.idle_pollers_fd = p->queue->idle_pollers_fd,
		.wake_fd = f->wake_fd,
		.parent = f->supervisor };

	settle_in("child", args.settings, p->queue->name, (int)p->number);
	/* SIGCONT lets a stopped child go on, which finds death_fd at its end
	   of file. */
	be_told_of_death(f->supervisor, SIGCONT);
	close_one(f->death_write_fd);
	close_one(f->signal_fd);
	close_one(f->reporter_fd);
	control_abandon(f->control);
	unmap_board(f);
	pool_keep_only(pool, p);
	scoreboard_seal(p->row);
	queue_board_seal(p->queue->shared);
	child_main(&args);
}

pid_t
fork_child(const struct fork_ends *f, const struct pool *pool,
    const struct place *p)
{
	pid_t pid = fork();

	if (pid == 0)
		become_child(f, pool, p);
	return pid;
}

/* A releaser may outlive the supervisor, but not its own deadline. */
static _Noreturn void
become_releaser(struct fork_ends f, const struct pool *pool,
    const struct place *p, const struct scoreboard_snapshot *held,
    int64_t deadline_ms)
{
	const struct releaser_args args = { .settings = p->config->settings,
		.queue = p->settings,
		.held = held,
		.row = p->row,
		.credentials = pool->credentials,
		.shared = p->queue->shared,
		.deadline_ms = deadline_ms };

	settle_in("releaser", args.settings, p->queue->name, (int)p->number);
	fork_close(&f);
	control_abandon(f.control);
	unmap_board(&f);
	pool_keep_only(pool, p);
	releaser_main(&args);
}

pid_t
fork_releaser(const struct fork_ends *f, const struct pool *pool,
    const struct place *p, const struct scoreboard_snapshot *held,
    int64_t deadline_ms)
{
	pid_t pid = fork();

	if (pid == 0)
		become_releaser(*f, pool, p, held, deadline_ms);
	return pid;
}

static _Noreturn void
become_reporter(struct fork_ends f, const struct pool *pool,
    const struct reporter_args *args)
{
	settle_in("reporter", args->settings, NULL, -1);
	be_told_of_death(f.supervisor, SIGTERM);
	fork_close(&f);
	control_abandon(f.control);
	pool_keep_only(pool, NULL);
	credentials_share_free(pool->credentials);
	reporter_main(args);
}

pid_t
fork_reporter(const struct fork_ends *f, const struct pool *pool,
    const struct reporter_args *args)
{
	pid_t pid = fork();

	if (pid == 0)
		become_reporter(*f, pool, args);
	return pid;
}
