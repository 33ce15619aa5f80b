/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Settings while they are loaded: the values so far, their origins, and the
 * problems found.
 */
#ifndef COMMON_SETTINGS_SETTINGS_DRAFT_H
#define COMMON_SETTINGS_SETTINGS_DRAFT_H

#include "common/settings/settings.h"
#include "common/settings/settings_problem.h"
#include "common/settings/settings_table.h"
#include "common/settings/settings_value.h"

struct settings_draft {
	struct settings *s;
	struct queue_settings base; /* what each new queue starts from */
	struct settings_problems problems;
};

/* All rows have their defaults, and there is no queue. */
void settings_draft_init(struct settings_draft *d, settings_problem_fn *report,
    void *arg);
/*
 * Releases the draft.  Returns its settings, which then are the caller's; or
 * NULL if there were problems.
 */
struct settings *settings_draft_finish(struct settings_draft *d);

/* A queue that starts from d->base; NULL, reported, if the name is taken. */
struct queue_settings *settings_draft_add_queue(struct settings_draft *d,
    const char *name, const char *origin);
/* The one queue, without a name as yet, of a draft that has none. */
void settings_draft_add_only_queue(struct settings_draft *d);

/* Reports a name that is no setting, with the nearest one that is. */
void settings_draft_report_unknown(struct settings_draft *d, const char *name,
    const char *origin);

/*
 * Stores a copy of v in a row of q or, if q is NULL, of every queue there is; q
 * is ignored for a row of global scope.
 */
void settings_draft_store(struct settings_draft *d,
    const struct settings_row *row, struct queue_settings *q,
    union settings_value v, const char *origin);
/*
 * Parses a text and stores its value likewise.  A wrong text is reported and
 * the value stays, but the row counts as given.
 */
void settings_draft_assign(struct settings_draft *d,
    const struct settings_row *row, struct queue_settings *q, const char *text,
    const char *origin);

#endif
