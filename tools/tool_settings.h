/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Settings of a tool that calls AWS: the rules for queue, region, endpoint and
 * CA are sqsherd's own.
 */
#ifndef TOOLS_TOOL_SETTINGS_H
#define TOOLS_TOOL_SETTINGS_H

#include "common/settings/settings.h"

/*
 * Loads settings from the options, each of which may be NULL, and the
 * environment.  Returns settings for settings_free, or NULL after printing on
 * stderr what is wrong.
 */
struct settings *tool_settings_load(const char *queue_url,
    const char *endpoint_url, const char *region);

#endif
