/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The Test Anything Protocol for unit programs: one check, one line, with the
 * place and both values when it fails.  A program per stem is the isolation;
 * main ends with "return tap_done();", which fails when a check failed and
 * when there was none.
 */
#ifndef UNIT_TAP_H
#define UNIT_TAP_H

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_run, tap_failed;

static inline bool
tap_check(bool good, const char *name, const char *file, int line)
{
	tap_run++;
	printf("%sok %d - %s\n", good ? "" : "not ", tap_run, name);
	if (!good) {
		tap_failed++;
		printf("# at %s:%d\n", file, line);
	}
	/* Or a test that forks would print it twice. */
	fflush(stdout);
	return good;
}

static inline bool
tap_check_int(long long got, long long want, const char *name, const char *file,
    int line)
{
	bool good = tap_check(got == want, name, file, line);

	if (!good)
		printf("#  got %lld\n# want %lld\n", got, want);
	return good;
}

static inline bool
tap_check_mem(const char *got, size_t got_len, const char *want,
    size_t want_len, const char *name, const char *file, int line)
{
	bool good = got != NULL && want != NULL && got_len == want_len &&
	    memcmp(got, want, want_len) == 0;

	tap_check(good || (got == NULL && want == NULL), name, file, line);
	if (!good && (got != NULL || want != NULL))
		printf("#  got '%.*s'\n# want '%.*s'\n",
		    got == NULL ? 6 : (int)got_len,
		    got == NULL ? "(null)" : got,
		    want == NULL ? 6 : (int)want_len,
		    want == NULL ? "(null)" : want);
	return good;
}

static inline bool
tap_check_str(const char *got, const char *want, const char *name,
    const char *file, int line)
{
	return tap_check_mem(got, got == NULL ? 0 : strlen(got), want,
	    want == NULL ? 0 : strlen(want), name, file, line);
}

/* The whole program: prints the plan and returns main's status. */
static inline int
tap_done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed > 0 || tap_run == 0;
}

static inline void
tap_skip(const char *name, const char *why)
{
	const char *path = getenv("SKIPS_FILE");
	FILE *f = path != NULL ? fopen(path, "ae") : NULL;

	printf("ok %d - %s # SKIP %s\n", ++tap_run, name, why);
	/* t/run prints it at the end. */
	if (f != NULL) {
		fprintf(f, "check\t%s\t%s\n", program_invocation_short_name,
		    why);
		fclose(f);
	}
}

#define ok(good, name) tap_check((good), (name), __FILE__, __LINE__)
#define is_int(got, want, name)                                                \
	tap_check_int((long long)(got), (long long)(want), (name), __FILE__,   \
	    __LINE__)
#define is_str(got, want, name)                                                \
	tap_check_str((got), (want), (name), __FILE__, __LINE__)
#define is_mem(got, got_len, want, want_len, name)                             \
	tap_check_mem((got), (got_len), (want), (want_len), (name), __FILE__,  \
	    __LINE__)

#endif
