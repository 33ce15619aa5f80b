/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Delays between tries.
 */
#include "common/base/backoff.h"

#include <sys/wait.h>

#include <limits.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static void
test_limit(void)
{
	static const struct {
		unsigned attempt;
		int64_t base, cap, want;
		const char *name;
	} cases[] = { { 1, 100, 20000, 100,
			  "the first try waits for the base" },
		{ 2, 100, 20000, 200, "the second twice as long" },
		{ 5, 100, 20000, 1600, "and so on" },
		{ 8, 100, 20000, 12800, "to the last below the cap" },
		{ 9, 100, 20000, 20000, "then for the cap" },
		{ UINT_MAX, 100, 20000, 20000, "for ever" },
		{ 0, 100, 20000, 100, "no try is as the first" },
		{ 1, 500, 100, 100, "a base above the cap is cut" },
		{ 3, 100, 400, 400, "the cap can be met exactly" },
		{ UINT_MAX, 0, 20000, 0, "a base of 0 stays 0, and soon" },
		{ UINT_MAX, 1, INT64_MAX, INT64_MAX, "no cap overflows" } };
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(backoff_limit_ms(cases[i].attempt, cases[i].base,
			   cases[i].cap),
		    cases[i].want, cases[i].name);
}

static void
test_jitter(void)
{
	const double most = 4294967295.0 / 4294967296.0;

	is_int(backoff_full_jitter_ms(1000, 0.0), 0, "full jitter begins at 0");
	is_int(backoff_full_jitter_ms(1000, 0.5), 500, "is uniform");
	is_int(backoff_full_jitter_ms(1000, most), 999, "and below the limit");
	is_int(backoff_half_jitter_ms(1000, 0.0), 500,
	    "half jitter begins at half of the limit");
	is_int(backoff_half_jitter_ms(1000, 0.5), 750, "is uniform");
	is_int(backoff_half_jitter_ms(1000, most), 999, "and below the limit");
	is_int(backoff_half_jitter_ms(1001, 0.0), 500, "of odd limits as well");
	is_int(backoff_half_jitter_ms(0, 0.5), 0, "0 has no jitter");
}

static void
test_random(void)
{
	bool in_range = true, low = false, high = false;
	double unit;
	int i;

	for (i = 0; i < 1000; i++) {
		unit = backoff_random();
		in_range = in_range && unit >= 0.0 && unit < 1.0;
		low = low || unit < 0.1;
		high = high || unit > 0.9;
	}
	ok(in_range, "random numbers are in [0,1)");
	ok(low && high, "all over it");
}

/* Children that retry in step would be what jitter is against. */
static void
test_random_after_fork(void)
{
	double mine, theirs = -1.0;
	int fds[2];
	pid_t pid;

	(void)backoff_random();
	if (pipe(fds) == -1 || (pid = fork()) == -1) {
		ok(false, "a process can be forked");
		return;
	}
	mine = backoff_random();
	if (pid == 0)
		_exit(write(fds[1], &mine, sizeof(mine)) != sizeof(mine));
	ok(read(fds[0], &theirs, sizeof(theirs)) == sizeof(theirs) &&
		(mine < theirs || mine > theirs),
	    "two processes draw different numbers");
	(void)waitpid(pid, NULL, 0);
}

int
main(void)
{
	test_limit();
	test_jitter();
	test_random();
	test_random_after_fork();
	return tap_done();
}
