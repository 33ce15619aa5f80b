/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The commands of the queues: can they be started?
 */
#ifndef COMMON_SETTINGS_SETTINGS_COMMAND_H
#define COMMON_SETTINGS_SETTINGS_COMMAND_H

#include "common/settings/settings.h"

/*
 * Finds command[0] of every queue in PATH, as execvp(3) would, replaces it by
 * the path of what was found, and checks that file with program_check.  Returns
 * 0, or -1 after reporting each command that cannot be started.  A command that
 * may or may not start is reported to warning.
 */
int settings_command_check(struct settings *s, settings_problem_fn *problem,
    settings_problem_fn *warning, void *arg);

#endif
