/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The supervisor: forks the children, refills their slots, sees that they
 * live, and turns a signal into an orderly end of all of them.
 *
 * The supervisor must not fail, so it does little.  It has one thread and one
 * wait; all signals are blocked and read from a descriptor.  It allocates
 * memory only at the start and for an operator's request, uses no library that
 * children must be the first to use, and reads no byte that came from the
 * network or from a handler.
 */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#include <stdbool.h>

#include "common/settings/settings.h"
#include "common/settings/settings_load.h"
#include "supervisor/report/notify.h"

/*
 * Runs until a signal or a crash loop ends it; returns the exit status.  Takes
 * the settings over; input is what they were loaded from, for a reload;
 * ends_with_terminal is the answer of terminal_binds_us
 * (supervisor/terminal.h).  All signals but faults are blocked, dispositions
 * are at their defaults but for an ignored SIGPIPE, and the log is open.
 */
int supervisor_run(struct settings *settings,
    const struct settings_input *input, struct notify *notify,
    bool ends_with_terminal);

#endif
