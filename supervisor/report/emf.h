/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Metrics for the log, in CloudWatch's embedded metric format: one line for
 * each queue, with the queue as its only dimension, because each combination of
 * dimensions is billed as a metric of its own.  A counter has what was counted
 * since the line before, and is left out if that is 0.  Pure.  Sources:
 * CloudWatch User Guide, "Specification: Embedded metric format"; histograms as
 * OpenTelemetry's awsemfexporter writes them.
 */
#ifndef SUPERVISOR_REPORT_EMF_H
#define SUPERVISOR_REPORT_EMF_H

#include <stdint.h>

#include "common/base/buf.h"
#include "common/ipc/scoreboard_snapshot.h"
#include "supervisor/report/metrics.h"

enum {
	EMF_LINE_MAX = 4096, /* bytes, newline included */
	EMF_QUEUE_MAX = 80   /* characters of a name, the rest is cut */
};

/*
 * Writes one line with its newline, never longer than EMF_LINE_MAX.  earlier
 * holds the counts of the queue elapsed_ms ago; real_ms is the time since the
 * epoch.
 */
void emf_put(struct buf *to, const char *name_space,
    const struct metrics_queue *queue, const struct scoreboard_sums *earlier,
    int64_t elapsed_ms, int64_t real_ms);

#endif
