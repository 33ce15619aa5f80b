/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A child without its supervisor and with a handler that says "done" at once,
 * inside the process: what is left is sqsherd's own cost of a message.
 *
 *	sqsherd-null SECONDS ENDPOINT-URL QUEUE-URL [DELAY-MS | PROGRAM]
 *
 * SQSHERD_RECEIVE_MAX is 10 if it is not set.  With a delay the handler says
 * "retry", and names the delay, which no exec handler can.  With the path of a
 * program the handler is sqsherd's exec handler; the CPU time of the program is
 * then included.  Prints "messages N wall_us N cpu_us N" when its time is over;
 * messages counts those deleted.
 */
#include <err.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "child/child.h"
#include "child/handler/handler.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/settings/settings_load.h"
#include "t/bench/measure.h"

#include "common/base/banned.h"

struct handler {
	handler_done_fn *done;
};

static struct handler_result result = { .verdict = VERDICT_DONE,
	.delay_ms = -1,
	.exit_status = -1 };

static struct handler *
null_open(const struct handler_args *args, struct error *e)
{
	static struct handler h;

	(void)e;
	h.done = args->done;
	return &h;
}

static unsigned
null_room(const struct handler *h)
{
	(void)h;
	return 1;
}

static void
null_begin(struct handler *h, const struct payload *p, int64_t now_ms,
    void *cookie)
{
	(void)p;
	(void)now_ms;
	h->done(cookie, &result);
}

static unsigned
null_waitfds(struct handler *h, struct curl_waitfd *to, unsigned max)
{
	(void)h;
	(void)to;
	(void)max;
	return 0;
}

static void
null_on_sigchld(struct handler *h, int64_t now_ms)
{
	(void)h;
	(void)now_ms;
}

static int64_t
null_step(struct handler *h, int64_t now_ms)
{
	(void)h;
	(void)now_ms;
	return CLOCK_NEVER;
}

static void
null_cancel(struct handler *h, const void *cookie, int64_t kill_after_ms,
    int64_t now_ms)
{
	(void)h;
	(void)cookie;
	(void)kill_after_ms;
	(void)now_ms;
}

static void
null_close(struct handler *h)
{
	(void)h;
}

static bool
null_is_usable(const struct handler *h, struct error *e)
{
	(void)h;
	(void)e;
	return true;
}

static const struct handler_ops handler_null = { .name = "null",
	.open = null_open,
	.room = null_room,
	.is_usable = null_is_usable,
	.begin = null_begin,
	.waitfds = null_waitfds,
	.on_sigchld = null_on_sigchld,
	.step = null_step,
	.cancel = null_cancel,
	.close = null_close };

static struct scoreboard_row *row;
static int64_t began_us;

/* child_main does not return: it exits. */
static void
print_result(void)
{
	measure_print(row->counters[SCOREBOARD_DELETED], began_us);
}

static void
on_problem(void *arg, const char *message)
{
	(void)arg;
	warnx("%s", message);
}

static struct settings *
load_settings(const char *endpoint_url, const char *queue_url, char *program)
{
	char *endpoint = xasprintf("endpoint_url=%s", endpoint_url);
	char *const command[] = { program, NULL };
	const char *const assignments[] = { endpoint, "log_level=error" };
	const struct settings_input in = { .assignments = assignments,
		.n_assignments = nitems(assignments),
		.queue_url = queue_url,
		.children = "1",
		.command = command,
		.environ_ = environ };
	struct settings *s = settings_load(&in, on_problem, NULL);

	free(endpoint);
	if (s == NULL)
		errx(78, "the settings are wrong");
	return s;
}

/* Tells the child to end by SIGTERM. */
static void
end_after(int seconds)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGTERM };
	const struct itimerspec when = { .it_value = { .tv_sec = seconds } };
	timer_t timer;

	if (timer_create(CLOCK_MONOTONIC, &event, &timer) == -1 ||
	    timer_settime(timer, 0, &when, NULL) == -1)
		err(70, "timer");
}

int
main(int argc, char **argv)
{
	struct child_args args = { .death_fd = -1,
		.wake_fd = -1,
		.idle_pollers_fd = -1,
		.ops = &handler_null };
	char unused[] = "true", *program = unused;
	const char *problem = NULL;
	sigset_t all;
	int seconds;

	began_us = measure_wall_us();
	if (argc < 4 || argc > 5)
		errx(64,
		    "usage: sqsherd-null seconds endpoint-url queue-url "
		    "[delay-ms | program]");
	seconds = (int)strtonum(argv[1], 1, 3600, &problem);
	if (problem != NULL)
		errx(64, "seconds \"%s\": %s", argv[1], problem);
	if (argc == 5 && argv[4][0] == '/') {
		args.ops = NULL;
		program = argv[4];
	} else if (argc == 5) {
		result.verdict = VERDICT_RETRY;
		result.delay_ms = strtonum(argv[4], 0, INT64_MAX, &problem);
	}
	if (problem != NULL)
		errx(64, "delay \"%s\": %s", argv[4], problem);
	setproctitle_init(argc, argv, environ);
	(void)setenv("SQSHERD_RECEIVE_MAX", "10", 0);
	args.settings = load_settings(argv[2], argv[3], program);
	args.queue = &args.settings->queues[0];
	if ((row = scoreboard_row_new()) == NULL)
		err(70, "scoreboard");
	args.row = row;
	log_init(LOG_FORMAT_AUTO, LOG_LEVEL_ERROR);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	atexit(print_result);
	end_after(seconds);
	child_main(&args);
}
