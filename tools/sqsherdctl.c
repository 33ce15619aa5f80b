/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqsherdctl: asks a running supervisor on its control socket, and shows the
 * answer.  It needs no shell and no place to write: fit for a container's
 * health check.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <getopt.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/control_path.h"
#include "common/exitcode.h"
#include "common/json.h"
#include "common/xalloc.h"
#include "tools/sqsherdctl_table.h"

#include "common/banned.h"

enum {
	ANSWER_MAX = 16 * 1024 * 1024,
	ANSWER_S = 5,
	WATCH_S = 1,
	COLUMNS = 80,
	LINES = 24,
	OPTION_JSON = 256
};

/* ---- finding and asking ---- */

static int
connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	const struct timeval patience = { .tv_sec = ANSWER_S };
	int fd, error;

	if (strlcpy(a.sun_path, path, sizeof(a.sun_path)) >=
	    sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
	    sizeof(patience));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
	    sizeof(patience));
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Where somebody answers, of all default places. */
struct search {
	int fd; /* -1: nowhere yet */
	unsigned found;
	char paths[1024];
};

static void
try_path(struct search *s, const char *path)
{
	int fd = connect_to(path);

	if (fd == -1)
		return;
	s->found++;
	(void)strlcat(s->paths, s->found > 1 ? ", " : "", sizeof(s->paths));
	(void)strlcat(s->paths, path, sizeof(s->paths));
	if (s->fd == -1)
		s->fd = fd;
	else
		close(fd);
}

/* Root looks at what any user has in /dev/shm, its own included. */
static void
try_everybody(struct search *s)
{
	glob_t found;
	size_t i;

	if (glob(CONTROL_SHM_PATTERN, 0, NULL, &found) != 0)
		return;
	for (i = 0; i < found.gl_pathc; i++)
		try_path(s, found.gl_pathv[i]);
	globfree(&found);
}

static int
search_supervisor(void)
{
	struct search s = { .fd = -1 };
	char directory[CONTROL_PATH_SIZE], path[CONTROL_PATH_SIZE];
	bool made;
	size_t i;

	for (i = 0; i < CONTROL_DIRECTORIES; i++) {
		/* The last is among everybody's. */
		if ((geteuid() == 0 && i == CONTROL_DIRECTORIES - 1) ||
		    !control_directory(i, directory, &made))
			continue;
		control_socket_in(directory, path);
		try_path(&s, path);
	}
	if (geteuid() == 0)
		try_everybody(&s);
	if (s.found == 0)
		fputs("sqsherdctl: no supervisor answers: none is running, or "
		      "-s has to say where\n",
		    stderr);
	if (s.found <= 1)
		return s.fd;
	fprintf(stderr,
	    "sqsherdctl: several supervisors answer: choose with "
	    "-s one of %s\n",
	    s.paths);
	close(s.fd);
	return -1;
}

static int
find_supervisor(const char *path)
{
	int fd;

	if (path == NULL)
		path = getenv("SQSHERD_CONTROL_SOCKET");
	if (path == NULL || path[0] == '\0')
		return search_supervisor();
	if (strcmp(path, "off") == 0) {
		fputs("sqsherdctl: control_socket is off\n", stderr);
		return -1;
	}
	fd = connect_to(path);
	if (fd == -1)
		fprintf(stderr, "sqsherdctl: no supervisor answers at %s: %s\n",
		    path, strerror(errno));
	return fd;
}

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

/* Returns 0, or -1 after saying why there is no answer. */
static int
ask(const char *path, const char *request, struct buf *answer)
{
	char part[16384];
	ssize_t n = 0;
	int fd = find_supervisor(path);

	if (fd == -1)
		return -1;
	if (send_all(fd, request, strlen(request)))
		while ((n = recv(fd, part, sizeof(part), 0)) > 0)
			buf_append(answer, part, (size_t)n);
	if (n == -1 && answer->len == 0)
		fprintf(stderr, "sqsherdctl: no answer: %s\n",
		    errno == EAGAIN ? "the supervisor is too slow"
				    : strerror(errno));
	else if (answer->len == 0)
		fputs("sqsherdctl: the supervisor refuses to answer\n", stderr);
	close(fd);
	return answer->len > 0 ? 0 : -1;
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
	fprintf(stderr, "sqsherdctl: this answer cannot be understood: %s\n",
	    e.text);
	return -1;
}

static int
bad_table(const char *why)
{
	fprintf(stderr, "sqsherdctl: this answer cannot be understood: %s\n",
	    why);
	return EXITCODE_FAILED;
}

/* ---- commands ---- */

struct call {
	const char *path; /* -s */
	bool json;
	char request[512];
};

/* The answer is one line for a person. */
static int
run_simple(const struct call *call)
{
	struct buf answer = BUF_INIT(ANSWER_MAX);
	struct verdict v = { .ok = false };
	int result = EXITCODE_FAILED;

	if (ask(call->path, call->request, &answer) == 0 &&
	    read_verdict(&answer, &v) == 0) {
		if (v.ok)
			puts(v.msg);
		else
			fprintf(stderr, "sqsherdctl: %s\n", v.msg);
		result = v.ok ? EXITCODE_OK : EXITCODE_FAILED;
	}
	buf_release(&answer);
	return result;
}

/* The line is the result in either case, and a health check keeps stdout. */
static int
run_health(const struct call *call)
{
	struct buf answer = BUF_INIT(ANSWER_MAX);
	struct verdict v = { .ok = false };

	if (ask(call->path, call->request, &answer) == 0 &&
	    read_verdict(&answer, &v) == 0)
		puts(v.msg);
	buf_release(&answer);
	return v.ok ? EXITCODE_OK : EXITCODE_FAILED;
}

/* All of it or nothing: half of it would be numbers that went down. */
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
		fputs(answer.data, stdout);
		result = EXITCODE_OK;
	} else if (read_verdict(&answer, &v) == 0)
		fprintf(stderr, "sqsherdctl: %s\n", v.msg);
	buf_release(&answer);
	return result;
}

static int
run_status(const struct call *call)
{
	struct buf answer = BUF_INIT(ANSWER_MAX);
	struct buf table = BUF_INIT(ANSWER_MAX);
	struct winsize size = { .ws_col = 0 };
	const char *why;
	int result = EXITCODE_FAILED;

	(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	if (ask(call->path, call->request, &answer) == 0) {
		if (call->json)
			buf_append(&table, answer.data, answer.len);
		why = call->json
		    ? NULL
		    : sqsherdctl_table(buf_span(&answer),
			  size.ws_col > 0 ? size.ws_col : COLUMNS, &table);
		result = why == NULL ? EXITCODE_OK : bad_table(why);
		if (why == NULL)
			fputs(buf_str(&table), stdout);
	}
	buf_release(&answer);
	buf_release(&table);
	return result;
}

/* As many lines as there are, with what is left out counted in the last. */
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
			(void)bad_table(why);
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

/* Until it is interrupted, or nobody answers any more. */
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

/* A blank or a newline in an operand would be another request. */
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
	struct call call = { .path = NULL };
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
