/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqsherdctl: asks a running supervisor on its control socket, and shows the
 * answer.  It needs no shell and no place to write, so it is fit for a
 * container's health check.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/json.h"
#include "common/base/plain.h"
#include "common/base/xalloc.h"
#include "tools/sqsherdctl_socket.h"
#include "tools/sqsherdctl_table.h"

#include "common/base/banned.h"

enum {
	ANSWER_MAX = 16 * 1024 * 1024,
	PLAIN_MAX = 10 * ANSWER_MAX, /* the longest escape has ten characters */
	ANSWER_MS = 5000,
	WATCH_S = 1,
	COLUMNS = 80,
	LINES = 24,
	OPTION_JSON = 256
};

/* ---- what is printed ---- */

/*
 * Prints a line of text from an answer.  Whatever answers, a terminal only
 * shows the text.
 */
static void
put_plain(FILE *to, const char *before, const char *text)
{
	struct buf plain = BUF_INIT(PLAIN_MAX);

	plain_puts(&plain, text);
	fprintf(to, "%s%s\n", before, buf_str(&plain));
	buf_release(&plain);
}

/* Prints a text that has several lines, each as put_plain does. */
static void
put_plain_lines(FILE *to, struct span text)
{
	struct buf plain = BUF_INIT(PLAIN_MAX);
	const char *end;
	size_t n;

	while (text.len > 0) {
		end = memchr(text.p, '\n', text.len);
		n = end != NULL ? (size_t)(end - text.p) : text.len;
		plain_put(&plain, text.p, n);
		buf_putc(&plain, '\n');
		n += end != NULL;
		text = (struct span){ text.p + n, text.len - n };
	}
	fputs(buf_str(&plain), to);
	buf_release(&plain);
}

static int
not_understood(const char *why)
{
	put_plain(stderr,
	    "sqsherdctl: this answer cannot be understood: ", why);
	return EXITCODE_FAILED;
}

/* ---- asking ---- */

static bool
send_all(int fd, const char *p, size_t len)
{
	ssize_t n;

	while (len > 0) {
		n = send(fd, p, len, MSG_NOSIGNAL);
		if (n == -1)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/*
 * Reads to the end; -1 with errno.  The deadline is that of the whole answer,
 * so that an answer that comes byte by byte cannot hold the program up.
 */
static int
read_answer(int fd, int64_t deadline_ms, struct buf *answer)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char part[16384];
	ssize_t n;

	do {
		if (poll(&p, 1,
			clock_timeout_ms(clock_ms(), deadline_ms, ANSWER_MS)) ==
		    0) {
			errno = ETIMEDOUT;
			return -1;
		}
		n = recv(fd, part, sizeof(part), MSG_DONTWAIT);
		if (n > 0)
			buf_append(answer, part, (size_t)n);
		if (answer->overflow || clock_ms() >= deadline_ms) {
			errno = answer->overflow ? EMSGSIZE : ETIMEDOUT;
			return -1;
		}
	} while (n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)));
	return (int)n;
}

/* Returns 0, or -1 after saying why there is no answer. */
static int
ask(const char *path, const char *request, struct buf *answer)
{
	int64_t deadline_ms = clock_ms() + ANSWER_MS;
	int fd = sqsherdctl_connect(path, deadline_ms);
	int result;

	if (fd == -1)
		return -1;
	/* A supervisor that does not read a request may still have answered. */
	(void)send_all(fd, request, strlen(request));
	result = read_answer(fd, deadline_ms, answer);
	if (result == -1)
		fprintf(stderr, "sqsherdctl: no answer: %s\n",
		    errno == ETIMEDOUT ? "the supervisor is too slow"
				       : strerror(errno));
	else if (answer->len == 0)
		fputs("sqsherdctl: the supervisor refuses to answer\n", stderr);
	close(fd);
	return result == 0 && answer->len > 0 ? 0 : -1;
}

/* ---- answers ---- */

struct verdict {
	bool ok;
	char msg[1024];
};

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct verdict *verdict = arg;

	if (path->depth != 1)
		return 0;
	if (json_key_is(&path->level[0], "ok"))
		verdict->ok = span_is(v->text, "true");
	else if (json_key_is(&path->level[0], "msg") && v->type == JSON_STRING)
		(void)snprintf(verdict->msg, sizeof(verdict->msg), "%.*s",
		    (int)v->text.len, v->text.p);
	return 0;
}

static int
read_verdict(const struct buf *answer, struct verdict *ret)
{
	struct error e;

	*ret = (struct verdict){ .ok = false };
	if (json_parse(buf_span(answer), on_value, ret, &e) == 0)
		return 0;
	(void)not_understood(e.text);
	return -1;
}

/* ---- commands ---- */

struct call {
	const char *path; /* -s */
	bool json;
	char request[512];
};

/* Runs a command whose answer is one line for a person. */
static int
run_simple(const struct call *call)
{
	struct buf answer = BUF_INIT(ANSWER_MAX);
	struct verdict v = { .ok = false };
	int result = EXITCODE_FAILED;

	if (ask(call->path, call->request, &answer) == 0 &&
	    read_verdict(&answer, &v) == 0) {
		if (v.ok)
			put_plain(stdout, "", v.msg);
		else
			put_plain(stderr, "sqsherdctl: ", v.msg);
		result = v.ok ? EXITCODE_OK : EXITCODE_FAILED;
	}
	buf_release(&answer);
	return result;
}

/*
 * The line is the result in either case, so it goes to stdout, which a health
 * check keeps.
 */
static int
run_health(const struct call *call)
{
	struct buf answer = BUF_INIT(ANSWER_MAX);
	struct verdict v = { .ok = false };

	if (ask(call->path, call->request, &answer) == 0 &&
	    read_verdict(&answer, &v) == 0)
		put_plain(stdout, "", v.msg);
	buf_release(&answer);
	return v.ok ? EXITCODE_OK : EXITCODE_FAILED;
}

/*
 * Prints all of the answer or nothing: with half of it, counters would seem to
 * go down.
 */
static int
run_metrics(const struct call *call)
{
	static const char end[] = "# EOF\n";
	struct buf answer = BUF_INIT(ANSWER_MAX);
	struct verdict v;
	int result = EXITCODE_FAILED;

	if (ask(call->path, call->request, &answer) == -1)
		;
	else if (answer.len >= strlen(end) &&
	    strcmp(answer.data + answer.len - strlen(end), end) == 0) {
		put_plain_lines(stdout, buf_span(&answer));
		result = EXITCODE_OK;
	} else if (read_verdict(&answer, &v) == 0)
		put_plain(stderr, "sqsherdctl: ", v.msg);
	buf_release(&answer);
	return result;
}

/* The answer of a supervisor is ASCII, so to make it plain changes nothing. */
static int
print_json(const struct buf *answer)
{
	struct verdict v;

	if (read_verdict(answer, &v) == -1)
		return EXITCODE_FAILED;
	put_plain_lines(stdout, buf_span(answer));
	return EXITCODE_OK;
}

static int
print_table(const struct buf *answer)
{
	struct buf table = BUF_INIT(ANSWER_MAX);
	struct winsize size = { .ws_col = 0 };
	const char *why;

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	why = sqsherdctl_table(buf_span(answer),
	    size.ws_col > 0 ? size.ws_col : COLUMNS, &table);
	if (why == NULL)
		fputs(buf_str(&table), stdout);
	buf_release(&table);
	return why == NULL ? EXITCODE_OK : not_understood(why);
}

static int
run_status(const struct call *call)
{
	struct buf answer = BUF_INIT(ANSWER_MAX);
	int result = EXITCODE_FAILED;

	if (ask(call->path, call->request, &answer) == 0)
		result =
		    call->json ? print_json(&answer) : print_table(&answer);
	buf_release(&answer);
	return result;
}

/* Prints as many lines as fit; the last counts those that are left out. */
static void
print_screen(const char *text, unsigned lines)
{
	unsigned n = 0, more = 0;
	const char *p, *end;

	for (p = text; (end = strchr(p, '\n')) != NULL; p = end + 1) {
		if (++n < lines - 1)
			printf("%.*s\033[K\n", (int)(end - p), p);
		else
			more++;
	}
	if (more > 0)
		printf("... and %u more lines\033[K", more);
	fputs("\033[J", stdout);
}

static bool
draw(const struct call *call)
{
	struct buf answer = BUF_INIT(ANSWER_MAX);
	struct buf table = BUF_INIT(ANSWER_MAX);
	struct winsize size = { .ws_col = COLUMNS, .ws_row = LINES };
	const char *why = NULL;
	bool drawn = false;

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	if (ask(call->path, "status\n", &answer) == 0) {
		why = sqsherdctl_table(buf_span(&answer),
		    size.ws_col > 0 ? size.ws_col : COLUMNS, &table);
		drawn = why == NULL;
		if (why != NULL)
			(void)not_understood(why);
	}
	if (drawn) {
		fputs("\033[H", stdout);
		print_screen(buf_str(&table),
		    size.ws_row > 2 ? size.ws_row : LINES);
		drawn = fflush(stdout) == 0;
	}
	buf_release(&answer);
	buf_release(&table);
	return drawn;
}

/* Repeats until it is interrupted, or no supervisor answers any more. */
static int
run_watch(const struct call *call)
{
	const struct timespec pause = { .tv_sec = WATCH_S };

	fputs("\033[2J", stdout);
	while (draw(call))
		(void)nanosleep(&pause, NULL);
	return EXITCODE_FAILED;
}

typedef int run_fn(const struct call *call);

static const struct {
	const char *name;
	const char *operands; /* for the usage; "": none */
	int n_operands;
	run_fn *run;
	const char *help;
} commands[] = {
	{ "drain", "", 0, run_simple,
	    "finish what is in hand, however long it takes, and exit" },
	{ "health", "", 0, run_health, "exit 0 if all is well, else 1" },
	{ "metrics", "", 0, run_metrics, "print metrics as OpenMetrics" },
	{ "pause", "QUEUE", 1, run_simple, "receive no more of a queue" },
	{ "reload", "", 0, run_simple,
	    "load the settings again, replace children in turn" },
	{ "restart", "SLOT", 1, run_simple,
	    "replace a child when it has finished" },
	{ "resume", "QUEUE", 1, run_simple, "receive again" },
	{ "scale", "QUEUE NUMBER", 2, run_simple,
	    "have another number of children" },
	{ "status", "", 0, run_status, "show every child (--json: all)" },
	{ "stop", "", 0, run_simple, "stop within the grace timeout" },
	{ "version", "", 0, NULL, "print the version" },
	{ "watch", "", 0, run_watch, "show every child, again and again" },
};

/* ---- the command line ---- */

static void
usage(FILE *to)
{
	size_t i;

	fputs("usage: sqsherdctl [-s socket] [--json] command [operand ...]\n"
	      "\n"
	      "commands:\n",
	    to);
	for (i = 0; i < nitems(commands); i++)
		fprintf(to, "  %-8s %-13s %s\n", commands[i].name,
		    commands[i].operands, commands[i].help);
	fputs("\n"
	      "options:\n"
	      "  --json       print what status says as JSON\n"
	      "  -h, --help   print this text\n"
	      "  -s socket    ask the supervisor that has this socket\n",
	    to);
}

static _Noreturn void
usage_error(void)
{
	usage(stderr);
	exit(EXITCODE_USAGE);
}

/* With a blank or a newline in an operand the line would be another request. */
static void
make_request(struct call *call, char **words)
{
	size_t i;
	int len = 0;

	for (i = 0; words[i] != NULL; i++) {
		if (strpbrk(words[i], " \n") != NULL)
			usage_error();
		len += snprintf(call->request + len,
		    sizeof(call->request) - (size_t)len, "%s%s",
		    i > 0 ? " " : "", words[i]);
		if ((size_t)len >= sizeof(call->request) - 1)
			usage_error();
	}
	(void)strlcat(call->request, "\n", sizeof(call->request));
}

static int
run_command(struct call *call, int n, char **words)
{
	size_t i;

	for (i = 0; i < nitems(commands); i++)
		if (strcmp(words[0], commands[i].name) == 0)
			break;
	if (i == nitems(commands)) {
		fprintf(stderr, "sqsherdctl: unknown command \"%s\"\n",
		    words[0]);
		usage_error();
	}
	if (n - 1 != commands[i].n_operands)
		usage_error();
	if (commands[i].run == NULL) {
		puts("sqsherdctl " SQSHERD_VERSION);
		return EXITCODE_OK;
	}
	make_request(call, words);
	return commands[i].run(call);
}

int
main(int argc, char **argv)
{
	static const struct option names[] = {
		{ "json", no_argument, NULL, OPTION_JSON },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct call call = { .path = getenv("SQSHERD_CONTROL_SOCKET") };
	int option, result;

	while ((option = getopt_long(argc, argv, "hs:", names, NULL)) != -1) {
		switch (option) {
		case OPTION_JSON:
			call.json = true;
			break;
		case 's':
			call.path = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXITCODE_OK;
		default:
			usage_error();
		}
	}
	if (optind == argc)
		usage_error();
	result = run_command(&call, argc - optind, argv + optind);
	if (fflush(stdout) != 0 || ferror(stdout))
		return EXITCODE_FAILED;
	return result;
}
