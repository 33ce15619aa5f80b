/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Metrics in CloudWatch's embedded metric format.  See emf.h.
 *
 * A line is a log event, so it has to be JSON from its first byte to its last.
 * It says each name twice, in the directive and as a member, so it is gone
 * over twice.  Numbers are cut off at NUMBER_MAX: what a child gone mad wrote
 * on the scoreboard must not make a line too long.
 */
#include "supervisor/report/emf.h"

#include <inttypes.h>
#include <string.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

#define NUMBER_MAX UINT64_C(999999999)

/* What happened since the line before. */
struct change {
	const struct metrics_queue *queue;
	struct metrics_queue since; /* sums alone */
	int64_t elapsed_ms;
};

static uint64_t
bounded(uint64_t n)
{
	return n < NUMBER_MAX ? n : NUMBER_MAX;
}

static uint64_t
grown(uint64_t now, uint64_t earlier)
{
	return now > earlier ? now - earlier : 0;
}

static void
compare(struct change *c, const struct scoreboard_sums *earlier)
{
	const struct scoreboard_sums *now = &c->queue->sums;
	size_t i;

	for (i = 0; i < SCOREBOARD_COUNTERS; i++)
		c->since.sums.counters[i] =
		    grown(now->counters[i], earlier->counters[i]);
	for (i = 0; i < QUEUE_BOARD_EVENTS; i++)
		c->since.sums.events[i] =
		    grown(now->events[i], earlier->events[i]);
	for (i = 0; i < SCOREBOARD_TIMES; i++)
		c->since.sums.times[i] =
		    histogram_since(&now->times[i], &earlier->times[i]);
}

/* ---- histograms ---- */

static int64_t
bucket_low_ms(size_t i)
{
	return i == 0 ? 0 : histogram_bound_ms(i - 1) + 1;
}

/* The middle of its bucket stands for each value. */
static int64_t
bucket_middle_ms(size_t i)
{
	return (bucket_low_ms(i) + histogram_bound_ms(i)) / 2;
}

/* Of those that hold something; -1: none does. */
static int
last_bucket(const struct histogram *h)
{
	int i = HISTOGRAM_BUCKETS - 1;

	while (i >= 0 && h->counts[i] == 0)
		i--;
	return i;
}

static int
first_bucket(const struct histogram *h)
{
	int i = 0;

	while (i < HISTOGRAM_BUCKETS - 1 && h->counts[i] == 0)
		i++;
	return i;
}

/* CloudWatch makes percentiles of this, which it cannot of sums alone. */
static void
put_histogram(struct buf *to, const struct histogram *h)
{
	int first = first_bucket(h), last = last_bucket(h), i;
	const char *comma = "";
	uint64_t n = 0;

	buf_puts(to, "{\"Values\":[");
	for (i = first; i <= last; i++)
		if (h->counts[i] > 0) {
			buf_printf(to, "%s%" PRId64, comma,
			    bucket_middle_ms((size_t)i));
			comma = ",";
		}
	buf_puts(to, "],\"Counts\":[");
	for (i = first, comma = ""; i <= last; i++)
		if (h->counts[i] > 0) {
			buf_printf(to, "%s%" PRIu64, comma,
			    bounded(h->counts[i]));
			comma = ",";
			n += bounded(h->counts[i]);
		}
	buf_printf(to,
	    "],\"Min\":%" PRId64 ",\"Max\":%" PRId64 ",\"Count\":%" PRIu64
	    ",\"Sum\":%" PRIu64 "}",
	    bucket_low_ms((size_t)first), histogram_bound_ms((size_t)last), n,
	    bounded(h->sum_ms / 1000) * 1000 + h->sum_ms % 1000);
}

/* ---- one metric ---- */

static bool
is_named(const struct metrics_row *m, const char *name)
{
	return strcmp(m->cloud, name) == 0;
}

static const struct histogram *
waits(const struct change *c)
{
	return &c->since.sums.times[SCOREBOARD_QUEUE_TIME];
}

static const void *
value_of(const struct change *c, const struct metrics_row *m)
{
	return (const char *)&c->since + m->offset;
}

/* What did not happen is not told, and so not billed. */
static bool
is_told(const struct change *c, const struct metrics_row *m)
{
	if (m->cloud == NULL)
		return false;
	switch (m->kind) {
	case METRICS_COUNT:
		return *(const uint64_t *)value_of(c, m) > 0;
	case METRICS_TIMES:
		return last_bucket(value_of(c, m)) >= 0;
	case METRICS_DERIVED:
		if (is_named(m, "BacklogAge"))
			return last_bucket(waits(c)) >= 0;
		return c->queue->children > 0 && c->elapsed_ms > 0;
	case METRICS_COUNT_MS:
	case METRICS_GAUGE:
	case METRICS_GAUGE_MS:
		break;
	}
	return false;
}

/* In tenths of a percent; children may have come or gone meanwhile. */
static unsigned
busy_permille(const struct change *c)
{
	double busy = (double)c->since.sums.counters[SCOREBOARD_BUSY_MS];
	double all = (double)c->queue->children * (double)c->elapsed_ms;

	return busy < all ? (unsigned)(1000.0 * busy / all) : 1000;
}

static void
put_derived(struct buf *to, const struct change *c, const struct metrics_row *m)
{
	if (is_named(m, "BacklogAge"))
		buf_put_int(to,
		    histogram_bound_ms((size_t)last_bucket(waits(c))) / 1000);
	else
		buf_printf(to, "%u.%u", busy_permille(c) / 10,
		    busy_permille(c) % 10);
}

static void
put_member(struct buf *to, const struct change *c, const struct metrics_row *m)
{
	buf_printf(to, ",\"%s\":", m->cloud);
	if (m->kind == METRICS_COUNT)
		buf_printf(to, "%" PRIu64,
		    bounded(*(const uint64_t *)value_of(c, m)));
	else if (m->kind == METRICS_TIMES)
		put_histogram(to, value_of(c, m));
	else
		put_derived(to, c, m);
}

static void
put_directive(struct buf *to, const struct change *c, const char *name_space)
{
	const char *comma = "";
	size_t i;

	buf_printf(to,
	    "\"CloudWatchMetrics\":[{\"Namespace\":\"%s\","
	    "\"Dimensions\":[[\"Queue\"]],\"Metrics\":[",
	    name_space);
	for (i = 0; i < metrics_table_size; i++) {
		const struct metrics_row *m = &metrics_table[i];

		if (!is_told(c, m))
			continue;
		buf_printf(to, "%s{\"Name\":\"%s\",\"Unit\":\"%s\"}", comma,
		    m->cloud, m->unit != NULL ? m->unit : "Count");
		comma = ",";
	}
	buf_puts(to, "]}]");
}

void
emf_put(struct buf *to, const char *name_space,
    const struct metrics_queue *queue, const struct scoreboard_sums *earlier,
    int64_t elapsed_ms, int64_t real_ms)
{
	struct change c = { .queue = queue, .elapsed_ms = elapsed_ms };
	size_t i;

	compare(&c, earlier);
	buf_printf(to,
	    "{\"event\":\"metrics\",\"_aws\":{\"Timestamp\":%" PRId64 ",",
	    real_ms);
	put_directive(to, &c, name_space);
	buf_puts(to, "},\"Queue\":");
	buf_put_json(to, queue->name, strnlen(queue->name, EMF_QUEUE_MAX));
	for (i = 0; i < metrics_table_size; i++)
		if (is_told(&c, &metrics_table[i]))
			put_member(to, &c, &metrics_table[i]);
	buf_puts(to, "}\n");
}
