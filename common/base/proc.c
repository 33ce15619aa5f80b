/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A process by its number.  See proc.h.
 */
#include "common/base/proc.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/banned.h"

/* State and parent stand behind the name, which may hold anything. */
int
proc_stat(pid_t pid, struct proc_stat *ret)
{
	char path[64], stat[128];
	const char *behind;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	n = read(fd, stat, sizeof(stat) - 1);
	(void)close(fd);
	if (n <= 0)
		return -1;
	stat[n] = '\0';
	behind = strrchr(stat, ')');
	if (behind == NULL || strlen(behind) < 5)
		return -1;
	ret->state = behind[2];
	ret->parent = (pid_t)strtol(behind + 4, NULL, 10);
	return 0;
}
