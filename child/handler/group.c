/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The kernel does not say when a process group becomes empty, and kill(2) with
 * signal 0 also finds a leader that is a zombie: so this file looks at all
 * processes in /proc.
 */
#include "child/handler/group.h"

#include <dirent.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/proc.h"

#include "common/base/banned.h"

/* A stopped process (SIGSTOP) would not act on a SIGTERM alone. */
static void
send_signal(pid_t pid, int signal)
{
	(void)kill(pid, signal);
	if (signal == SIGTERM)
		(void)kill(pid, SIGCONT);
}

void
group_signal(pid_t leader, int signal)
{
	send_signal(-leader, signal);
	/* A leader that is in its group has got the signal already. */
	if (getpgid(leader) != leader)
		send_signal(leader, signal);
}

/*
 * A zombie is not alive: it may stay a zombie for ever, because PID 1 of many a
 * container reaps nothing.
 */
static bool
is_alive(pid_t pid)
{
	struct proc_stat p;

	return proc_stat(pid, &p) == 0 && p.state != 'Z';
}

/*
 * Is the group led by a child of this process?  If so, that child fetches
 * credentials (credential_process), and is no part of the handler.
 */
static bool
is_our_own(pid_t group)
{
	struct proc_stat p;

	return proc_stat(group, &p) == 0 && p.parent == getpid();
}

/*
 * A process that has left the group, as timeout(1) and the jobs of a shell do,
 * is the handler's if it is in the session of this process, and this process
 * leads that session.
 */
static bool
is_beside_group(pid_t pid, pid_t leader)
{
	pid_t us = getpid(), group = getpgid(pid);

	return pid != us && group != leader && getsid(0) == us &&
	    getsid(pid) == us && (group == us || !is_our_own(group));
}

/* The next process in /proc; 0: there is none. */
static pid_t
next_process(DIR *proc)
{
	const struct dirent *entry;
	pid_t pid;

	while ((entry = readdir(proc)) != NULL) {
		pid = (pid_t)strtol(entry->d_name, NULL, 10);
		if (pid > 0)
			return pid;
	}
	return 0;
}

void
group_signal_all(pid_t leader, int signal)
{
	DIR *proc = opendir("/proc");
	pid_t pid;

	group_signal(leader, signal);
	if (proc == NULL)
		return;
	while ((pid = next_process(proc)) != 0)
		if (pid != leader && is_beside_group(pid, leader))
			send_signal(pid, signal);
	(void)closedir(proc);
}

bool
group_has_others(pid_t leader, bool or_beside)
{
	DIR *proc = opendir("/proc");
	bool found = false;
	pid_t pid;

	if (proc == NULL)
		return true;
	while (!found && (pid = next_process(proc)) != 0)
		found = pid != leader &&
		    (getpgid(pid) == leader ||
			(or_beside && is_beside_group(pid, leader))) &&
		    is_alive(pid);
	(void)closedir(proc);
	return found;
}
