/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Settings as text, for sqsherd --print and --help.
 */
#ifndef COMMON_SETTINGS_SETTINGS_PRINT_H
#define COMMON_SETTINGS_SETTINGS_PRINT_H

#include <stdio.h>

#include "common/settings/settings.h"

/*
 * Prints a line for every setting of every queue, with its value and, as a
 * comment, its origin.  The output is a settings file with the same effect,
 * unless a command is too long for a line of such a file.
 */
void settings_print(const struct settings *s, FILE *to);

/* Prints the table as a help text: name, default, bounds, help. */
void settings_print_help(FILE *to);

#endif
