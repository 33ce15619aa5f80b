/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Adds, ends and replaces children until there are as many as are wanted, by
 * the settings in force.
 */
#ifndef SUPERVISOR_BALANCE_H
#define SUPERVISOR_BALANCE_H

#include <stdint.h>

struct supervisor;

/*
 * Fits the budget of deaths and the table of releasers to the number of
 * children.
 */
void balance_fit(struct supervisor *s);

/*
 * Takes each step towards the wanted children that can be taken now.  May free
 * places, so no caller may be walking through them.
 */
void balance_pool(struct supervisor *s, int64_t now_ms);

#endif
