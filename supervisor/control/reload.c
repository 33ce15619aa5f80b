/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See reload.h.
 */
#include "supervisor/control/reload.h"

#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/credentials/profile_files.h"
#include "common/settings/settings_command.h"
#include "common/settings/settings_load.h"

#include "common/base/banned.h"

static void
on_problem(void *arg, const char *message)
{
	char *why = arg;

	log_error("reload_problem", log_str("msg", message));
	if (why[0] == '\0')
		(void)strlcpy(why, message, RELOAD_WHY_MAX);
}

static void
on_fixed(void *arg, const char *message)
{
	(void)arg;
	log_warn("reload_fixed", log_str("msg", message));
}

static void
on_doubt(void *arg, const char *message)
{
	(void)arg;
	log_warn("command_doubtful", log_str("msg", message));
}

static void
on_profile_doubt(void *arg, const char *message)
{
	(void)arg;
	log_warn("profile_doubtful", log_str("msg", message));
}

struct settings *
reload_settings(const struct settings_input *input, const struct settings *then,
    char why[RELOAD_WHY_MAX])
{
	struct settings_input again = *input;
	struct settings *s;

	why[0] = '\0';
	again.environ_ = environ;
	s = settings_load(&again, on_problem, why);
	if (s == NULL)
		return NULL;
	if (settings_command_check(s, on_problem, on_doubt, why) == -1) {
		settings_free(s);
		return NULL;
	}
	settings_report_fixed(then, s, on_fixed, NULL);
	profile_files_warn(on_profile_doubt, NULL);
	return s;
}
