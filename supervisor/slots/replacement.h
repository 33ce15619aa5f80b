/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Which child goes next: because its queue has more than are wanted, because
 * it asks for it (recycling), or because there are newer settings.  The latter
 * two are replaced a few at a time (reload_parallel).  Any child that is not
 * ready counts as one of these few, so children that do not get ready with new
 * settings hold up the replacement before it has reached the others.
 */
#ifndef SUPERVISOR_SLOTS_REPLACEMENT_H
#define SUPERVISOR_SLOTS_REPLACEMENT_H

#include <stddef.h>

#include "supervisor/slots/pool.h"

/* Places of the queue that are to be refilled when they are empty. */
size_t replacement_places(const struct pool *pool, const struct pool_queue *q);

/* The one to stop for good when there are more than wanted. */
struct place *replacement_surplus(const struct pool *pool,
    const struct pool_queue *q);

/* The one to be replaced now; NULL: none. */
struct place *replacement_next(const struct pool *pool,
    const struct pool_queue *q);

/* Children of older settings, without those that cannot be killed. */
size_t replacement_left(const struct pool *pool);

#endif
