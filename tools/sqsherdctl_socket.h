/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The socket of a supervisor, and who is believed to be one.
 *
 * At a default place that is a process of our own user, in a directory that
 * nobody else can write.  Root believes another user's there as well, if it
 * owns the directory and the directory is in /run, where only root hands out
 * names: so it is with a unit's dynamic user.  In /dev/shm anybody can make
 * any name, so root believes nobody but itself there.
 *
 * A path that is given is believed as far as the user who gives it: it may
 * be answered by the user's own process or by root's, and to root by
 * anybody's.
 */
#ifndef TOOLS_SQSHERDCTL_SOCKET_H
#define TOOLS_SQSHERDCTL_SOCKET_H

#include <stdint.h>

/*
 * path: NULL or "": the only one that answers at the default places.  Returns
 * a descriptor, or -1 after saying why there is none; waits no longer than
 * until deadline_ms.
 */
int sqsherdctl_connect(const char *path, int64_t deadline_ms);

#endif
