/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See orphan.h.
 */
#include "supervisor/slots/orphan.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/file.h"
#include "common/base/proc.h"

#include "common/base/banned.h"

enum {
	LIST_MAX = 65536 /* bytes: some 10,000 children */
};

/* ---- the kernel's list ---- */

/*
 * CONFIG_PROC_CHILDREN: pids with a blank behind each.  proc(5) warns of
 * children missing from the list if one exits while it is read; here no child
 * leaves the list, since only our own wait removes a zombie.
 */
int
orphan_list(orphan_each_fn *each, void *arg)
{
	static char list[LIST_MAX];
	char *p, *end;
	long pid;

	if (file_read_text("/proc/thread-self/children", list, sizeof(list)) ==
	    -1)
		return -1;
	for (p = list; (pid = strtol(p, &end, 10)) > 0 && *end == ' '; p = end)
		each(arg, (pid_t)pid);
	return 0;
}

/* ---- the search ---- */

static void
search_entry(const char *name, bool ours, orphan_each_fn *each, void *arg)
{
	pid_t pid = (pid_t)strtol(name, NULL, 10);
	struct proc_stat p;

	if (pid > 0 &&
	    (!ours || (proc_stat(pid, &p) == 0 && p.parent == getpid())))
		each(arg, pid);
}

/* getdents64 is readdir(3) without the memory. */
static int
search(bool ours, orphan_each_fn *each, void *arg)
{
	static union {
		struct dirent64 aligned;
		char bytes[LIST_MAX];
	} list;
	ssize_t n, at;
	int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1)
		return -1;
	while ((n = getdents64(fd, list.bytes, sizeof(list.bytes))) > 0) {
		for (at = 0; at < n;) {
			const struct dirent64 *entry =
			    (const void *)(list.bytes + at);

			search_entry(entry->d_name, ours, each, arg);
			at += entry->d_reclen;
		}
	}
	(void)close(fd);
	return 0;
}

int
orphan_search(orphan_each_fn *each, void *arg)
{
	return search(true, each, arg);
}

static void
each_child(orphan_each_fn *each, void *arg)
{
	if (orphan_list(each, arg) == -1)
		(void)orphan_search(each, arg);
}

/* ---- killing ---- */

/*
 * Kills the process with its group, unless the group is our own, as it is for a
 * process that was started in the background by the shell that became sqsherd.
 */
static void
kill_with_group(pid_t pid)
{
	pid_t group = getpgid(pid);

	if (group > 1 && group != getpgrp())
		(void)kill(-group, SIGKILL);
	(void)kill(pid, SIGKILL);
}

struct session_search {
	pid_t session;
	unsigned found;
};

static void
kill_if_in_session(void *arg, pid_t pid)
{
	struct session_search *search = arg;

	/* The leader itself is the dead child, not yet reaped. */
	if (pid == search->session || getsid(pid) != search->session)
		return;
	kill_with_group(pid);
	search->found++;
}

unsigned
orphan_kill_session(pid_t session)
{
	struct session_search search = { session, 0 };

	each_child(kill_if_in_session, &search);
	return search.found;
}

unsigned
orphan_kill_below(pid_t session)
{
	struct session_search below = { session, 0 };

	(void)search(false, kill_if_in_session, &below);
	return below.found;
}

struct all_search {
	orphan_spare_fn *spare;
	void *arg;
	unsigned found;
};

static void
kill_unless_spared(void *arg, pid_t pid)
{
	struct all_search *search = arg;

	if (search->spare != NULL && search->spare(search->arg, pid))
		return;
	kill_with_group(pid);
	search->found++;
}

unsigned
orphan_kill_all(orphan_spare_fn *spare, void *arg)
{
	struct all_search search = { spare, arg, 0 };

	each_child(kill_unless_spared, &search);
	return search.found;
}
