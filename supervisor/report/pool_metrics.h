/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The pool in numbers: what supervisor/report/metrics.h makes its texts of.
 */
#ifndef SUPERVISOR_REPORT_POOL_METRICS_H
#define SUPERVISOR_REPORT_POOL_METRICS_H

#include <stdint.h>

#include "common/base/buf.h"
#include "supervisor/report/metrics.h"
#include "supervisor/slots/pool.h"

/* All that the queue has counted, and how it is; borrows its name. */
void pool_metrics_of_queue(const struct pool *pool, const struct pool_queue *q,
    int64_t now_ms, struct metrics_queue *ret);

/* Every queue, as OpenMetrics. */
void pool_metrics_put_open(struct buf *to, const struct pool *pool,
    const struct metrics_run *run, int64_t now_ms);

#endif
