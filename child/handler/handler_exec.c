/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The exec handler: one process for each message.  The body is its stdin, the
 * facts are in its environment, its exit status is the verdict.
 *
 * The process leads a group of its own.  SIGCHLD and waitid(2) tell of the end
 * of the process, but the message ends with the group.  A group that is being
 * stopped has all of kill_after_ms to clean up, whichever of its processes dies
 * first: a shell dies of SIGTERM at once, but its command may not. timeout(1)
 * and the jobs of a shell even leave the group: such processes are looked for
 * as well.  If the leader ends of its own accord, a process that still holds
 * its output has LINGER_MS to write the rest.  Then the group is killed, and
 * its leader is reaped last: until then no other group can get its number.
 */
#include "child/handler/handler.h"

#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child/handler/exec_environment.h"
#include "child/handler/exec_start.h"
#include "child/handler/group.h"
#include "child/handler/output.h"
#include "common/aws/sqs.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/oom.h"
#include "common/base/program.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

enum {
	LATE_MS = 1000, /* so late after a deadline: this process stood still */
	/* Output on its way through a pipe to tee(1) or a logger takes
	   milliseconds.  A handler that leaves a process in the background
	   costs each message this much. */
	LINGER_MS = 500,
	LOOK_MIN_MS = 10, /* between two looks at a group without a leader */
	LOOK_MAX_MS = 160
};

/* Why the handler is being stopped. */
enum stop_reason {
	STOP_NONE,
	STOP_TIMEOUT,
	STOP_CANCEL
};

struct handler {
	const struct queue_settings *queue;
	handler_done_fn *done;
	struct exec_environment environment;

	pid_t pid; /* 0: none runs */
	void *cookie;
	struct output out, err;
	enum stop_reason stopping;
	int64_t timeout_ms; /* when to stop it; CLOCK_NEVER: never */
	int64_t kill_ms;    /* when to kill it; CLOCK_NEVER: not asked yet */
	int64_t kill_after_ms;
	bool ended; /* the leader has; it is reaped after its group */
	struct handler_result result;
	int64_t look_ms; /* once it has ended: when to look at the group */
	int64_t look_pause_ms;
	struct oom oom;
	uint64_t oom_kills; /* of the kernel, when the handler was started */
};

extern char **environ;

static struct handler *
exec_open(const struct handler_args *args, struct error *e)
{
	struct handler *h = xcalloc(1, sizeof(*h));

	(void)e;
	h->queue = args->queue;
	h->done = args->done;
	h->timeout_ms = h->kill_ms = h->look_ms = CLOCK_NEVER;
	h->out.fd = h->err.fd = -1;
	exec_environment_init(&h->environment, environ);
	oom_open(&h->oom);
	return h;
}

static unsigned
exec_room(const struct handler *h)
{
	return h->pid == 0;
}

/* Only a start can show whether there is memory for the handler. */
static bool
exec_is_usable(const struct handler *h, struct error *e)
{
	return program_check(h->queue->command[0], e) != PROGRAM_BROKEN;
}

static void
end_unstarted(struct handler *h, int error, void *cookie)
{
	static char reason[160];
	struct handler_result r = {
		/* An environment that is too large is the message's fault;
		   everything else would fail for any message. */
		.verdict = error == E2BIG ? VERDICT_RETRY : VERDICT_BROKEN,
		.delay_ms = -1,
		.reason = reason,
		.exit_status = -1
	};

	(void)snprintf(reason, sizeof(reason), "cannot start \"%s\": %s",
	    h->queue->command[0], strerror(error));
	h->done(cookie, &r);
}

static void
exec_begin(struct handler *h, const struct payload *p, int64_t now_ms,
    void *cookie)
{
	int64_t limit_ms = h->queue->job_timeout_ms > 0
	    ? h->queue->job_timeout_ms
	    : SQS_VISIBILITY_MAX_S * INT64_C(1000);
	struct exec_process process;
	size_t left_out;
	int error;

	assert(h->pid == 0);
	left_out = exec_environment_fill(&h->environment, p, h->queue,
	    clock_real_ms() + limit_ms);
	if (left_out > 0)
		log_warn("attributes_left_out", log_str("id", p->message->id),
		    log_int("count", (long long)left_out),
		    log_str("msg",
			"an attribute cannot be an environment "
			"variable: too long, or its name is taken"));
	h->oom_kills = oom_count(&h->oom);
	error = exec_start(h->queue->command, h->environment.vars, p, &process);
	if (error != 0) {
		end_unstarted(h, error, cookie);
		return;
	}
	h->pid = process.pid;
	output_open(&h->out, process.out, "stdout", p->message->id);
	output_open(&h->err, process.err, "stderr", p->message->id);
	h->cookie = cookie;
	h->stopping = STOP_NONE;
	h->ended = false;
	h->kill_ms = CLOCK_NEVER;
	h->timeout_ms =
	    h->queue->job_timeout_ms > 0 ? now_ms + limit_ms : CLOCK_NEVER;
}

static unsigned
exec_waitfds(struct handler *h, struct curl_waitfd *to, unsigned max)
{
	const int fds[] = { h->out.fd, h->err.fd };
	unsigned n = 0;
	size_t i;

	for (i = 0; i < nitems(fds) && n < max; i++)
		if (fds[i] != -1)
			to[n++] = (struct curl_waitfd){ .fd = fds[i],
				.events = CURL_WAIT_POLLIN };
	return n;
}

/*
 * A SIGKILL that this process has not sent, while the kernel has run out of
 * memory.  It is possible that the kernel killed another process and a person
 * this one, but unlikely.
 */
static bool
is_out_of_memory(const struct handler *h, int signal)
{
	return signal == SIGKILL && h->stopping == STOP_NONE &&
	    oom_count(&h->oom) > h->oom_kills;
}

static struct handler_result
result_of(const struct handler *h, const siginfo_t *info)
{
	struct handler_result r = { .verdict = VERDICT_RETRY,
		.delay_ms = -1,
		.exit_status = -1,
		.timed_out = h->stopping == STOP_TIMEOUT };

	if (info->si_code == CLD_EXITED) {
		r.exit_status = info->si_status;
		r.verdict = verdict_of_exit(info->si_status);
	} else {
		r.signal = info->si_status;
		r.out_of_memory = is_out_of_memory(h, info->si_status);
	}
	if (r.out_of_memory)
		r.reason = "out of memory";
	if (h->stopping == STOP_TIMEOUT)
		r.reason = "job timeout";
	else if (h->stopping == STOP_CANCEL)
		r.reason = "stopped";
	/* A handler that was told to stop and still says "done" has finished
	   the message.  Any other answer is a retry. */
	if (h->stopping != STOP_NONE && r.verdict != VERDICT_DONE)
		r.verdict = VERDICT_RETRY;
	return r;
}

/* Kills what is left of the group, then reaps its leader. */
static void
reap(struct handler *h)
{
	pid_t pid = h->pid;

	group_signal(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) == -1 && errno == EINTR)
		;
	h->pid = 0;
	h->timeout_ms = h->kill_ms = h->look_ms = CLOCK_NEVER;
}

static void
note_end(struct handler *h, int64_t now_ms)
{
	siginfo_t info = { 0 };

	if (h->pid == 0 || h->ended ||
	    waitid(P_PID, (id_t)h->pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
		-1 ||
	    info.si_pid == 0)
		return;
	h->ended = true;
	h->result = result_of(h, &info);
	h->timeout_ms = CLOCK_NEVER;
	h->look_ms = now_ms;
	h->look_pause_ms = LOOK_MIN_MS;
	if (h->stopping == STOP_NONE) {
		h->kill_after_ms = LINGER_MS;
		h->kill_ms = now_ms + LINGER_MS;
	}
}

/* The leader has ended: has its group, or has the time run out? */
static bool
is_group_done(struct handler *h, int64_t now_ms)
{
	if (h->kill_ms == CLOCK_NEVER) /* killed */
		return true;
	if (h->stopping == STOP_NONE && h->out.fd == -1 && h->err.fd == -1)
		return true;
	if (h->look_ms > now_ms)
		return false;
	if (!group_has_others(h->pid, h->stopping != STOP_NONE))
		return true;
	h->look_ms = now_ms + h->look_pause_ms;
	if (h->look_pause_ms < LOOK_MAX_MS)
		h->look_pause_ms *= 2;
	return false;
}

/* Returns whether the message has its verdict. */
static bool
end_if_group_is_done(struct handler *h, int64_t now_ms)
{
	if (h->pid == 0 || !h->ended || !is_group_done(h, now_ms))
		return false;
	reap(h);
	output_close(&h->out);
	output_close(&h->err);
	h->done(h->cookie, &h->result);
	return true;
}

static void
ask_to_stop(struct handler *h, enum stop_reason why, int64_t kill_after_ms,
    int64_t now_ms)
{
	if (h->stopping == STOP_NONE)
		h->stopping = why;
	group_signal_all(h->pid, SIGTERM);
	h->timeout_ms = CLOCK_NEVER;
	if (h->kill_ms > now_ms + kill_after_ms) {
		h->kill_ms = now_ms + kill_after_ms;
		h->kill_after_ms = kill_after_ms;
	}
}

/*
 * If this process stood still, the handler may have stood still as well: it
 * gets its time once more.
 */
static void
kill_if_due(struct handler *h, int64_t now_ms)
{
	if (h->kill_ms > now_ms)
		return;
	if (now_ms - h->kill_ms > LATE_MS) {
		h->kill_ms = now_ms + h->kill_after_ms;
		return;
	}
	if (h->stopping == STOP_NONE)
		group_signal(h->pid, SIGKILL);
	else
		group_signal_all(h->pid, SIGKILL);
	h->kill_ms = CLOCK_NEVER;
}

static void
check_deadlines(struct handler *h, int64_t now_ms)
{
	if (h->pid == 0)
		return;
	if (h->timeout_ms <= now_ms) {
		log_warn("job_timeout", log_str("id", h->out.message_id),
		    log_ms("after_ms", h->queue->job_timeout_ms));
		ask_to_stop(h, STOP_TIMEOUT, h->queue->job_kill_timeout_ms,
		    now_ms);
	}
	kill_if_due(h, now_ms);
}

/*
 * Reads in each turn of the loop, because curl_multi_poll(3) does not report a
 * POLLHUP, the end of file, without other data to read.
 */
static void
read_output(struct handler *h)
{
	if (h->out.fd != -1)
		output_step(&h->out);
	if (h->err.fd != -1)
		output_step(&h->err);
}

/*
 * The output is read first: if it is at its end, there is no need to look for
 * the rest of the group.
 */
static void
exec_on_sigchld(struct handler *h, int64_t now_ms)
{
	read_output(h);
	note_end(h, now_ms);
	(void)end_if_group_is_done(h, now_ms);
}

static int64_t
exec_step(struct handler *h, int64_t now_ms)
{
	read_output(h);
	check_deadlines(h, now_ms);
	if (end_if_group_is_done(h, now_ms))
		return now_ms;
	return clock_earlier(h->look_ms,
	    clock_earlier(h->timeout_ms, h->kill_ms));
}

static void
exec_cancel(struct handler *h, const void *cookie, int64_t kill_after_ms,
    int64_t now_ms)
{
	/* A leader that has ended has its verdict already, and the rest of its
	   group has LINGER_MS. */
	if (h->pid != 0 && !h->ended && (cookie == NULL || cookie == h->cookie))
		ask_to_stop(h, STOP_CANCEL, kill_after_ms, now_ms);
}

static void
exec_close(struct handler *h)
{
	if (h == NULL)
		return;
	if (h->pid != 0)
		reap(h);
	output_close(&h->out);
	output_close(&h->err);
	exec_environment_release(&h->environment);
	free(h);
}

const struct handler_ops handler_exec = { .name = "exec",
	.open = exec_open,
	.room = exec_room,
	.is_usable = exec_is_usable,
	.begin = exec_begin,
	.waitfds = exec_waitfds,
	.on_sigchld = exec_on_sigchld,
	.step = exec_step,
	.cancel = exec_cancel,
	.close = exec_close };
