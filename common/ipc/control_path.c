/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The default places of the control socket.  See control_path.h.
 */
#include "common/ipc/control_path.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

const char *
control_path_check(const char *text)
{
	if (strcmp(text, "off") == 0)
		return NULL;
	if (text[0] != '/')
		return "is not an absolute path, nor off";
	if (strlen(text) >= CONTROL_PATH_SIZE)
		return "is too long for a socket";
	return NULL;
}

/* False: no room is left for "/control.sock". */
static bool
put(char ret[CONTROL_PATH_SIZE], const char *before, const char *text, int len,
    const char *after)
{
	int n = snprintf(ret, CONTROL_PATH_SIZE, "%s%.*s%s", before, len, text,
	    after);

	return n >= 0 &&
	    (size_t)n <
	    CONTROL_PATH_SIZE - sizeof("/" CONTROL_PATH_SOCKET_NAME);
}

bool
control_path_directory(size_t i, char ret[CONTROL_PATH_SIZE], bool *ret_made)
{
	const char *variable;
	char uid[16];

	*ret_made = i != 0;
	switch (i) {
	case 0:
		/*
		 * A colon stands between several directories; the first is the
		 * unit's.
		 */
		variable = getenv("RUNTIME_DIRECTORY");
		return variable != NULL && variable[0] == '/' &&
		    put(ret, "", variable, (int)strcspn(variable, ":"), "");
	case 1:
		return put(ret, "/run/", "sqsherd", 7, "");
	case 2:
		variable = getenv("XDG_RUNTIME_DIR");
		return variable != NULL && variable[0] == '/' &&
		    put(ret, "", variable, CONTROL_PATH_SIZE, "/sqsherd");
	case 3:
		(void)snprintf(uid, sizeof(uid), "%u", (unsigned)geteuid());
		return put(ret, "/dev/shm/sqsherd-", uid, sizeof(uid), "");
	default:
		return false;
	}
}

void
control_path_socket_in(const char *directory, char ret[CONTROL_PATH_SIZE])
{
	(void)strlcpy(ret, directory, CONTROL_PATH_SIZE);
	(void)strlcat(ret, "/" CONTROL_PATH_SOCKET_NAME, CONTROL_PATH_SIZE);
}

const char *
control_path_why_shared(const char *directory, uid_t *ret_owner)
{
	struct stat link, st;

	if (lstat(directory, &link) == -1 || stat(directory, &st) == -1)
		return strerror(errno);
	if (!S_ISDIR(st.st_mode))
		return "is not a directory";
	if (S_ISLNK(link.st_mode) && link.st_uid != 0 &&
	    link.st_uid != geteuid())
		return "is another user's symbolic link";
	if ((st.st_mode & 022) != 0)
		return "can be written by others";
	*ret_owner = st.st_uid;
	return NULL;
}
