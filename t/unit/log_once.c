/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What several processes say, once.
 */
#include "common/base/log_once.h"

#include <sys/mman.h>
#include <sys/wait.h>

#include <unistd.h>

#include "t/unit/tap.h"

#include "common/base/banned.h"

static unsigned others;

static bool
is_due(log_once_stamp *s, uint32_t hash, int64_t now_ms)
{
	others = 999;
	return log_once_is_due(s, hash, now_ms, &others);
}

static void
test_once(void)
{
	log_once_stamp s = 0;
	int i, due = 0;

	ok(is_due(&s, 7, 1000), "the first is said");
	is_int(others, 0, "and no other was before it");
	for (i = 0; i < 3; i++)
		due += is_due(&s, 7, 1000 + i);
	is_int(due, 0, "the others are not, for a while");
	ok(!is_due(&s, 7, 1000 + LOG_ONCE_MS - 1000), "which is long");
	ok(is_due(&s, 7, 1000 + LOG_ONCE_MS), "then one is said again");
	is_int(others, 4, "which tells how many were not");
	ok(!is_due(&s, 7, 1001 + LOG_ONCE_MS), "for a while again");
}

static void
test_another(void)
{
	log_once_stamp s = 0;

	(void)is_due(&s, 7, 1000);
	(void)is_due(&s, 7, 1000);
	ok(is_due(&s, 8, 1100), "something else is said at once");
	is_int(others, 0, "and counts none of the first");
	ok(is_due(&s, 7, 1200), "and so is the first, when it is back");
	ok(is_due(&s, 0, 1300), "and a hash of 0");
	ok(!is_due(&s, 0, 1400), "once");
}

/* Any process of the queue can write it. */
static void
test_garbage(void)
{
	log_once_stamp s = 0;
	unsigned i, n = 0, silent = 0;
	int64_t now_ms;

	for (i = 0; i < 64; i++) {
		(void)is_due(&s, 7, 1000000);
		s = s ^ UINT64_C(1) << i;
		for (now_ms = 1000000; !is_due(&s, 7, now_ms) && n < 1000; n++)
			now_ms += 100;
		silent += now_ms > 1000000 + LOG_ONCE_MS;
	}
	is_int(silent, 0, "whatever the stamp holds, it is said again in time");
	s = UINT64_MAX;
	ok(is_due(&s, 0xFFFFF, 1000), "a time to come is none");
	for (i = 0; i < 1000; i++)
		(void)is_due(&s, 0xFFFFF, 1001);
	ok(is_due(&s, 0xFFFFF, 1000000), "of very many one is said again");
	is_int(others, 255, "though they are no longer counted");
}

/* Of eight processes that say it 1,000 times each. */
static void
test_processes(void)
{
	log_once_stamp *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int i, status, due = 0;
	pid_t pid;

	if (shared == MAP_FAILED)
		abort();
	for (i = 0; i < 8; i++) {
		pid = fork();
		if (pid == -1)
			abort();
		if (pid == 0) {
			for (i = 0; i < 1000; i++)
				due += is_due(shared, 7, 5000);
			_exit(due);
		}
	}
	while (wait(&status) != -1)
		due += WEXITSTATUS(status);
	is_int(due, 1, "of all processes one says it");
	(void)munmap(shared, 4096);
}

int
main(void)
{
	test_once();
	test_another();
	test_garbage();
	test_processes();
	return tap_done();
}
