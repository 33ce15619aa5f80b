/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Reading files.  See file.h.
 */
#include "common/base/file.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

/* Device 1:3 is Linux's /dev/null: Documentation/admin-guide/devices.txt. */
static bool
is_null_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

static int
refuse(int fd, int errnum)
{
	(void)close(fd);
	errno = errnum;
	return -1;
}

int
file_open(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		return refuse(fd, errno);
	if (S_ISDIR(st.st_mode))
		return refuse(fd, EISDIR);
	if (!S_ISREG(st.st_mode) && !is_null_device(&st))
		return refuse(fd, ENOTSUP);
	return fd;
}

/*
 * As read(2), but when the room is used up, a further byte in the file is
 * EFBIG.
 */
static ssize_t
read_some(int fd, struct buf *to)
{
	char *room, surplus;
	size_t left = to->max - to->len, n;

	if (left == 0) {
		if (read(fd, &surplus, 1) != 1)
			return 0;
		errno = EFBIG;
		return -1;
	}
	room = buf_reserve(to, 1);
	n = to->cap - to->len - 1;
	return read(fd, room, n < left ? n : left);
}

static int
read_whole(int fd, struct buf *to)
{
	ssize_t n;

	do {
		n = read_some(fd, to);
		if (n > 0)
			to->len += (size_t)n;
	} while (n > 0 || (n == -1 && errno == EINTR));
	/* Puts the NUL behind the last byte. */
	buf_append(to, "", 0);
	return (int)n;
}

int
file_read(const char *path, struct buf *to)
{
	int result, saved, fd = file_open(path);

	if (fd == -1)
		return -1;
	result = read_whole(fd, to);
	saved = errno;
	(void)close(fd);
	errno = saved;
	return result;
}

int
file_check(const char *path, size_t max)
{
	struct stat st;
	int fd = file_open(path);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1)
		return refuse(fd, errno);
	if ((uintmax_t)st.st_size > max)
		return refuse(fd, EFBIG);
	(void)close(fd);
	return 0;
}

const char *
file_strerror(int errnum)
{
	if (errnum == ENOTSUP)
		return "not a regular file";
	return strerror(errnum);
}

int
file_refuse(struct error *e, const char *what, const char *path)
{
	int saved = errno;

	error_set(e, ERROR_OPERATOR, "cannot read %s '%.160s': %s", what, path,
	    file_strerror(saved));
	if (e != NULL)
		e->errnum = saved;
	errno = saved;
	return -1;
}

int
file_read_text(const char *path, char *ret, size_t size)
{
	int fd = file_open(path);
	size_t len = 0;
	ssize_t n;

	ret[0] = '\0';
	if (fd == -1)
		return -1;
	while (len < size - 1 && (n = read(fd, ret + len, size - 1 - len)) > 0)
		len += (size_t)n;
	(void)close(fd);
	ret[len] = '\0';
	return 0;
}
