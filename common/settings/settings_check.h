/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What is known only once all levels of precedence have been read: values that
 * follow from others, values that must be given, and values that must fit each
 * other.
 *
 * A queue's region is its setting; but its URL's region if there is none or it
 * comes from AWS_REGION or AWS_DEFAULT_REGION, which speak of the whole
 * environment; but us-east-1 if there is neither and the server is on a
 * loopback address.  Children that are not set are one for each CPU.
 */
#ifndef COMMON_SETTINGS_SETTINGS_CHECK_H
#define COMMON_SETTINGS_SETTINGS_CHECK_H

#include "common/settings/settings_draft.h"

/* Derives and checks; reports what is wrong. */
void settings_check(struct settings_draft *d);

#endif
