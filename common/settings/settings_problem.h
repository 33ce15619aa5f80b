/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Problems found in settings: each is a sentence for a person, counted and
 * given to a function of the caller's.
 */
#ifndef COMMON_SETTINGS_SETTINGS_PROBLEM_H
#define COMMON_SETTINGS_SETTINGS_PROBLEM_H

/*
 * Called once for each problem; message is a whole sentence without newline
 * and without control characters.
 */
typedef void settings_problem_fn(void *arg, const char *message);

struct settings_problems {
	settings_problem_fn *report;
	void *arg; /* of report */
	unsigned n;
};

/* A message that is too long to be read loses its middle. */
void settings_problem_report(struct settings_problems *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
