/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Loads the settings again, while everything runs: they are checked as a whole,
 * handlers' programs included, before anything that is in force is touched.
 * Only a regular file is read again, so that nothing here can block.
 */
#ifndef SUPERVISOR_CONTROL_RELOAD_H
#define SUPERVISOR_CONTROL_RELOAD_H

#include "common/settings/settings.h"
#include "common/settings/settings_load.h"

enum {
	RELOAD_WHY_MAX = 512
};

/*
 * Logs reload_problem for each problem, and reload_fixed for each change that
 * needs a restart, compared with then, the settings in force.  Returns settings
 * to be released, or NULL with the first problem in why.
 */
struct settings *reload_settings(const struct settings_input *input,
    const struct settings *then, char why[RELOAD_WHY_MAX]);

#endif
