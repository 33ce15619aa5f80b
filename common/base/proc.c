/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * A process by its number.  See proc.h.
 */
#include "common/base/proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/file.h"

#include "common/base/banned.h"

/* The state and the parent follow the name, which may hold any bytes. */
int
proc_stat(pid_t pid, struct proc_stat *ret)
{
	char path[64], stat[128];
	const char *behind;

	(void)snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	if (file_read_text(path, stat, sizeof(stat)) == -1)
		return -1;
	behind = strrchr(stat, ')');
	if (behind == NULL || strlen(behind) < 5)
		return -1;
	ret->state = behind[2];
	ret->parent = (pid_t)strtol(behind + 4, NULL, 10);
	return 0;
}
