/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Takes an operator's requests, by a signal or on the control socket: other
 * settings, more children or fewer, a pause, a drain.  A request only sets what
 * is wanted; balance.h then takes the steps towards that, in each turn of the
 * loop.
 */
#ifndef SUPERVISOR_OPERATOR_H
#define SUPERVISOR_OPERATOR_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "supervisor/control/reload.h"
#include "supervisor/slots/pool.h"

struct supervisor;

/*
 * Loads the settings again; returns -1 if that is refused, with the reason in
 * why.
 */
int operator_reload(struct supervisor *s, char why[RELOAD_WHY_MAX],
    int64_t now_ms);
/*
 * Changes how many children a queue has; returns -1 if that is refused, with
 * the reason in why.
 */
int operator_scale(struct supervisor *s, struct pool_queue *q, size_t children,
    char why[RELOAD_WHY_MAX], int64_t now_ms);

/* A control_answer_fn; arg is the supervisor. */
void operator_answer(void *arg, struct span line, struct buf *to,
    int64_t now_ms);

#endif
