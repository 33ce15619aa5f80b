/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* Collects the numbers of the pool that supervisor/report/metrics.h writes. */
#ifndef SUPERVISOR_REPORT_POOL_METRICS_H
#define SUPERVISOR_REPORT_POOL_METRICS_H

#include <stdint.h>

#include "common/base/buf.h"
#include "supervisor/report/metrics.h"
#include "supervisor/slots/pool.h"

/*
 * Everything that the queue has counted, and its state now; borrows its name.
 */
void pool_metrics_of_queue(const struct pool *pool, const struct pool_queue *q,
    int64_t now_ms, struct metrics_queue *ret);

/* Writes the metrics of every queue as OpenMetrics. */
void pool_metrics_put_open(struct buf *to, const struct pool *pool,
    const struct metrics_run *run, int64_t now_ms);

#endif
