/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqs-send: sends messages to a queue, from arguments, from the lines of stdin,
 * or many copies of one for load.  sender.c sends; this file has the program's
 * options, its signals and its one wait.  Stdin is read only when it is
 * readable and there is room, so one wait serves everything.
 */
#include <sys/signalfd.h>

#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/xalloc.h"
#include "common/settings/settings.h"
#include "tools/send_options.h"
#include "tools/sender.h"
#include "tools/tool_settings.h"

#include "common/base/banned.h"

/* A second signal has its default effect. */
static void
on_signal(int signal_fd, struct sender *s)
{
	struct signalfd_siginfo info;
	sigset_t none;

	if (read(signal_fd, &info, sizeof(info)) != sizeof(info))
		return;
	sender_stop(s, "interrupted");
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
wait_until(struct sender *s, int signal_fd, int64_t now_ms, int64_t next_ms)
{
	struct curl_waitfd fds[2] = { { .fd = signal_fd,
					  .events = CURL_WAIT_POLLIN },
		{ .fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN } };
	bool wants_stdin = sender_wants_stdin(s);

	http_wait(s->client.http, fds, wants_stdin ? 2 : 1,
	    clock_timeout_ms(now_ms, next_ms, 60000));
	if (fds[0].revents != 0)
		on_signal(signal_fd, s);
	s->stdin_idle = wants_stdin && fds[1].revents == 0;
	if (wants_stdin && fds[1].revents != 0)
		send_source_read(&s->source);
}

static void
run(struct sender *s, int signal_fd)
{
	int64_t now_ms, next_ms;

	while (now_ms = clock_ms(), next_ms = sender_step(s, now_ms),
	    !sender_is_done(s)) {
		sender_show_progress(s, now_ms);
		sender_tell_due_failures(s, now_ms);
		/* The ids that were asked for cannot be printed. */
		if (!s->source_ended && ferror(stdout)) {
			sender_stop(s, "cannot write to stdout");
			continue;
		}
		wait_until(s, signal_fd, now_ms, next_ms);
	}
	sender_clear_progress(s);
	sender_tell_failures(s);
}

/*
 * A closed standard descriptor would be taken by a socket, which would then get
 * our output.  The file that is opened in its place fails for the use that the
 * descriptor has.
 */
static void
hold_standard_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
		    open("/dev/null",
			fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			exit(EXITCODE_INTERNAL);
}

/* A signal that is ignored, as under nohup(1), stays so. */
static int
open_signals(void)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGTERM };
	struct sigaction now;
	sigset_t set;
	size_t i;
	int fd;

	(void)signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	for (i = 0; i < nitems(signals); i++)
		if (sigaction(signals[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) == -1 ||
	    (fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		err(EXITCODE_INTERNAL, "cannot open signals");
	return fd;
}

static int
send_all(const struct send_options *o, const struct settings *settings)
{
	static struct sender s;
	int signal_fd = open_signals();
	struct error e;

	if (sender_open(&s, o, settings, &e) == -1) {
		warnx("%s", e.text);
		return EXITCODE_CONFIG;
	}
	run(&s, signal_fd);
	sender_release(&s);
	(void)close(signal_fd);
	(void)printf("sent %lld, failed %lld\n", s.sent, s.failed);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		warnx("cannot write to stdout");
		return EXITCODE_FAILED;
	}
	return s.failed == 0 && !s.stopped ? EXITCODE_OK : EXITCODE_FAILED;
}

int
main(int argc, char **argv)
{
	struct send_options o;
	struct settings *settings;
	int status;

	hold_standard_descriptors();
	send_options_parse(&o, argc, argv);
	settings = tool_settings_load(o.queue_url, o.endpoint_url, o.region);
	if (settings == NULL)
		return EXITCODE_CONFIG;
	send_options_check_queue(&o, &settings->queues[0]);
	status = send_all(&o, settings);
	settings_free(settings);
	return status;
}
