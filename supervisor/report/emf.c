/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Metrics in CloudWatch's embedded metric format.  See emf.h.
 *
 * A line is a log event, so it has to be JSON from its first byte to its last.
 * Each name is in it twice, in the directive and as a member, so the table is
 * walked twice.  Numbers are cut off at NUMBER_MAX: garbage that a child wrote
 * on the scoreboard must not make a line too long.
 */
#include "supervisor/report/emf.h"

#include <string.h>

#include "common/base/json_write.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

#define NUMBER_MAX UINT64_C(999999999)

/* The change of a queue's counts since the line before. */
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

static void
put_bounded(struct json_write *w, const char *key, uint64_t n)
{
	json_write_int(w, key, (int64_t)bounded(n));
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

/* The value in the middle of the bucket stands for each value in it. */
static int64_t
bucket_middle_ms(size_t i)
{
	return (bucket_low_ms(i) + histogram_bound_ms(i)) / 2;
}

/* The last bucket that holds something; -1: none does. */
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

/*
 * Writes values and counts: CloudWatch computes percentiles from these, which
 * it cannot from sums.
 */
static void
put_histogram(struct json_write *w, const char *key, const struct histogram *h)
{
	int first = first_bucket(h), last = last_bucket(h), i;
	uint64_t n = 0;

	json_write_object(w, key);
	json_write_array(w, "Values");
	for (i = first; i <= last; i++)
		if (h->counts[i] > 0)
			json_write_int(w, NULL, bucket_middle_ms((size_t)i));
	json_write_array_end(w);
	json_write_array(w, "Counts");
	for (i = first; i <= last; i++)
		if (h->counts[i] > 0) {
			put_bounded(w, NULL, h->counts[i]);
			n += bounded(h->counts[i]);
		}
	json_write_array_end(w);
	json_write_int(w, "Min", bucket_low_ms((size_t)first));
	json_write_int(w, "Max", histogram_bound_ms((size_t)last));
	json_write_int(w, "Count", (int64_t)n);
	json_write_int(w, "Sum",
	    (int64_t)(bounded(h->sum_ms / 1000) * 1000 + h->sum_ms % 1000));
	json_write_object_end(w);
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

/* A counter that has not moved is left out, and so not billed. */
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

/*
 * The share in tenths of a percent.  It is cut off, because children may have
 * come or gone meanwhile.
 */
static unsigned
busy_permille(const struct change *c)
{
	double busy = (double)c->since.sums.counters[SCOREBOARD_BUSY_MS];
	double all = (double)c->queue->children * (double)c->elapsed_ms;

	return busy < all ? (unsigned)(1000.0 * busy / all) : 1000;
}

static void
put_derived(struct json_write *w, const struct change *c,
    const struct metrics_row *m)
{
	unsigned permille = busy_permille(c);

	if (is_named(m, "BacklogAge")) {
		json_write_int(w, m->cloud,
		    histogram_bound_ms((size_t)last_bucket(waits(c))) / 1000);
		return;
	}
	json_write_key(w, m->cloud);
	buf_printf(w->to, "%u.%u", permille / 10, permille % 10);
}

static void
put_member(struct json_write *w, const struct change *c,
    const struct metrics_row *m)
{
	if (m->kind == METRICS_COUNT)
		put_bounded(w, m->cloud, *(const uint64_t *)value_of(c, m));
	else if (m->kind == METRICS_TIMES)
		put_histogram(w, m->cloud, value_of(c, m));
	else
		put_derived(w, c, m);
}

static void
put_metric_names(struct json_write *w, const struct change *c)
{
	size_t i;

	json_write_array(w, "Metrics");
	for (i = 0; i < metrics_table_size; i++) {
		const struct metrics_row *m = &metrics_table[i];

		if (!is_told(c, m))
			continue;
		json_write_object(w, NULL);
		json_write_string(w, "Name", m->cloud);
		json_write_string(w, "Unit",
		    m->unit != NULL ? m->unit : "Count");
		json_write_object_end(w);
	}
	json_write_array_end(w);
}

static void
put_directive(struct json_write *w, const struct change *c,
    const char *name_space)
{
	json_write_array(w, "CloudWatchMetrics");
	json_write_object(w, NULL);
	json_write_string(w, "Namespace", name_space);
	json_write_array(w, "Dimensions");
	json_write_array(w, NULL);
	json_write_string(w, NULL, "Queue");
	json_write_array_end(w);
	json_write_array_end(w);
	put_metric_names(w, c);
	json_write_object_end(w);
	json_write_array_end(w);
}

void
emf_put(struct buf *to, const char *name_space,
    const struct metrics_queue *queue, const struct scoreboard_sums *earlier,
    int64_t elapsed_ms, int64_t real_ms)
{
	struct change c = { .queue = queue, .elapsed_ms = elapsed_ms };
	struct json_write w = JSON_WRITE(to);
	size_t i;

	compare(&c, earlier);
	json_write_object(&w, NULL);
	json_write_string(&w, "event", "metrics");
	json_write_object(&w, "_aws");
	json_write_int(&w, "Timestamp", real_ms);
	put_directive(&w, &c, name_space);
	json_write_object_end(&w);
	json_write_text(&w, "Queue", queue->name,
	    strnlen(queue->name, EMF_QUEUE_MAX));
	for (i = 0; i < metrics_table_size; i++)
		if (is_told(&c, &metrics_table[i]))
			put_member(&w, &c, &metrics_table[i]);
	json_write_object_end(&w);
	buf_putc(to, '\n');
}
