/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The log, as its reader sees it: each test puts a pipe, a socket or a file
 * in the place of stderr.
 */
#include "common/base/log.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/log_text.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

enum {
	RECORD_MAX = 4096
};

static int real_stderr;
static char records[1 << 20]; /* what reader_take read last */

/* fd becomes stderr, and the log's. */
static void
log_to(int fd, enum log_format format)
{
	if (dup2(fd, STDERR_FILENO) == -1)
		abort();
	log_init(format, LOG_LEVEL_INFO);
	log_identify("tester", NULL, -1);
}

static void
log_to_real_stderr(void)
{
	log_to(real_stderr, LOG_FORMAT_TEXT);
}

static int
open_reader(enum log_format format)
{
	int fds[2];

	if (pipe(fds) == -1 || fcntl(fds[0], F_SETFL, O_NONBLOCK) == -1)
		abort();
	log_to(fds[1], format);
	(void)close(fds[1]);
	return fds[0];
}

/* All that is there now, as a string. */
static const char *
reader_take(int fd)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, records + len, sizeof(records) - 1 - len)) > 0)
		len += (size_t)n;
	records[len] = '\0';
	return records;
}

static void
close_reader(int fd)
{
	log_to_real_stderr();
	(void)close(fd);
}

/* A member of a record, decoded; "" if there is none. */
struct member {
	const char *name;
	char value[RECORD_MAX];
	size_t n; /* how often it occurs */
};

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct member *m = arg;

	if (path->depth == 0 || !json_key_is(&path->level[0], m->name))
		return 0;
	m->n++;
	(void)snprintf(m->value, sizeof(m->value), "%.*s", (int)v->text.len,
	    v->text.p);
	return 0;
}

/* Of a single record in JSON; the pointer is good until the next call. */
static const char *
member(const char *record, const char *name)
{
	static struct member m;
	struct error e;

	memset(&m, 0, sizeof(m));
	m.name = name;
	if (json_parse(span_of(record), on_value, &m, &e) == -1) {
		printf("# %s: %s\n", e.text, record);
		return "(invalid JSON)";
	}
	return m.n < 2 ? m.value : "(more than once)";
}

static bool
is_one_record(const char *s)
{
	size_t len = strlen(s);

	return len > 0 && len <= RECORD_MAX && strchr(s, '\n') == s + len - 1;
}

static void
test_json(void)
{
	int64_t written, before = clock_real_ms();
	char pid[16];
	const char *r;
	int fd = open_reader(LOG_FORMAT_AUTO);

	(void)snprintf(pid, sizeof(pid), "%d", (int)getpid());
	log_info("thing_done", log_str("name", "a \"b\"\n"), log_int("n", -5),
	    log_ms("took_ms", 1500), log_bool("good", true),
	    log_str("absent", NULL), log_mem("bytes", "x\0y", 3));
	r = reader_take(fd);
	ok(is_one_record(r), "to a pipe a record is a line of JSON");
	is_str(member(r, "event"), "thing_done", "it has its event");
	is_str(member(r, "level"), "info", "its level");
	is_str(member(r, "role"), "tester", "its process's role");
	is_str(member(r, "pid"), pid, "and pid");
	ok(clock_parse_iso(member(r, "time"), &written) == 0 &&
		written >= before && written <= clock_real_ms(),
	    "and its time");
	is_str(member(r, "name"), "a \"b\"\n", "a string comes through");
	is_str(member(r, "n"), "-5", "so do numbers");
	is_str(member(r, "took_ms"), "1500", "milliseconds");
	is_str(member(r, "good"), "true", "and truth");
	ok(strstr(r, "absent") == NULL, "a string that is NULL is left out");
	ok(strstr(r, "\"x\\u0000y\"") != NULL, "a string may hold a NUL");
	ok(strstr(r, "queue") == NULL && strstr(r, "slot") == NULL,
	    "a process without a queue names none");
	log_identify("child", "jo\"bs", 3);
	log_info("x", log_int("n", 1));
	r = reader_take(fd);
	is_str(member(r, "queue"), "jo\"bs", "a child names its queue");
	is_str(member(r, "slot"), "3", "and its slot");
	close_reader(fd);
}

static void
test_odd_bytes(void)
{
	char all[256];
	size_t i;
	const char *r;
	int fd = open_reader(LOG_FORMAT_JSON);

	for (i = 0; i < sizeof(all); i++)
		all[i] = (char)(255 - i);
	log_info("x", log_mem("all", all, sizeof(all)), log_int("last", 1));
	r = reader_take(fd);
	ok(is_one_record(r), "bytes of any value stay in their line");
	is_str(member(r, "last"), "1", "and in their string");
	close_reader(fd);
	fd = open_reader(LOG_FORMAT_TEXT);
	log_info("x", log_mem("all", all, sizeof(all)));
	ok(is_one_record(reader_take(fd)), "in text as well");
	close_reader(fd);
}

static void
test_text(void)
{
	const char *r;
	int fd = open_reader(LOG_FORMAT_TEXT);

	log_identify("child", "jobs", 3);
	log_warn("thing_done", log_str("plain", "a/b=c"),
	    log_str("spaced", "a b"), log_str("quoted", "a\"\n\x1B[1m"),
	    log_str("empty", ""), log_str("utf8", "\u00e9"), log_int("n", 0),
	    log_ms("took", 61042), log_ms("back", -1500), log_ms("least", -5),
	    log_bool("good", false));
	r = reader_take(fd);
	ok(is_one_record(r), "as text a record is a line");
	ok(strstr(r, " warn jobs/3 thing done ") != NULL, "with its child");
	ok(strstr(r, " plain=a/b=c ") != NULL, "plain words stand alone");
	ok(strstr(r, " spaced=\"a b\" ") != NULL, "others are quoted");
	ok(strstr(r, " quoted=\"a\\\"\\n\\u001b[1m\" ") != NULL,
	    "and cannot change the terminal");
	ok(strstr(r, " empty=\"\" ") != NULL, "nothing is seen as nothing");
	ok(strstr(r, " utf8=\"\u00e9\" ") != NULL, "letters are readable");
	ok(strstr(r, " took=61.042s ") != NULL, "times are in seconds");
	ok(strstr(r, " back=-1.500s least=-0.005s ") != NULL,
	    "negative ones too");
	ok(strstr(r, " good=no\n") != NULL, "truth is yes or no");
	close_reader(fd);
}

/* What a person has asked for more of. */
static void
test_details(void)
{
	char line[2 * RECORD_MAX];
	const char *r;
	int fd = open_reader(LOG_FORMAT_TEXT);

	log_identify("child", "jobs", 3);
	log_warn("receive_failed", log_str("error", "no"), log_str("code", "X"),
	    log_ms("pause_ms", 1743));
	r = reader_take(fd);
	ok(is_one_record(r), "of what people meet often");
	is_str(r + 8, " warn jobs/3 cannot receive: no; next try in 1.7 s\n",
	    "they read a sentence");
	log_info("child_started", log_int("child_pid", 7));
	is_str(reader_take(fd), "", "or nothing");
	log_init(LOG_FORMAT_TEXT, LOG_LEVEL_DEBUG);
	log_warn("receive_failed", log_str("error", "no"), log_str("code", "X"),
	    log_ms("pause_ms", 1743));
	r = reader_take(fd);
	ok(strstr(r,
	       " warn  jobs/3 cannot receive: no; next try in 1.7 s | "
	       "child[") != NULL,
	    "with details it is a sentence as well");
	ok(strstr(r, "] receive_failed error=no code=X pause=1.743s\n") != NULL,
	    "and event and fields, of which none has two units");
	log_info("child_started", log_int("child_pid", 7));
	ok(strstr(reader_take(fd), "] child_started child_pid=7\n") != NULL,
	    "and nothing is left out");
	memset(line, 'x', sizeof(line));
	log_info("handler_output", log_mem("line", line, sizeof(line)));
	r = reader_take(fd);
	ok(is_one_record(r), "one that is too long is a line, too");
	ok(strstr(r, " truncated=yes\n") != NULL, "and says that it is cut");
	close_reader(fd);
}

/* As several children do. */
static void
test_shared(void)
{
	log_once_stamp said[LOG_TEXT_TOPICS] = { 0 };
	const char *r;
	int fd = open_reader(LOG_FORMAT_TEXT), i;

	log_share(said);
	for (i = 0; i < 3; i++) {
		log_identify("child", "jobs", i);
		log_warn("receive_failed", log_str("error", "no"),
		    log_ms("pause_ms", 1000 + i));
	}
	r = reader_take(fd);
	ok(is_one_record(r) && strstr(r, " jobs/0 ") != NULL,
	    "what several say is said once");
	said[LOG_TEXT_RECEIVE] -= LOG_ONCE_MS / 100;
	log_warn("receive_failed", log_str("error", "no"),
	    log_ms("pause_ms", 2000));
	r = reader_take(fd);
	ok(strstr(r, " in 2 s (and 2 more since)\n") != NULL,
	    "and after a while again, with how many did");
	log_warn("receive_failed", log_str("error", "why"),
	    log_ms("pause_ms", 2000));
	ok(is_one_record(reader_take(fd)), "something else is said at once");
	log_init(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	for (i = 0; i < 3; i++)
		log_warn("receive_failed", log_str("error", "why"));
	r = reader_take(fd);
	for (i = 0; *r != '\0'; r = strchr(r, '\n') + 1)
		i++;
	is_int(i, 3, "JSON has every record");
	log_share(NULL);
	close_reader(fd);
}

static void
test_levels(void)
{
	int fd = open_reader(LOG_FORMAT_JSON);

	log_debug("x", log_int("n", 1));
	is_str(reader_take(fd), "", "what is below the level is not written");
	log_init(LOG_FORMAT_JSON, LOG_LEVEL_ERROR);
	ok(!log_enabled(LOG_LEVEL_WARN) && log_enabled(LOG_LEVEL_ERROR),
	    "the level can be raised");
	log_warn("x", log_int("n", 1));
	is_str(reader_take(fd), "", "then warnings are not written");
	log_error("x", log_int("n", 1));
	is_str(member(reader_take(fd), "level"), "error", "but errors are");
	close_reader(fd);
}

static void
test_errno(void)
{
	int fd = open_reader(LOG_FORMAT_JSON);

	errno = ENOTTY;
	log_info("x", log_int("n", 1));
	is_int(errno, ENOTTY, "a record that is written keeps errno");
	log_init(LOG_FORMAT_AUTO, LOG_LEVEL_INFO);
	is_int(errno, ENOTTY, "so does opening the log");
	close_reader(fd);
}

static void
test_error_fields(void)
{
	struct error e;
	const char *r;
	int fd = open_reader(LOG_FORMAT_JSON);

	(void)error_set(&e, ERROR_RETRY, "broken");
	log_info("x", LOG_ERROR_FIELDS(&e));
	r = reader_take(fd);
	is_str(member(r, "error"), "broken", "an error is logged by its text");
	ok(strstr(r, "code") == NULL && strstr(r, "request_id") == NULL,
	    "what it does not have is left out");
	(void)snprintf(e.code, sizeof(e.code), "Throttled");
	(void)snprintf(e.request_id, sizeof(e.request_id), "r-1");
	log_info("x", LOG_ERROR_FIELDS(&e));
	r = reader_take(fd);
	is_str(member(r, "code"), "Throttled", "what it has is not");
	is_str(member(r, "request_id"), "r-1", "up to the request");
	close_reader(fd);
}

/* Of each length around the limit, plain, escaped and cut in a character. */
static void
test_long_fields(enum log_format format, const char *name)
{
	static const char *const units[] = { "a", "\"", "\x01", "\u65e5", " " };
	bool all_good = true, all_marked = true;
	char text[3 * 4200], pieces[128];
	size_t i, len, max;
	const char *r;
	int fd = open_reader(format);

	for (i = 0; i < nitems(units); i++) {
		max = strlen(units[i]) * 4200;
		for (len = 0; len < max; len++)
			text[len] = units[i][len % strlen(units[i])];
		for (len = 400; len < max; len += 13) {
			log_info("x", log_mem("long", text, len),
			    log_int("tail", 77));
			r = reader_take(fd);
			all_good = all_good && is_one_record(r) &&
			    (format == LOG_FORMAT_TEXT ||
				strcmp(member(r, "event"), "x") == 0);
			if (len > RECORD_MAX)
				all_marked = all_marked &&
				    strstr(r, "truncated") != NULL;
		}
	}
	(void)snprintf(pieces, sizeof(pieces),
	    "as %s a long record is one of at most 4096 bytes", name);
	ok(all_good, pieces);
	ok(all_marked, "and is marked when it was cut");
	close_reader(fd);
}

static void
test_cut(void)
{
	static char huge[3 << 20];
	const char *r;
	int fd = open_reader(LOG_FORMAT_JSON);

	memset(huge, 'h', sizeof(huge));
	log_info("x", log_str("first", "1"),
	    log_mem("huge", huge, sizeof(huge)), log_int("last", 2));
	r = reader_take(fd);
	ok(is_one_record(r), "a field of megabytes is cut");
	is_str(member(r, "first"), "1", "the field before it is there");
	is_str(member(r, "last"), "2", "the one behind it too");
	ok(strlen(member(r, "huge")) > 1000, "and a good part of itself");
	is_str(member(r, "truncated"), "true", "and the record says so");
	log_info("x", log_int("n", 3));
	is_str(member(reader_take(fd), "truncated"), "",
	    "the next record is whole again");
	close_reader(fd);
}

static void
log_often(int n)
{
	while (n-- > 0)
		log_info("filling", log_str("text", "some text to be read"));
}

/* Reads fd, of which nothing was read before, and counts. */
static void
test_stuck_reader(int fd, const char *what)
{
	enum {
		N = 20000
	};
	int64_t begin = clock_ms();
	unsigned long dropped;
	const char *r;
	char count[32], name[80];
	size_t lines = 0;

	errno = 0;
	log_often(N);
	(void)snprintf(name, sizeof(name),
	    "a %s that nobody reads holds up nobody", what);
	ok(clock_ms() - begin < 5000, name);
	is_int(errno, 0, "a record that is dropped keeps errno");
	dropped = log_dropped();
	ok(dropped > 0 && dropped < N, "what does not fit is dropped");
	for (r = reader_take(fd); *r != '\0'; r = strchr(r, '\n') + 1)
		lines++;
	is_int(lines + dropped, N, "and counted");
	log_info("after", log_int("n", 1));
	r = reader_take(fd);
	(void)snprintf(count, sizeof(count), "%lu", dropped);
	is_str(member(r, "dropped"), count,
	    "the next record that gets through tells how many");
	log_info("after", log_int("n", 2));
	is_str(member(reader_take(fd), "dropped"), "", "only that one");
	is_int(log_dropped(), dropped, "the count goes on");
	log_identify("other", NULL, -1);
	is_int(log_dropped(), 0, "another process begins its own");
	close_reader(fd);
}

static void
test_stuck_pipe(void)
{
	test_stuck_reader(open_reader(LOG_FORMAT_JSON), "pipe");
}

/* Of root, but we may not open it anew: only its flags are shared. */
static void
test_stuck_foreign_pipe(void)
{
	int fds[2];

	if (geteuid() != 0)
		return;
	if (pipe(fds) == -1 || fcntl(fds[0], F_SETFL, O_NONBLOCK) == -1 ||
	    seteuid(65534) == -1)
		abort();
	log_to(fds[1], LOG_FORMAT_JSON);
	if (seteuid(0) == -1)
		abort();
	(void)close(fds[1]);
	test_stuck_reader(fds[0], "pipe of another user");
}

/* One that was opened with other rights is kept, as long as it is stderr. */
static void
test_kept_pipe(void)
{
	int i, fd = open_reader(LOG_FORMAT_JSON);
	const char *r;
	size_t lines = 0;

	if (geteuid() == 0 && seteuid(65534) == -1)
		abort();
	log_init(LOG_FORMAT_JSON, LOG_LEVEL_INFO);
	/* More than a pipe holds if each has a page of its own. */
	for (i = 0; i < 100; i++)
		log_info("x", log_int("n", i));
	for (r = reader_take(fd); *r != '\0'; r = strchr(r, '\n') + 1)
		lines++;
	is_int(lines, 100, "a pipe stays open when the right to it is lost");
	if (getuid() == 0 && seteuid(0) == -1)
		abort();
	close_reader(fd);
	fd = open_reader(LOG_FORMAT_JSON);
	log_info("x", log_int("n", 1));
	ok(is_one_record(reader_take(fd)), "but for the next stderr");
	close_reader(fd);
}

static void
test_stuck_socket(void)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 ||
	    fcntl(fds[0], F_SETFL, O_NONBLOCK) == -1)
		abort();
	log_to(fds[1], LOG_FORMAT_JSON);
	(void)close(fds[1]);
	test_stuck_reader(fds[0], "socket");
}

/* Others write to the same stderr and expect it to block. */
static void
test_flags_are_left_alone(void)
{
	int fd = open_reader(LOG_FORMAT_JSON);

	log_info("x", log_int("n", 1));
	is_int(fcntl(STDERR_FILENO, F_GETFL) & O_NONBLOCK, 0,
	    "stderr itself stays blocking");
	close_reader(fd);
}

static void
test_file(void)
{
	char path[] = "/tmp/sqsherd-log-XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1)
		abort();
	(void)unlink(path);
	log_to(fd, LOG_FORMAT_AUTO);
	log_often(100);
	log_info("last", log_int("n", 1));
	is_int(log_dropped(), 0, "to a file nothing is dropped");
	(void)lseek(fd, 0, SEEK_SET);
	ok(strstr(reader_take(fd), "\"event\":\"last\"") != NULL,
	    "and all is there");
	close_reader(fd);
}

static void
test_gone_reader(void)
{
	int fd = open_reader(LOG_FORMAT_JSON);

	(void)close(fd);
	/* Its processes block SIGPIPE; here it would end the program. */
	(void)signal(SIGPIPE, SIG_IGN);
	log_often(10);
	is_int(log_dropped(), 10, "without a reader records are dropped");
	log_to_real_stderr();
}

int
main(void)
{
	real_stderr = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	if (real_stderr == -1)
		abort();
	test_json();
	test_odd_bytes();
	test_text();
	test_details();
	test_shared();
	test_levels();
	test_errno();
	test_error_fields();
	test_long_fields(LOG_FORMAT_JSON, "JSON");
	test_long_fields(LOG_FORMAT_TEXT, "text");
	test_cut();
	test_stuck_pipe();
	test_stuck_foreign_pipe();
	test_kept_pipe();
	test_stuck_socket();
	test_flags_are_left_alone();
	test_file();
	test_gone_reader();
	return tap_done();
}
