/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The table of metrics, and OpenMetrics.  See metrics.h.
 */
#include "supervisor/report/metrics.h"

#include <inttypes.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

#define AT(member) .offset = offsetof(struct metrics_queue, member)
#define COUNTER(c) AT(sums.counters[SCOREBOARD_##c])
#define EVENT(e)   AT(sums.events[QUEUE_BOARD_##e])
#define TIMES(t)   AT(sums.times[SCOREBOARD_##t])
#define FAMILY     "sqsherd_"

const struct metrics_row metrics_table[] = {
	{ "messages_received", "MessagesReceived", METRICS_COUNT,
	    COUNTER(RECEIVED), .help = "messages received" },
	{ "messages_deleted", "MessagesDeleted", METRICS_COUNT,
	    COUNTER(DELETED), .help = "messages done and deleted" },
	{ "messages_retried", "MessagesRetried", METRICS_COUNT,
	    COUNTER(RETRIED),
	    .help = "messages whose handler failed, given back to be tried "
		    "again" },
	{ "messages_rejected", "MessagesRejected", METRICS_COUNT,
	    COUNTER(REJECTED),
	    .help = "messages moved to the dead-letter queue" },
	{ "messages_released", "MessagesReleased", METRICS_COUNT,
	    COUNTER(RELEASED),
	    .help = "messages given back that no handler failed at" },
	{ "messages_expired", "MessagesExpired", METRICS_COUNT,
	    COUNTER(EXPIRED),
	    .help = "messages lost to others, or left to their timeout" },
	{ "receives", NULL, METRICS_COUNT, COUNTER(RECEIVES),
	    .help = "ReceiveMessage calls" },
	{ "receive_errors", "ReceiveErrors", METRICS_COUNT, COUNTER(ERRORS),
	    .help = "receives that failed after their retries" },
	{ "job_timeouts", "JobTimeouts", METRICS_COUNT, COUNTER(JOB_TIMEOUTS),
	    .help = "handlers stopped for their job_timeout" },
	{ "oom_kills", "OomKills", METRICS_COUNT, COUNTER(OOM_KILLS),
	    .help = "handlers that the kernel killed for want of memory" },
	{ "child_starts", "ChildStarts", METRICS_COUNT, EVENT(STARTS),
	    .help = "children started, the first ones included" },
	{ "child_crashes", "ChildCrashes", METRICS_COUNT, EVENT(CRASHES),
	    .help = "children that ended when nobody had asked" },
	{ "child_hangs", "ChildHangs", METRICS_COUNT, EVENT(HANGS),
	    .help = "children that were killed because they stood still" },
	{ "busy", NULL, METRICS_COUNT_MS, COUNTER(BUSY_MS),
	    .help = "time that children spent with messages in hand" },
	{ NULL, "BusyRatio", METRICS_DERIVED, .unit = "Percent",
	    .help = "of its children's time, how much they were busy" },
	{ "children", NULL, METRICS_GAUGE, AT(children),
	    .help = "children that the queue is to have" },
	{ "children_ready", NULL, METRICS_GAUGE, AT(ready),
	    .help = "children that are ready to work, or work" },
	{ "messages_in_hand", NULL, METRICS_GAUGE, AT(in_hand),
	    .help = "messages that are received and not settled" },
	{ "oldest_in_hand", NULL, METRICS_GAUGE_MS, AT(oldest_ms),
	    .help = "how long the oldest message in hand has been there" },
	{ "paused", NULL, METRICS_GAUGE, AT(paused),
	    .help = "1: the queue is paused, on request" },
	{ "braked", NULL, METRICS_GAUGE, AT(braked),
	    .help = "1: the handler does not work, and one child tries" },
	{ "handler_time", "HandlerTime", METRICS_TIMES, TIMES(HANDLER_TIME),
	    .unit = "Milliseconds",
	    .help = "how long a run of the handler took" },
	{ "queue_time", "QueueTime", METRICS_TIMES, TIMES(QUEUE_TIME),
	    .unit = "Milliseconds",
	    .help = "from the sending of a message to its first receive" },
	{ NULL, "BacklogAge", METRICS_DERIVED, .unit = "Seconds",
	    .help = "the longest that a message received for the first time "
		    "had waited, up to 18 hours; only known if one was" },
};

const size_t metrics_table_size = nitems(metrics_table);

static const char *
kind_name(enum metrics_kind kind)
{
	switch (kind) {
	case METRICS_COUNT:
	case METRICS_COUNT_MS:
		return "counter";
	case METRICS_GAUGE:
	case METRICS_GAUGE_MS:
	case METRICS_DERIVED:
		return "gauge";
	case METRICS_TIMES:
		break;
	}
	return "histogram";
}

/* OpenMetrics wants the unit at the end of the name. */
static const char *
unit_suffix(enum metrics_kind kind)
{
	switch (kind) {
	case METRICS_COUNT_MS:
	case METRICS_GAUGE_MS:
	case METRICS_TIMES:
		return "_seconds";
	case METRICS_COUNT:
	case METRICS_GAUGE:
	case METRICS_DERIVED:
		break;
	}
	return "";
}

void
metrics_print_help(FILE *to)
{
	char open[80];
	size_t i;

	for (i = 0; i < nitems(metrics_table); i++) {
		const struct metrics_row *m = &metrics_table[i];

		(void)snprintf(open, sizeof(open), FAMILY "%s%s",
		    m->open != NULL ? m->open : "", unit_suffix(m->kind));
		fprintf(to, "%-34s %-18s %-9s  %s\n",
		    m->open != NULL ? open : "-",
		    m->cloud != NULL ? m->cloud : "-", kind_name(m->kind),
		    m->help);
	}
}

/* ---- OpenMetrics ---- */

static void
put_family(struct buf *to, const char *name, const char *suffix,
    const char *kind, const char *help)
{
	buf_printf(to, "# TYPE " FAMILY "%s%s %s\n", name, suffix, kind);
	if (suffix[0] != '\0')
		buf_printf(to, "# UNIT " FAMILY "%s%s %s\n", name, suffix,
		    suffix + 1);
	buf_printf(to, "# HELP " FAMILY "%s%s %s\n", name, suffix, help);
}

static void
put_label_value(struct buf *to, const char *s)
{
	buf_putc(to, '"');
	for (; *s != '\0'; s++) {
		if (*s == '\n') {
			buf_puts(to, "\\n");
			continue;
		}
		if (*s == '"' || *s == '\\')
			buf_putc(to, '\\');
		buf_putc(to, *s);
	}
	buf_putc(to, '"');
}

/* Writes seconds in OpenMetrics' canonical form: "0.001", "1.0", "6.5". */
static void
put_seconds(struct buf *to, uint64_t ms)
{
	unsigned fraction = (unsigned)(ms % 1000);
	int digits = 3;

	while (digits > 1 && fraction % 10 == 0) {
		fraction /= 10;
		digits--;
	}
	buf_printf(to, "%" PRIu64 ".%0*u", ms / 1000, digits, fraction);
}

/* Begins a sample, up to its last label: the label le may follow. */
static void
put_sample(struct buf *to, const struct metrics_row *m, const char *suffix,
    const struct metrics_queue *q)
{
	buf_printf(to, FAMILY "%s%s%s{queue=", m->open, unit_suffix(m->kind),
	    suffix);
	put_label_value(to, q->name);
}

/* Garbage from a child must not make buckets shrink. */
static uint64_t
sum(uint64_t a, uint64_t b)
{
	return a + b >= a ? a + b : UINT64_MAX;
}

/*
 * Only every second bound is written, the powers of two: half the series, and
 * good enough for a graph.  The last bucket has no bound.
 */
static void
put_histogram(struct buf *to, const struct metrics_row *m,
    const struct metrics_queue *q, const struct histogram *h)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		n = sum(n, h->counts[i]);
		if ((i > 0 && i % 2 == 0) || i == HISTOGRAM_BUCKETS - 1)
			continue;
		put_sample(to, m, "_bucket", q);
		buf_puts(to, ",le=\"");
		put_seconds(to, (uint64_t)histogram_bound_ms(i));
		buf_printf(to, "\"} %" PRIu64 "\n", n);
	}
	put_sample(to, m, "_bucket", q);
	buf_printf(to, ",le=\"+Inf\"} %" PRIu64 "\n", n);
	put_sample(to, m, "_count", q);
	buf_printf(to, "} %" PRIu64 "\n", n);
	put_sample(to, m, "_sum", q);
	buf_puts(to, "} ");
	put_seconds(to, h->sum_ms);
	buf_putc(to, '\n');
}

static void
put_value(struct buf *to, const struct metrics_row *m,
    const struct metrics_queue *q)
{
	const void *value = (const char *)q + m->offset;

	switch (m->kind) {
	case METRICS_COUNT:
		put_sample(to, m, "_total", q);
		buf_printf(to, "} %" PRIu64 "\n", *(const uint64_t *)value);
		break;
	case METRICS_COUNT_MS:
		put_sample(to, m, "_total", q);
		buf_puts(to, "} ");
		put_seconds(to, *(const uint64_t *)value);
		buf_putc(to, '\n');
		break;
	case METRICS_GAUGE:
		put_sample(to, m, "", q);
		buf_printf(to, "} %" PRIu64 "\n", *(const uint64_t *)value);
		break;
	case METRICS_GAUGE_MS:
		put_sample(to, m, "", q);
		buf_puts(to, "} ");
		put_seconds(to, *(const uint64_t *)value);
		buf_putc(to, '\n');
		break;
	case METRICS_TIMES:
		put_histogram(to, m, q, value);
		break;
	case METRICS_DERIVED:
		break;
	}
}

static void
put_run(struct buf *to, const struct metrics_run *run)
{
	buf_puts(to,
	    "# TYPE sqsherd info\n# HELP sqsherd what runs\n"
	    "sqsherd_info{version=");
	put_label_value(to, run->version);
	buf_puts(to, "} 1\n");
	put_family(to, "uptime", "_seconds", "gauge",
	    "since the supervisor began");
	buf_puts(to, FAMILY "uptime_seconds ");
	put_seconds(to, (uint64_t)run->uptime_ms);
	buf_putc(to, '\n');
	put_family(to, "healthy", "", "gauge",
	    "1: as sqsherdctl health has it, 0: not");
	buf_printf(to, FAMILY "healthy %d\n", run->healthy);
	if (!run->reporter)
		return;
	put_family(to, "reporter_deaths", "", "counter",
	    "how often the reporter died and was started again");
	buf_printf(to, FAMILY "reporter_deaths_total %" PRIu64 "\n",
	    run->reporter_deaths);
}

/* Each family is written once, with the samples of all queues. */
void
metrics_put_open(struct buf *to, const struct metrics_run *run,
    const struct metrics_queue *queues, size_t n)
{
	size_t i, j;

	put_run(to, run);
	for (i = 0; i < nitems(metrics_table); i++) {
		const struct metrics_row *m = &metrics_table[i];

		if (m->open == NULL)
			continue;
		put_family(to, m->open, unit_suffix(m->kind),
		    kind_name(m->kind), m->help);
		for (j = 0; j < n; j++)
			put_value(to, m, &queues[j]);
	}
	buf_puts(to, "# EOF\n");
}
