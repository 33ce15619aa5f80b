/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Finding and killing adopted processes, with real ones.
 */
#include "supervisor/slots/orphan.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "t/unit/tap.h"

#include "common/base/banned.h"

/* A process that waits for its death, in a session of its own or in ours. */
static pid_t
start_sleeper(bool own_session)
{
	int tell[2];
	char byte;
	pid_t pid;

	if (pipe(tell) == -1 || (pid = fork()) == -1)
		exit(1);
	if (pid == 0) {
		if (own_session)
			(void)setsid();
		(void)!write(tell[1], "", 1);
		for (;;)
			pause();
	}
	(void)!read(tell[0], &byte, 1);
	close(tell[0]);
	close(tell[1]);
	return pid;
}

/*
 * A leader of a session that starts a sleeper in a group of its own and ends:
 * returns the leader, a zombie, and the sleeper is ours.
 */
static pid_t
start_family(void)
{
	siginfo_t info;
	pid_t leader = fork();

	if (leader == 0) {
		(void)setsid();
		(void)setpgid(start_sleeper(false), 0);
		_exit(0);
	}
	(void)waitid(P_PID, (id_t)leader, &info, WEXITED | WNOWAIT);
	return leader;
}

struct seen {
	pid_t wanted;
	unsigned wanted_times, all;
};

static void
look(void *arg, pid_t pid)
{
	struct seen *seen = arg;

	seen->all++;
	if (pid == seen->wanted)
		seen->wanted_times++;
}

static void
test_finding(void)
{
	pid_t one = start_sleeper(false), two = start_sleeper(true);
	struct seen seen = { .wanted = two };

	if (orphan_list(look, &seen) == -1)
		tap_skip("the kernel's list", "no CONFIG_PROC_CHILDREN");
	else {
		is_int(seen.wanted_times, 1, "the list has a child once");
		is_int(seen.all, 2, "and nobody but our children");
	}
	seen = (struct seen){ .wanted = two };
	is_int(orphan_search(look, &seen), 0, "the search is possible");
	is_int(seen.wanted_times, 1, "it finds a child once");
	is_int(seen.all, 2, "and nobody but our children");
	kill(one, SIGKILL);
	kill(two, SIGKILL);
	while (wait(NULL) > 0)
		continue;
}

/* Waits for all children that are going to end; returns how many did. */
static int
reap_all(void)
{
	int n = 0;

	while (wait(NULL) > 0)
		n++;
	return n;
}

static void
test_session(void)
{
	pid_t stranger = start_sleeper(true), leader = start_family();

	is_int(orphan_kill_session(leader), 1,
	    "what a dead session leader left is found");
	is_int(waitpid(leader, NULL, 0), leader, "its leader is not counted");
	is_int(wait(NULL) > 0, 1, "what it left dies");
	is_int(orphan_kill_session(leader), 0, "then the session is empty");
	is_int(kill(stranger, 0), 0, "another session is left alone");
	kill(stranger, SIGKILL);
	(void)reap_all();
}

static bool
is_spared(void *arg, pid_t pid)
{
	return *(const pid_t *)arg == pid;
}

static void
test_all(void)
{
	pid_t spared = start_sleeper(true), ours = start_sleeper(false);

	is_int(orphan_kill_all(is_spared, &spared), 1,
	    "all are killed but the spared");
	is_int(waitpid(ours, NULL, 0), ours,
	    "a process of our own group dies, and we do not");
	is_int(waitpid(spared, NULL, WNOHANG), 0, "the spared one lives");
	is_int(orphan_kill_all(NULL, NULL), 1, "nobody need be spared");
	is_int(reap_all(), 1, "and nobody is");
}

int
main(void)
{
	(void)alarm(30);
	/* A bug that kills our own group must not kill whoever runs us. */
	(void)setpgid(0, 0);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		return 1;
	test_finding();
	test_session();
	test_all();
	return tap_done();
}
