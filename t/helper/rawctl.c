/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A client of a control socket that keeps to no rule.
 *
 *	rawctl SOCKET say       sends stdin as it is, prints the answer
 *	rawctl SOCKET hold N    opens N connections, prints "held", says nothing
 *				until stdin ends
 *	rawctl SOCKET flood N   N times: connects, sends half a request, leaves
 *	rawctl SOCKET best N	asks N times for the health, prints how many
 *				milliseconds the fastest answer took: the others
 *				may have waited for a busy machine
 *	rawctl SOCKET deaf      asks for the status and never reads it; prints
 *				"deaf", waits until stdin ends
 *
 * And a supervisor that keeps to no rule, until it is killed:
 *
 *	rawctl SOCKET answer    answers each request with what stdin had
 *	rawctl SOCKET dribble   answers with a byte now and then, for ever
 *	rawctl SOCKET pour      answers as fast as it can, for ever
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"

#include "common/base/banned.h"

static int
connect_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)strlcpy(a.sun_path, path, sizeof(a.sun_path));
	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&a, sizeof(a)) == -1)
		err(1, "%s", path);
	return fd;
}

static void
copy(int from, int to)
{
	char part[4096];
	ssize_t n;

	while ((n = read(from, part, sizeof(part))) > 0)
		if (write(to, part, (size_t)n) != n)
			return; /* the other side reads no more */
}

static int64_t
best_of(const char *path, int n)
{
	int64_t best = INT64_MAX, began, took;
	char part[1024];
	int fd;

	while (n-- > 0) {
		began = clock_ms();
		fd = connect_to(path);
		if (write(fd, "health\n", 7) != 7 ||
		    read(fd, part, sizeof(part)) <= 0)
			errx(1, "no answer");
		close(fd);
		took = clock_ms() - began;
		if (took < best)
			best = took;
	}
	return best;
}

static void
wait_for_end(const char *word)
{
	puts(word);
	(void)fflush(stdout);
	copy(STDIN_FILENO, open("/dev/null", O_WRONLY));
}

enum {
	DRIBBLE_MS = 200
};

/*
 * Every user may connect, so that sqsherdctl refuses it for another reason than
 * its mode.
 */
static int
listen_at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)umask(0);
	(void)strlcpy(a.sun_path, path, sizeof(a.sun_path));
	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&a, sizeof(a)) == -1 ||
	    listen(fd, 16) == -1)
		err(1, "%s", path);
	return fd;
}

static void
answer(int fd, const char *how, const char *text, size_t len)
{
	static const char zeros[65536];
	bool pours = strcmp(how, "pour") == 0;
	char request[256];
	ssize_t n = read(fd, request, sizeof(request));

	if (n > 0) {
		(void)!write(STDOUT_FILENO, request, (size_t)n);
		n = send(fd, text, len, MSG_NOSIGNAL);
	}
	while (n > 0 && strcmp(how, "answer") != 0) {
		if (!pours)
			(void)poll(NULL, 0, DRIBBLE_MS);
		n = send(fd, pours ? zeros : " ", pours ? sizeof(zeros) : 1,
		    MSG_NOSIGNAL);
	}
}

static void
be_supervisor(const char *path, const char *how)
{
	char text[65536];
	size_t len = 0;
	ssize_t n;
	int fd, at;

	while ((n = read(STDIN_FILENO, text + len, sizeof(text) - len)) > 0)
		len += (size_t)n;
	at = listen_at(path);
	(void)signal(SIGCHLD, SIG_IGN);
	while ((fd = accept(at, NULL, NULL)) != -1) {
		if (fork() == 0) {
			answer(fd, how, text, len);
			_exit(0);
		}
		close(fd);
	}
}

int
main(int argc, char **argv)
{
	int i, fd, n = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0;

	if (argc < 3)
		errx(64,
		    "usage: rawctl socket say|hold|flood|best|deaf|answer|"
		    "dribble|pour [n]");
	if (strcmp(argv[2], "say") == 0) {
		fd = connect_to(argv[1]);
		copy(STDIN_FILENO, fd);
		copy(fd, STDOUT_FILENO);
	} else if (strcmp(argv[2], "deaf") == 0) {
		fd = connect_to(argv[1]);
		(void)!write(fd, "status\n", 7);
		wait_for_end("deaf");
	} else if (strcmp(argv[2], "best") == 0) {
		printf("%lld\n", (long long)best_of(argv[1], n));
	} else if (strcmp(argv[2], "hold") == 0) {
		for (i = 0; i < n; i++)
			(void)connect_to(argv[1]);
		wait_for_end("held");
	} else if (strcmp(argv[2], "flood") != 0)
		be_supervisor(argv[1], argv[2]);
	else
		for (i = 0; i < n; i++) {
			fd = connect_to(argv[1]);
			(void)!write(fd, "sta", 3);
			close(fd);
		}
	return 0;
}
