/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The settings file: see settings_load.h for its form.
 */
#ifndef COMMON_SETTINGS_SETTINGS_FILE_H
#define COMMON_SETTINGS_SETTINGS_FILE_H

#include "common/base/buf.h"
#include "common/settings/settings_draft.h"

/* Puts the settings of the file into the draft, and reports the problems. */
void settings_file_read(struct settings_draft *d, const char *file);
/* The same for bytes in memory; file is the name for messages. */
void settings_file_parse(struct settings_draft *d, const char *file,
    struct span bytes);

#endif
