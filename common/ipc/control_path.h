/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The places of the control socket if no setting gives one: the supervisor
 * takes the first of these directories that it can use, and sqsherdctl looks
 * for a socket in all of them.
 *
 *	$RUNTIME_DIRECTORY            what systemd made for the unit
 *	/run/sqsherd                  as root
 *	$XDG_RUNTIME_DIR/sqsherd      in a login session
 *	/dev/shm/sqsherd-UID          in a container, where nothing else may be
 *	                              writable; each container has its own
 */
#ifndef COMMON_IPC_CONTROL_PATH_H
#define COMMON_IPC_CONTROL_PATH_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#define CONTROL_PATH_SOCKET_NAME "control.sock"

enum {
	CONTROL_PATH_SIZE = 108, /* of sockaddr_un's sun_path */
	CONTROL_PATH_DIRECTORIES = 4
};

/*
 * Checks a value of the setting control_socket, an absolute path or "off".
 * Returns what is wrong with the text, as the end of a sentence; NULL: nothing.
 */
const char *control_path_check(const char *text);

/*
 * Directory i; false: this process has no such directory, or its name is too
 * long to hold a socket.  *ret_made: the supervisor has to make the directory.
 */
bool control_path_directory(size_t i, char ret[CONTROL_PATH_SIZE],
    bool *ret_made);

/* Appends the socket's name to a directory of control_path_directory. */
void control_path_socket_in(const char *directory, char ret[CONTROL_PATH_SIZE]);

/*
 * Returns why users other than the owner could put a socket into a directory,
 * or another directory in its place, as the end of a sentence; NULL: they
 * cannot, and *ret_owner is set.  A symbolic link is followed if it is root's
 * (systemd makes such for DynamicUser) or the user's own.
 */
const char *control_path_why_shared(const char *directory, uid_t *ret_owner);

#endif
