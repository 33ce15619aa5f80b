/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settings_command.h. */
#include "common/settings/settings_command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/error.h"
#include "common/base/program.h"
#include "common/settings/settings_origins.h"
#include "common/settings/settings_table.h"

#include "common/base/banned.h"

/* If PATH has the program, command[0] becomes its path. */
static enum program_verdict
resolve_and_check(struct queue_settings *q, struct error *e)
{
	enum program_verdict verdict;
	int why;
	char *path = program_find(q->command[0], &why);

	/*
	 * For a name with a slash, program_check gives a better reason than why
	 * has.
	 */
	if (path == NULL && strchr(q->command[0], '/') == NULL) {
		(void)error_set(e, ERROR_OPERATOR,
		    why == EACCES ? "it is in PATH, but not executable"
				  : "it is not in PATH");
		return PROGRAM_BROKEN;
	}
	verdict = program_check(path != NULL ? path : q->command[0], e);
	if (path != NULL) {
		free(q->command[0]);
		q->command[0] = path;
	}
	return verdict;
}

static int
check_command(struct queue_settings *q, settings_problem_fn *problem,
    settings_problem_fn *warning, void *arg)
{
	struct settings_problems found = { .arg = arg };
	struct error e;
	enum program_verdict verdict = resolve_and_check(q, &e);

	if (verdict == PROGRAM_GOOD)
		return 0;
	found.report = verdict == PROGRAM_BROKEN ? problem : warning;
	settings_problem_report(&found,
	    "command: \"%s\" cannot be started: %s (%s)", q->command[0], e.text,
	    settings_origins_text(q->origins, SETTINGS_QUEUE_ROW(command)));
	return verdict == PROGRAM_BROKEN ? -1 : 0;
}

int
settings_command_check(struct settings *s, settings_problem_fn *problem,
    settings_problem_fn *warning, void *arg)
{
	int result = 0;
	size_t i;

	for (i = 0; i < s->n_queues; i++)
		if (check_command(&s->queues[i], problem, warning, arg) == -1)
			result = -1;
	return result;
}
