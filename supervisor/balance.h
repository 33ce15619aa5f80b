/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * As many children as are wanted, by the settings in force: adds, ends and
 * replaces them.
 */
#ifndef SUPERVISOR_BALANCE_H
#define SUPERVISOR_BALANCE_H

#include <stdint.h>

struct supervisor;

/* Makes what depends on the number of children fit it. */
void balance_fit(struct supervisor *s);

/*
 * Takes each step towards what is wanted that can be taken now.  May free
 * places, so no caller may be walking through them.
 */
void balance_pool(struct supervisor *s, int64_t now_ms);

#endif
