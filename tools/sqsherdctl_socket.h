/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Finds the socket of a supervisor, and decides which process is believed to be
 * one.
 *
 * At a default place, a process of our own user is believed, if no other user
 * can write to the directory.  Root believes the process of another user as
 * well, if that user owns the directory and the directory is in /run, where
 * only root hands out names: a systemd unit with a dynamic user is such a case.
 * In /dev/shm any user can make any name, so root believes only processes of
 * root there.
 *
 * At a path that is given, the process may be that user's own or root's; if
 * root gives the path, the process may be any user's.
 */
#ifndef TOOLS_SQSHERDCTL_SOCKET_H
#define TOOLS_SQSHERDCTL_SOCKET_H

#include <stdint.h>

/*
 * path: NULL or "": the only supervisor that answers at the default places.
 * Returns a descriptor, or -1 after saying why there is none; waits no longer
 * than until deadline_ms.
 */
int sqsherdctl_connect(const char *path, int64_t deadline_ms);

#endif
