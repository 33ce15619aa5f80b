/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What an operator asks for, by a signal or on the control socket: other
 * settings, more children or fewer, a pause, a drain.  A request only says
 * what is wanted; operator_balance then takes the steps towards it, in each
 * turn of the loop.
 */
#ifndef SUPERVISOR_OPERATOR_H
#define SUPERVISOR_OPERATOR_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "supervisor/control/reload.h"
#include "supervisor/slots/pool.h"

struct supervisor;

/* Makes what depends on the number of children fit it. */
void operator_fit(struct supervisor *s);

/*
 * Adds, ends and replaces children until the pool is as it is wanted.  Not
 * while somebody walks through the places: some may go.
 */
void operator_balance(struct supervisor *s, int64_t now_ms);

/* Return -1 if it is refused, with the reason in why. */
int operator_reload(struct supervisor *s, char why[RELOAD_WHY_MAX],
    int64_t now_ms);
int operator_scale(struct supervisor *s, struct pool_queue *q, size_t children,
    char why[RELOAD_WHY_MAX], int64_t now_ms);

/* A control_answer_fn; arg is the supervisor. */
void operator_answer(void *arg, struct span line, struct buf *to,
    int64_t now_ms);

#endif
