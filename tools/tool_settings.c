/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See tool_settings.h. */
#include "tools/tool_settings.h"

#include <err.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/xalloc.h"
#include "common/settings/settings_load.h"

#include "common/base/banned.h"

static void
on_problem(void *arg, const char *message)
{
	(void)arg;
	warnx("%s", message);
}

struct settings *
tool_settings_load(const char *queue_url, const char *endpoint_url,
    const char *region)
{
	char program[] = "true"; /* required, never run */
	char *const command[] = { program, NULL };
	const char *assignments[2];
	char *owned[2] = { NULL, NULL };
	struct settings_input in = { .assignments = assignments,
		.queue_url = queue_url,
		.command = command,
		.environ_ = environ };
	struct settings *s;
	size_t i;

	if (endpoint_url != NULL)
		owned[in.n_assignments++] =
		    xasprintf("endpoint_url=%s", endpoint_url);
	if (region != NULL)
		owned[in.n_assignments++] = xasprintf("region=%s", region);
	for (i = 0; i < in.n_assignments; i++)
		assignments[i] = owned[i];
	s = settings_load(&in, on_problem, NULL);
	for (i = 0; i < nitems(owned); i++)
		free(owned[i]);
	return s;
}
