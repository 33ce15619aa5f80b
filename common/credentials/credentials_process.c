/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The program runs beside the loop, which watches its pipes, its end and its
 * deadline as descriptors.  The program has a process group of its own.  The
 * group, and the program if it has left the group, are killed when the fetch is
 * over, however it ended.  A program that not even SIGKILL ends is left behind,
 * and no other is started beside it.  Its stdout is never logged; its stderr
 * is.
 *
 * As in the AWS SDKs, a shell runs the command; but a command of plain words,
 * quoted or not, is split and run without a shell.
 */
#include "common/credentials/credentials_process.h"

#include <sys/pidfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/spawn.h"
#include "common/base/words.h"
#include "common/base/xalloc.h"
#include "common/credentials/secret.h"
#include "common/settings/settings.h"

#include "common/base/banned.h"

enum {
	OUTPUT_MAX = 64 * 1024, /* bytes; a session token has 1 to 4 kB */
	STDERR_MAX = 4096,      /* what follows is dropped */
	CHUNK = 4096,
	LOOK_MS = 20, /* between looks for its end without pid_fd */
	/* From SIGKILL until the program is given up: it is stuck in the
	   kernel, or has another user's rights. */
	GIVE_UP_MS = 2000
};

struct stream {
	int fd; /* -1: over */
	struct http_watch *watch;
	struct buf text;
};

struct credentials_process {
	struct http *http;
	credentials_fetched_fn *done;
	void *arg;
	pid_t pid;
	struct stream out, err;
	int pid_fd; /* -1: on_timer looks for its end, too */
	struct http_watch *pid_watch;
	int timer_fd;
	struct http_watch *timer_watch;
	int64_t deadline_ms;
	bool late; /* it was killed at its deadline */
};

extern char **environ;

/* Killed, and not yet reaped; 0: none. */
static pid_t left_behind;

/* ---- its output ---- */

static void
stream_close(struct stream *s)
{
	http_watch_stop(s->watch);
	s->watch = NULL;
	if (s->fd != -1)
		close(s->fd);
	s->fd = -1;
}

/* Reads all bytes that are there.  Bytes past the maximum are dropped. */
static void
stream_read(struct stream *s)
{
	char chunk[CHUNK];
	ssize_t n;

	if (s->fd == -1)
		return;
	while ((n = read(s->fd, chunk, sizeof(chunk))) > 0)
		buf_append(&s->text, chunk, (size_t)n);
	explicit_bzero(chunk, sizeof(chunk));
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		stream_close(s);
}

static void
on_readable(void *arg)
{
	stream_read(arg);
}

static void
log_lines(const struct buf *text)
{
	const char *p = buf_str(text);
	size_t n;

	for (; *p != '\0'; p += n + (p[n] == '\n')) {
		n = strcspn(p, "\n");
		if (n > 0)
			log_info("credential_process_output",
			    log_mem("line", p, n));
	}
}

/* ---- its end ---- */

static void
process_free(struct credentials_process *p)
{
	stream_close(&p->out);
	stream_close(&p->err);
	http_watch_stop(p->pid_watch);
	http_watch_stop(p->timer_watch);
	if (p->pid_fd != -1)
		close(p->pid_fd);
	if (p->timer_fd != -1)
		close(p->timer_fd);
	secret_release(&p->out.text);
	buf_release(&p->err.text);
	free(p);
}

static struct credentials_keys *
judge(const struct credentials_process *p, bool ended, int status,
    struct error *e)
{
	struct credentials_keys *keys;

	if (p->late)
		error_set(e, ERROR_RETRY, "credential_process took too long%s",
		    ended ? "" : ", and cannot be killed");
	else if (!ended)
		error_set(e, ERROR_RETRY,
		    "the exit status of credential_process was lost");
	else if (WIFSIGNALED(status))
		error_set(e, ERROR_RETRY,
		    "credential_process was ended by signal %d",
		    WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		error_set(e, ERROR_RETRY, "credential_process exited with %d",
		    WEXITSTATUS(status));
	else if (p->out.text.overflow)
		error_set(e, ERROR_RETRY,
		    "credential_process printed more than %zu bytes",
		    p->out.text.max);
	else {
		keys =
		    credentials_keys_parse_process(buf_span(&p->out.text), e);
		if (keys != NULL)
			keys->strict = true;
		return keys;
	}
	return NULL;
}

/*
 * The program is not reaped yet, so no other process can have its pid or its
 * group's id.  The program may have left that group for the group of this
 * process.
 */
static void
kill_program(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
}

/* Returns whether the program is gone; *ret_status is how it ended. */
static bool
reap(pid_t pid, int *ret_status)
{
	pid_t reaped = waitpid(pid, ret_status, WNOHANG);

	left_behind = reaped == 0 ? pid : 0;
	return reaped == pid;
}

/*
 * Kills the program that was left behind once more.  Returns whether none is
 * left.
 */
static bool
end_left_behind(void)
{
	int status;

	if (left_behind == 0)
		return true;
	kill_program(left_behind);
	(void)reap(left_behind, &status);
	return left_behind == 0;
}

static void
finish(struct credentials_process *p)
{
	credentials_fetched_fn *done = p->done;
	void *done_arg = p->arg;
	struct credentials_keys *keys;
	struct error e;
	int status = 0;
	bool ended;

	kill_program(p->pid);
	ended = reap(p->pid, &status);
	stream_read(&p->out);
	stream_read(&p->err);
	log_lines(&p->err.text);
	keys = judge(p, ended, status, &e);
	process_free(p);
	done(done_arg, keys, keys == NULL ? &e : NULL);
}

static void
on_end(void *arg)
{
	finish(arg);
}

static bool
has_ended(const struct credentials_process *p)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)p->pid, &info,
		   WEXITED | WNOHANG | WNOWAIT) == 0 &&
	    info.si_pid != 0;
}

static void
on_timer(void *arg)
{
	struct credentials_process *p = arg;
	uint64_t times;
	int64_t now_ms = clock_ms();
	bool is_due = now_ms >= p->deadline_ms;

	(void)!read(p->timer_fd, &times, sizeof(times));
	if ((p->pid_fd == -1 && has_ended(p)) || (is_due && p->late)) {
		finish(p);
	} else if (is_due) {
		p->late = true;
		p->deadline_ms = now_ms + GIVE_UP_MS;
		kill_program(p->pid); /* on_end follows */
	}
}

void
credentials_process_cancel(struct credentials_process *p)
{
	int status;

	if (p == NULL)
		return;
	if (p->pid != 0) {
		kill_program(p->pid);
		(void)reap(p->pid, &status);
	}
	process_free(p);
}

/* ---- its start ---- */

/* To be released with words_free; NULL: it cannot be split. */
static char **
words_of(const char *command)
{
	char **argv;

	/*
	 * These characters mean something to a shell; quotes are not among
	 * them.
	 */
	if (strpbrk(command, "|&;<>()$`*?[]{}~#!\n") == NULL)
		return words_split(command);
	argv = xcalloc(4, sizeof(*argv));
	argv[0] = xstrdup("/bin/sh");
	argv[1] = xstrdup("-c");
	argv[2] = xstrdup(command);
	return argv;
}

static void
close_if_open(int fd)
{
	if (fd != -1)
		close(fd);
}

/* Returns 0 or an errno. */
static int
spawn(struct credentials_process *p, char **argv)
{
	int in, out[2] = { -1, -1 }, err[2] = { -1, -1 };
	pid_t pid = 0;
	int error;

	in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (in == -1 || spawn_output_pipe(out) == -1 ||
	    spawn_output_pipe(err) == -1)
		error = errno;
	else
		error = spawn_process(&(struct spawn){ .path = argv[0],
					  .search = true,
					  .argv = argv,
					  .envp = environ,
					  .in = in,
					  .out = out[1],
					  .err = err[1] },
		    &pid);
	if (error == 0) {
		p->pid = pid;
		p->out.fd = out[0];
		p->err.fd = err[0];
		out[0] = err[0] = -1; /* transferred */
	}
	close_if_open(in);
	close_if_open(out[0]);
	close_if_open(out[1]);
	close_if_open(err[0]);
	close_if_open(err[1]);
	return error;
}

static struct timespec
timespec_of(int64_t ms)
{
	return (struct timespec){ .tv_sec = ms / 1000,
		.tv_nsec = ms % 1000 * 1000000 };
}

/*
 * Makes descriptors of the program's end and its deadline.  Some container
 * runtimes refuse pidfd_open(2); SIGCHLD belongs to the loop, so then the timer
 * looks often whether the program has ended.  Returns 0 or an errno.
 */
static int
watch(struct credentials_process *p, int64_t timeout_ms)
{
	struct itimerspec when = { .it_value = timespec_of(timeout_ms) };

	p->deadline_ms = clock_ms() + timeout_ms;
	p->pid_fd = pidfd_open(p->pid, 0);
	if (p->pid_fd == -1 && errno != ENOSYS && errno != EPERM)
		return errno;
	when.it_interval = timespec_of(GIVE_UP_MS);
	if (p->pid_fd == -1)
		when.it_value = when.it_interval = timespec_of(LOOK_MS);
	p->timer_fd =
	    timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (p->timer_fd == -1 ||
	    timerfd_settime(p->timer_fd, 0, &when, NULL) == -1)
		return errno;
	p->out.watch =
	    http_watch_start(p->http, p->out.fd, on_readable, &p->out);
	p->err.watch =
	    http_watch_start(p->http, p->err.fd, on_readable, &p->err);
	if (p->pid_fd != -1)
		p->pid_watch = http_watch_start(p->http, p->pid_fd, on_end, p);
	p->timer_watch = http_watch_start(p->http, p->timer_fd, on_timer, p);
	return 0;
}

struct credentials_process *
credentials_process_start(const struct credentials_context *x,
    const char *command, credentials_fetched_fn *done, void *arg)
{
	struct credentials_process *p = xcalloc(1, sizeof(*p));
	char **argv = words_of(command);
	struct error e;
	int error;

	*p = (struct credentials_process){ .http = x->http,
		.done = done,
		.arg = arg,
		.out = { .fd = -1, .text = BUF_INIT(OUTPUT_MAX) },
		.err = { .fd = -1, .text = BUF_INIT(STDERR_MAX) },
		.pid_fd = -1,
		.timer_fd = -1 };
	if (!end_left_behind()) {
		error_set(&e, ERROR_RETRY,
		    "the last credential_process still runs as process %ld, "
		    "and cannot be killed",
		    (long)left_behind);
		goto failed;
	}
	if (argv == NULL || argv[0] == NULL) {
		error_set(&e, ERROR_OPERATOR,
		    "credential_process is empty, or has an unclosed quote");
		goto failed;
	}
	if ((error = spawn(p, argv)) != 0) {
		error_set(&e, ERROR_OPERATOR,
		    "cannot run credential_process '%.64s': %s", argv[0],
		    strerror(error));
		goto failed;
	}
	if ((error = watch(p, x->timeout_ms)) != 0) {
		error_set(&e, ERROR_RETRY,
		    "cannot watch credential_process: %s", strerror(error));
		goto failed;
	}
	words_free(argv);
	return p;
failed:
	words_free(argv);
	credentials_process_cancel(p);
	done(arg, NULL, &e);
	return NULL;
}
