/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The origin of each value: "etc/sqsherd.conf:12", "environment
 * SQSHERD_CHILDREN", "-o children".  Each owner of values (struct settings,
 * struct queue_settings) has an origin for each row of the table.
 */
#ifndef COMMON_SETTINGS_SETTINGS_ORIGINS_H
#define COMMON_SETTINGS_SETTINGS_ORIGINS_H

#include <stdbool.h>

#include "common/settings/settings_table.h"

struct settings_origins;

struct settings_origins *settings_origins_new(void);
void settings_origins_free(struct settings_origins *o); /* NULL-safe */

/* Copies the text; NULL: the default. */
void settings_origins_set(struct settings_origins *o,
    const struct settings_row *row, const char *text);
void settings_origins_copy(struct settings_origins *to,
    const struct settings_origins *from, const struct settings_row *row);
/* "default" if the value is the default. */
const char *settings_origins_text(const struct settings_origins *o,
    const struct settings_row *row);
bool settings_origins_is_given(const struct settings_origins *o,
    const struct settings_row *row);

/*
 * The origin of the owner itself: the beginning of a queue's section.  NULL: it
 * has none.
 */
void settings_origins_set_section(struct settings_origins *o, const char *text);
const char *settings_origins_section(const struct settings_origins *o);

#endif
