/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See control.h.
 */
#include "supervisor/control/control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"

#include "common/base/banned.h"

enum {
	CLIENT_MS = 5000, /* from the connection to the end of its answer */
	REST_MS = 1000,   /* for instance when there are no descriptors */
	BACKLOG = 64,
	ANSWER_MAX = 16 * 1024 * 1024
};

/* ---- the socket ---- */

static void
close_one(int *fd)
{
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
}

static int
refuse(struct control *c, const char *path, const char *error)
{
	(void)snprintf(c->why, sizeof(c->why), "%s: %s", path, error);
	return -1;
}

static int
refuse_held(struct control *c)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(c->lock_fd, F_GETLK, &lock) == -1)
		lock.l_pid = 0;
	(void)snprintf(c->why, sizeof(c->why),
	    "%s: is the socket of another supervisor, process %ld", c->path,
	    (long)lock.l_pid);
	return -1;
}

/*
 * The lock is one of fcntl(2), because a child does not inherit it, and it
 * names the process that holds it.  The file stays behind: to remove it could
 * take it from another process that has just locked it.
 */
static int
take_lock(struct control *c)
{
	char path[CONTROL_PATH_SIZE + 8];
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	(void)strlcpy(path, c->path, sizeof(path));
	(void)strlcat(path, ".lock", sizeof(path));
	c->lock_fd = open(path,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (c->lock_fd == -1)
		return refuse(c, path, strerror(errno));
	if (fcntl(c->lock_fd, F_SETLK, &lock) == -1)
		return refuse_held(c);
	return 0;
}

/* Removes an old socket.  We have the lock, so no process uses it. */
static int
remove_old_socket(struct control *c)
{
	struct stat st;

	if (lstat(c->path, &st) == -1)
		return errno == ENOENT ? 0
				       : refuse(c, c->path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return refuse(c, c->path, "exists and is not a socket");
	if (unlink(c->path) == -1)
		return refuse(c, c->path, strerror(errno));
	return 0;
}

static int
bind_socket(struct control *c)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	mode_t mask;
	int result;

	(void)strlcpy(a.sun_path, c->path, sizeof(a.sun_path));
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd == -1)
		return -1;
	/* The umask gives the socket its mode from the first moment. */
	mask = umask(0177);
	result = bind(c->fd, (const struct sockaddr *)&a, sizeof(a));
	(void)umask(mask);
	return result == 0 ? listen(c->fd, BACKLOG) : -1;
}

static int
open_at(struct control *c, const char *path)
{
	if (strlcpy(c->path, path, sizeof(c->path)) >= sizeof(c->path))
		return refuse(c, path, "is too long for a socket");
	if (take_lock(c) == 0 && remove_old_socket(c) == 0) {
		if (bind_socket(c) == 0)
			return 0;
		(void)refuse(c, path, strerror(errno));
	}
	close_one(&c->fd);
	close_one(&c->lock_fd);
	return -1;
}

/* No other user may be able to put a socket into the directory. */
static int
check_directory(struct control *c, const char *directory)
{
	uid_t owner;
	const char *why = control_path_why_shared(directory, &owner);

	if (why == NULL && owner != geteuid())
		why = "belongs to another user";
	return why == NULL ? 0 : refuse(c, directory, why);
}

static int
open_anywhere(struct control *c)
{
	char directory[CONTROL_PATH_SIZE], path[CONTROL_PATH_SIZE];
	bool made;
	size_t i;

	(void)strlcpy(c->why, "there is no default place", sizeof(c->why));
	for (i = 0; i < CONTROL_PATH_DIRECTORIES; i++) {
		if (!control_path_directory(i, directory, &made))
			continue;
		if (made)
			(void)mkdir(directory, 0700);
		if (check_directory(c, directory) == -1)
			continue;
		control_path_socket_in(directory, path);
		return open_at(c, path);
	}
	return -1;
}

int
control_open(struct control *c, const char *path, control_answer_fn *answer,
    void *arg)
{
	int result = 0;
	size_t i;

	*c = (struct control){ .fd = -1,
		.lock_fd = -1,
		.answer = answer,
		.arg = arg };
	for (i = 0; i < CONTROL_CLIENTS; i++)
		c->clients[i].fd = -1;
	if (path == NULL)
		result = open_anywhere(c);
	else if (strcmp(path, "off") != 0)
		result = open_at(c, path);
	if (c->fd != -1)
		log_debug("control_opened", log_str("path", c->path));
	if (result == -1)
		LOG_RECORD(path != NULL ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN,
		    "control_failed", log_str("error", c->why),
		    log_str("msg",
			"without a control socket sqsherdctl has nobody to "
			"ask: set control_socket"));
	/* sqsherd runs without a socket, unless the settings name a path. */
	return path != NULL ? result : 0;
}

void
control_abandon(struct control *c)
{
	size_t i;

	for (i = 0; i < CONTROL_CLIENTS; i++)
		close_one(&c->clients[i].fd);
	close_one(&c->fd);
	close_one(&c->lock_fd);
}

static void
drop(struct control_client *client)
{
	close_one(&client->fd);
	buf_release(&client->answer);
}

void
control_close(struct control *c)
{
	size_t i;

	for (i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i].fd != -1)
			drop(&c->clients[i]);
	if (c->fd != -1)
		(void)unlink(c->path);
	control_abandon(c);
}

/* ---- clients ---- */

static bool
is_allowed(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	log_warn("control_refused", log_int("peer_uid", peer.uid),
	    log_int("peer_pid", peer.pid));
	return false;
}

static struct control_client *
place_for_client(struct control *c)
{
	struct control_client *oldest = &c->clients[0];
	size_t i;

	for (i = 0; i < CONTROL_CLIENTS; i++) {
		if (c->clients[i].fd == -1)
			return &c->clients[i];
		if (c->clients[i].since_ms < oldest->since_ms)
			oldest = &c->clients[i];
	}
	drop(oldest);
	return oldest;
}

/* Returns 1 if a line is there, 0 if not yet, -1 if there will be none. */
static int
read_line(struct control_client *client)
{
	char *end;
	ssize_t n;

	n = recv(client->fd, client->line + client->len,
	    sizeof(client->line) - client->len, MSG_DONTWAIT);
	if (n == -1 && errno == EAGAIN)
		return 0;
	if (n <= 0)
		return -1;
	client->len += (size_t)n;
	end = memchr(client->line, '\n', client->len);
	if (end != NULL)
		client->len = (size_t)(end - client->line);
	else if (client->len == sizeof(client->line))
		return -1;
	return end != NULL;
}

static void
serve(struct control *c, struct control_client *client, int64_t now_ms)
{
	int line;

	if (client->answer.len == 0) {
		line = read_line(client);
		if (line == 0)
			return;
		if (line == 1)
			c->answer(c->arg,
			    (struct span){ client->line, client->len },
			    &client->answer, now_ms);
	}
	if (buf_send(client->fd, &client->answer, &client->sent) != 0)
		drop(client);
}

/*
 * Accepts no more clients in a turn than there are places, because the rest of
 * the loop has to run.
 */
static void
accept_clients(struct control *c, int64_t now_ms)
{
	struct control_client *client;
	int i, fd;

	for (i = 0; i < CONTROL_CLIENTS; i++) {
		fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1 && errno != EAGAIN)
			c->rest_until_ms = now_ms + REST_MS;
		if (fd == -1)
			return;
		if (!is_allowed(fd)) {
			(void)close(fd);
			continue;
		}
		client = place_for_client(c);
		*client =
		    (struct control_client){ .fd = fd, .since_ms = now_ms };
		buf_init(&client->answer, ANSWER_MAX);
		serve(c, client, now_ms);
	}
}

static int64_t
next_deadline(const struct control *c, int64_t now_ms)
{
	int64_t deadline =
	    c->rest_until_ms > now_ms ? c->rest_until_ms : CLOCK_NEVER;
	size_t i;

	for (i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i].fd != -1)
			deadline = clock_earlier(deadline,
			    c->clients[i].since_ms + CLIENT_MS);
	return deadline;
}

int64_t
control_step(struct control *c, int64_t now_ms)
{
	size_t i;

	if (c->fd == -1)
		return CLOCK_NEVER;
	for (i = 0; i < CONTROL_CLIENTS; i++) {
		struct control_client *client = &c->clients[i];

		if (client->fd == -1)
			continue;
		if (client->since_ms + CLIENT_MS <= now_ms)
			drop(client);
		else
			serve(c, client, now_ms);
	}
	if (c->rest_until_ms <= now_ms)
		accept_clients(c, now_ms);
	return next_deadline(c, now_ms);
}

unsigned
control_pollfds(const struct control *c, int64_t now_ms,
    struct pollfd to[CONTROL_POLLFDS])
{
	unsigned n = 0;
	size_t i;

	if (c->fd == -1)
		return 0;
	if (c->rest_until_ms <= now_ms)
		to[n++] = (struct pollfd){ .fd = c->fd, .events = POLLIN };
	for (i = 0; i < CONTROL_CLIENTS; i++) {
		const struct control_client *client = &c->clients[i];

		if (client->fd != -1)
			to[n++] = (struct pollfd){ .fd = client->fd,
				.events =
				    client->answer.len > 0 ? POLLOUT : POLLIN };
	}
	return n;
}
