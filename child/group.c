/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The kernel tells nobody that a process group has become empty, and kill(2)
 * with signal 0 also finds a leader that is a zombie: so look at all processes.
 */
#include "child/group.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/banned.h"

void
group_signal(pid_t leader, int signal)
{
	(void)kill(-leader, signal);
	/* One that is in its group has got it, and shall not get it twice. */
	if (getpgid(leader) != leader)
		(void)kill(leader, signal);
}

/*
 * Nobody may reap it: PID 1 of many a container does not.  The state stands
 * behind the name, which may hold anything (proc_pid_stat(5)).
 */
static bool
is_zombie(const char *name)
{
	char path[64], stat[128];
	const char *state;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%.32s/stat", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return true; /* gone meanwhile */
	n = read(fd, stat, sizeof(stat) - 1);
	(void)close(fd);
	if (n <= 0)
		return true;
	stat[n] = '\0';
	state = strrchr(stat, ')');
	return state != NULL && strncmp(state, ") Z", 3) == 0;
}

static bool
is_other_member(const char *name, pid_t leader)
{
	pid_t pid = (pid_t)strtol(name, NULL, 10);

	return pid > 0 && pid != leader && getpgid(pid) == leader &&
	    !is_zombie(name);
}

bool
group_has_others(pid_t leader)
{
	const struct dirent *entry;
	DIR *proc = opendir("/proc");
	bool found = false;

	if (proc == NULL)
		return true;
	while (!found && (entry = readdir(proc)) != NULL)
		found = is_other_member(entry->d_name, leader);
	(void)closedir(proc);
	return found;
}
