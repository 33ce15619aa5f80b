/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Chooses the child that goes next: because its queue has more than are wanted,
 * because it asks to (recycling), or because there are newer settings.  In the
 * latter two cases a few children are replaced at a time (reload_parallel).
 * Any child that is not ready counts as one of these few, so if children do not
 * get ready with new settings, the replacement stops before it reaches the
 * others.
 */
#ifndef SUPERVISOR_SLOTS_REPLACEMENT_H
#define SUPERVISOR_SLOTS_REPLACEMENT_H

#include <stddef.h>

#include "supervisor/slots/pool.h"

/* Places of the queue that are to be refilled when they are empty. */
size_t replacement_places(const struct pool *pool, const struct pool_queue *q);

/* The place to stop for good when there are more than wanted. */
struct place *replacement_surplus(const struct pool *pool,
    const struct pool_queue *q);

/* The place whose child is to be replaced now; NULL: none. */
struct place *replacement_next(const struct pool *pool,
    const struct pool_queue *q);

/*
 * How many children have older settings, without those that cannot be killed.
 */
size_t replacement_left(const struct pool *pool);

#endif
