/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The table of metrics, and their text for a scraper: OpenMetrics 1.0.0.  The
 * names are an interface: tests compare the manual and the dashboard in
 * terraform/ with the table.
 *
 * A family's name is "sqsherd_" and the name in the row.  Counters grow for as
 * long as sqsherd runs, and each sample names its queue. emf.h writes the other
 * format.  Pure.
 */
#ifndef SUPERVISOR_REPORT_METRICS_H
#define SUPERVISOR_REPORT_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/buf.h"
#include "common/ipc/scoreboard_snapshot.h"

/* A queue as it is, and all that it has counted since sqsherd began. */
struct metrics_queue {
	const char *name; /* borrowed */
	struct scoreboard_sums sums;
	uint64_t children; /* wanted */
	uint64_t ready;
	uint64_t in_hand;   /* messages, those of releasers included */
	uint64_t oldest_ms; /* since when the oldest of them is; 0: none is */
	uint64_t paused;    /* 0 or 1 */
	uint64_t braked;    /* likewise */
};

struct metrics_run {
	const char *version;
	int64_t uptime_ms;
	bool healthy;
	bool reporter; /* there is one */
	uint64_t reporter_deaths;
};

enum metrics_kind {
	METRICS_COUNT,    /* of things */
	METRICS_COUNT_MS, /* of time, in OpenMetrics in seconds */
	METRICS_GAUGE,
	METRICS_GAUGE_MS,
	METRICS_TIMES,  /* a histogram */
	METRICS_DERIVED /* from the others, in EMF alone */
};

struct metrics_row {
	const char *open;  /* its name in OpenMetrics; NULL: not there */
	const char *cloud; /* and in EMF; NULL: not there */
	enum metrics_kind kind;
	const char *unit; /* CloudWatch's word for it; NULL: Count */
	size_t offset;    /* in struct metrics_queue */
	const char *help; /* one line, no full stop */
};

extern const struct metrics_row metrics_table[];
extern const size_t metrics_table_size;

/* The table for people: its names, kinds and help. */
void metrics_print_help(FILE *to);

/* Writes all metrics, up to "# EOF" and its newline. */
void metrics_put_open(struct buf *to, const struct metrics_run *run,
    const struct metrics_queue *queues, size_t n);

#endif
