/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Finding a supervisor.  See sqsherdctl_socket.h.
 */
#include "tools/sqsherdctl_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>

#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/ipc/control_path.h"

#include "common/base/banned.h"

#define SHM_PATTERN "/dev/shm/sqsherd-[0-9]*/" CONTROL_PATH_SOCKET_NAME
#define RUN         "/run/"

enum {
	WAIT_MAX_MS = 60 * 1000
};

/* ---- a connection ---- */

/* -1 with errno. */
static int
open_socket(int64_t deadline_ms)
{
	int left = clock_timeout_ms(clock_ms(), deadline_ms, WAIT_MAX_MS);
	/* SO_SNDTIMEO 0 means for ever. */
	const struct timeval patience = { .tv_sec = left / 1000,
		.tv_usec = left % 1000 * 1000 + 1 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* SO_SNDTIMEO limits connect(2) as well, which waits while the backlog
	   is full. */
	if (fd != -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience,
		    sizeof(patience));
	return fd;
}

/* -1 with errno. */
static int
connect_to(const char *path, int64_t deadline_ms)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd, error;

	if (strlcpy(a.sun_path, path, sizeof(a.sun_path)) >=
	    sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open_socket(deadline_ms);
	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

/* Gets the user that called listen(2), as the kernel noted it then. */
static bool
get_peer(int fd, uid_t *ret)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1)
		return false;
	*ret = peer.uid;
	return true;
}

/* ---- the default places ---- */

struct search {
	int64_t deadline_ms;
	int fd; /* -1: nowhere yet */
	unsigned found;
	unsigned refused;
	char last[PATH_MAX]; /* the last path that was found */
	char paths[1024];
};

static void
refuse(struct search *s, const char *path, const char *why)
{
	s->refused++;
	/* If another supervisor was found, this socket does not matter. */
	if (s->found == 0)
		fprintf(stderr, "sqsherdctl: %s is not believed: %s\n", path,
		    why);
}

/*
 * Can only root and the owner change each directory of this resolved path, up
 * to /run?
 */
static bool
is_safe_in_run(const char *directory, uid_t owner)
{
	char path[PATH_MAX];
	struct stat st;
	char *slash;

	if (strncmp(directory, RUN, strlen(RUN)) != 0)
		return false;
	(void)strlcpy(path, directory, sizeof(path));
	while ((slash = strrchr(path, '/')) != NULL && slash > path) {
		if (lstat(path, &st) == -1 || (st.st_mode & 022) != 0 ||
		    (st.st_uid != 0 && st.st_uid != owner))
			return false;
		*slash = '\0';
	}
	return true;
}

static const char *
why_not_believed(const char *directory, uid_t owner)
{
	static char why[64];

	if (owner == geteuid() ||
	    (geteuid() == 0 && is_safe_in_run(directory, owner)))
		return NULL;
	(void)snprintf(why, sizeof(why), "the directory is user %u's",
	    (unsigned)owner);
	return why;
}

static void
keep(struct search *s, int fd, const char *path)
{
	s->found++;
	(void)strlcat(s->paths, s->found > 1 ? ", " : "", sizeof(s->paths));
	(void)strlcat(s->paths, path, sizeof(s->paths));
	(void)strlcpy(s->last, path, sizeof(s->last));
	if (s->fd == -1)
		s->fd = fd;
	else
		close(fd);
}

static void
try_socket(struct search *s, const char *path, uid_t owner)
{
	int fd = connect_to(path, s->deadline_ms);
	uid_t peer = (uid_t)-1;

	if (fd == -1)
		return;
	if (get_peer(fd, &peer) && peer == owner) {
		keep(s, fd, path);
		return;
	}
	refuse(s, path, "another user than the directory's owner answers");
	close(fd);
}

/* A socket that cannot be believed is not even connected to. */
static void
try_directory(struct search *s, const char *directory)
{
	char path[CONTROL_PATH_SIZE], real[PATH_MAX];
	const char *why;
	struct stat st;
	uid_t owner;

	control_path_socket_in(directory, path);
	if (stat(path, &st) == -1 || realpath(directory, real) == NULL)
		return;
	why = control_path_why_shared(directory, &owner);
	if (why == NULL)
		why = why_not_believed(real, owner);
	if (why != NULL) {
		refuse(s, path, why);
		return;
	}
	/* Connects by the resolved name, because that was checked. */
	(void)strlcat(real, "/" CONTROL_PATH_SOCKET_NAME, sizeof(real));
	if (strcmp(real, s->last) != 0)
		try_socket(s, real, owner);
}

/*
 * Root in a container may mean the supervisor that another user runs there;
 * only the person can know.
 */
static void
name_others(void)
{
	glob_t found;
	size_t i;

	if (geteuid() != 0 || glob(SHM_PATTERN, 0, NULL, &found) != 0)
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		size_t digits = strlen("/dev/shm/sqsherd-");
		struct stat st;

		digits += strspn(path + digits, "0123456789");
		if (path[digits] == '/' && lstat(path, &st) == 0)
			fprintf(stderr,
			    "sqsherdctl: -s %s would ask that of user %u\n",
			    path, (unsigned)st.st_uid);
	}
	globfree(&found);
}

static int
search_supervisor(int64_t deadline_ms)
{
	struct search s = { .deadline_ms = deadline_ms, .fd = -1 };
	char directory[CONTROL_PATH_SIZE];
	bool made;
	size_t i;

	for (i = 0; i < CONTROL_PATH_DIRECTORIES; i++)
		if (control_path_directory(i, directory, &made))
			try_directory(&s, directory);
	if (s.found == 0) {
		fputs("sqsherdctl: no supervisor answers: none is running, or "
		      "-s has to say where\n",
		    stderr);
		name_others();
	}
	if (s.found <= 1)
		return s.fd;
	fprintf(stderr,
	    "sqsherdctl: several supervisors answer: choose with "
	    "-s one of %s\n",
	    s.paths);
	close(s.fd);
	return -1;
}

/* ---- a place that is given ---- */

static int
connect_to_given(const char *path, int64_t deadline_ms)
{
	int fd = connect_to(path, deadline_ms);
	uid_t peer = (uid_t)-1;

	if (fd == -1) {
		fprintf(stderr, "sqsherdctl: no supervisor answers at %s: %s\n",
		    path, strerror(errno));
		return -1;
	}
	if (get_peer(fd, &peer) &&
	    (peer == geteuid() || peer == 0 || geteuid() == 0))
		return fd;
	fprintf(stderr, "sqsherdctl: %s is not believed: user %u answers\n",
	    path, (unsigned)peer);
	close(fd);
	return -1;
}

int
sqsherdctl_connect(const char *path, int64_t deadline_ms)
{
	if (path == NULL || path[0] == '\0')
		return search_supervisor(deadline_ms);
	if (strcmp(path, "off") == 0) {
		fputs("sqsherdctl: control_socket is off\n", stderr);
		return -1;
	}
	return connect_to_given(path, deadline_ms);
}
