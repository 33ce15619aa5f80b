/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The last step of loading, when all levels of precedence have been read:
 * derives values that follow from others, and checks that required values are
 * there and that values fit each other.
 *
 * The region of a queue is the first of these: its setting, unless that comes
 * from AWS_REGION or AWS_DEFAULT_REGION, which are for all programs that use
 * AWS; the region in its URL; the setting from those variables; us-east-1 if
 * the server is on a loopback address.  If no number of children is set, a
 * queue has one child for each CPU.
 */
#ifndef COMMON_SETTINGS_SETTINGS_CHECK_H
#define COMMON_SETTINGS_SETTINGS_CHECK_H

#include "common/settings/settings_draft.h"

/* Derives and checks the values, and reports the problems. */
void settings_check(struct settings_draft *d);

#endif
