/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What /proc says: texts as the kernel writes them, and a process that really
 * sleeps.
 */
#include "supervisor/slots/process.h"

#include <sys/wait.h>

#include <signal.h>
#include <unistd.h>

#include "t/unit/tap.h"

#include "common/base/banned.h"

static void
test_status(void)
{
	struct process_state e;

	process_parse_status("Name:\tState: X\nState:\tD (disk sleep)\n"
			     "VmRSS:\t    1228 kB\nThreads:\t3\n",
	    &e);
	is_str(e.state, "disk sleep", "the state is the word in brackets");
	is_int(e.threads, 3, "threads are counted");
	is_int(e.rss_kb, 1228, "memory is in kB");

	process_parse_status("", &e);
	is_str(e.state, "", "of a process that is gone the state is unknown");
	is_int(e.threads, 0, "and so are its threads");
	is_int(e.rss_kb, -1, "and its memory");

	process_parse_status("State:\nThreads:\nVmRSS:", &e);
	is_str(e.state, "", "a line without a value is none");
	process_parse_status("State:\tS (a very long state that nobody knows",
	    &e);
	is_str(e.state, "a very long state that ",
	    "a long state is cut, with or without its bracket");
}

static void
test_wchan(void)
{
	struct process_state e;

	process_parse_wchan("do_sys_poll", &e);
	is_str(e.wchan, "do_sys_poll", "a function is taken as it is");
	process_parse_wchan("0", &e);
	is_str(e.wchan, "", "a running process sleeps nowhere");
	process_parse_wchan("", &e);
	is_str(e.wchan, "", "nor does one of which it may not be read");
}

static void
test_real(void)
{
	struct process_state e;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		(void)raise(SIGSTOP);
		_exit(0);
	}
	(void)waitpid(pid, &status, WUNTRACED);
	process_read_state(pid, &e);
	is_str(e.state, "stopped", "a stopped process is seen as such");
	is_int(e.threads, 1, "with one thread");
	ok(e.rss_kb > 0, "and some memory");
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	process_read_state(pid, &e);
	is_str(e.state, "", "of a dead one nothing is known");
}

int
main(void)
{
	test_status();
	test_wchan();
	test_real();
	return tap_done();
}
