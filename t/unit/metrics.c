/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * OpenMetrics: what is written, and that a reader who knows nothing of us
 * takes it.  That reader is tested first.
 */
#include "supervisor/report/metrics.h"

#include "t/unit/openmetrics.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

static void
test_reader(void)
{
	static const struct {
		const char *name, *text;
		bool good;
	} cases[] = {
		{ "nothing", "# EOF\n", true },
		{ "a counter",
		    "# TYPE a counter\n# HELP a some\na_total{q=\"x\"} 1\n"
		    "# EOF\n",
		    true },
		{ "an escaped label",
		    "# TYPE a gauge\na{q=\"x\\\"\\\\\\n\"} 1\n# EOF\n", true },
		{ "a histogram",
		    "# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n"
		    "a_seconds_bucket{le=\"1.0\"} 1\n"
		    "a_seconds_bucket{le=\"+Inf\"} 2\na_seconds_count 2\n"
		    "a_seconds_sum 3.5\n# EOF\n",
		    true },
		{ "no end", "# TYPE a gauge\na 1\n", false },
		{ "more after the end", "# EOF\n# TYPE a gauge\n", false },
		{ "no type", "a 1\n# EOF\n", false },
		{ "a type that is none", "# TYPE a meter\na 1\n# EOF\n",
		    false },
		{ "a family twice",
		    "# TYPE a gauge\na 1\n# TYPE a gauge\n# EOF\n", false },
		{ "families interleaved",
		    "# TYPE a gauge\n# TYPE b gauge\na 1\n# EOF\n", false },
		{ "a counter without _total", "# TYPE a counter\na 1\n# EOF\n",
		    false },
		{ "a counter below nothing",
		    "# TYPE a counter\na_total -1\n# EOF\n", false },
		{ "a unit that is not in the name",
		    "# TYPE a gauge\n# UNIT a seconds\na 1\n# EOF\n", false },
		{ "a sample twice", "# TYPE a gauge\na 1\na 1\n# EOF\n",
		    false },
		{ "a label that does not end",
		    "# TYPE a gauge\na{q=\"x} 1\n# EOF\n", false },
		{ "no value", "# TYPE a gauge\na \n# EOF\n", false },
		{ "buckets that shrink",
		    "# TYPE a histogram\na_bucket{le=\"1.0\"} 2\n"
		    "a_bucket{le=\"+Inf\"} 1\n# EOF\n",
		    false },
		{ "a bucket without a float",
		    "# TYPE a histogram\na_bucket{le=\"1\"} 2\n"
		    "a_bucket{le=\"+Inf\"} 2\n# EOF\n",
		    false },
		{ "buckets without +Inf",
		    "# TYPE a histogram\na_bucket{le=\"1.0\"} 2\n# EOF\n",
		    false },
		{ "a count that is another",
		    "# TYPE a histogram\na_bucket{le=\"+Inf\"} 2\na_count 3\n"
		    "# EOF\n",
		    false },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok((openmetrics_check(cases[i].text) == NULL) == cases[i].good,
		    cases[i].name);
}

static struct buf text = BUF_INIT(1 << 20);

static bool
has_line(const char *line)
{
	const char *at = buf_str(&text);
	size_t n = strlen(line);

	while ((at = strstr(at, line)) != NULL) {
		if ((at == buf_str(&text) || at[-1] == '\n') && at[n] == '\n')
			return true;
		at += n;
	}
	printf("# no line %s\n", line);
	return false;
}

static void
put(const struct metrics_queue *queues, size_t n)
{
	const struct metrics_run run = { .version = "1.2.3",
		.uptime_ms = 61500,
		.healthy = true,
		.reporter = true,
		.reporter_deaths = 2 };
	const char *wrong;

	buf_reset(&text);
	metrics_put_open(&text, &run, queues, n);
	wrong = openmetrics_check(buf_str(&text));
	if (!ok(wrong == NULL, "it is OpenMetrics"))
		printf("# %s\n", wrong);
}

static void
test_values(void)
{
	struct metrics_queue q[2] = { { .name = "jobs",
					  .children = 4,
					  .ready = 3,
					  .in_hand = 2,
					  .oldest_ms = 90100 },
		{ .name = "od\"d\\", .paused = 1 } };

	q[0].sums.counters[SCOREBOARD_RECEIVED] = 7;
	q[0].sums.counters[SCOREBOARD_BUSY_MS] = 12345;
	q[0].sums.events[QUEUE_BOARD_CRASHES] = 1;
	q[0].sums.times[SCOREBOARD_HANDLER_TIME].counts[0] = 1; /* 1 ms */
	q[0].sums.times[SCOREBOARD_HANDLER_TIME].counts[4] = 2; /* 6 ms */
	q[0].sums.times[SCOREBOARD_HANDLER_TIME].sum_ms = 12;
	q[0].sums.times[SCOREBOARD_QUEUE_TIME].counts[HISTOGRAM_BUCKETS - 1] =
	    5;
	put(q, 2);
	ok(has_line("sqsherd_info{version=\"1.2.3\"} 1"), "the version");
	ok(has_line("sqsherd_uptime_seconds 61.5"), "the uptime");
	ok(has_line("sqsherd_healthy 1"), "the health");
	ok(has_line("sqsherd_reporter_deaths_total 2"), "the reporter");
	ok(has_line("sqsherd_messages_received_total{queue=\"jobs\"} 7"),
	    "a counter");
	ok(has_line("sqsherd_messages_received_total{queue=\"od\\\"d\\\\\"} 0"),
	    "that of another queue");
	ok(has_line("sqsherd_busy_seconds_total{queue=\"jobs\"} 12.345"),
	    "time is in seconds");
	ok(has_line("sqsherd_child_crashes_total{queue=\"jobs\"} 1"),
	    "an event");
	ok(has_line("sqsherd_children{queue=\"jobs\"} 4"), "a gauge");
	ok(has_line("sqsherd_children_ready{queue=\"jobs\"} 3"), "another");
	ok(has_line("sqsherd_messages_in_hand{queue=\"jobs\"} 2"), "in hand");
	ok(has_line("sqsherd_oldest_in_hand_seconds{queue=\"jobs\"} 90.1"),
	    "the oldest");
	ok(has_line("sqsherd_paused{queue=\"od\\\"d\\\\\"} 1"), "paused");
	ok(has_line("sqsherd_handler_time_seconds_bucket{queue=\"jobs\","
		    "le=\"0.001\"} 1"),
	    "the first bucket");
	ok(has_line("sqsherd_handler_time_seconds_bucket{queue=\"jobs\","
		    "le=\"0.004\"} 1"),
	    "6 ms are not in 4 ms");
	ok(has_line("sqsherd_handler_time_seconds_bucket{queue=\"jobs\","
		    "le=\"0.008\"} 3"),
	    "but in the next bound that is told");
	ok(has_line("sqsherd_handler_time_seconds_bucket{queue=\"jobs\","
		    "le=\"1.024\"} 3"),
	    "and in all further ones");
	ok(has_line("sqsherd_handler_time_seconds_count{queue=\"jobs\"} 3"),
	    "the count");
	ok(has_line("sqsherd_handler_time_seconds_sum{queue=\"jobs\"} 0.012"),
	    "the sum");
	ok(has_line("sqsherd_queue_time_seconds_bucket{queue=\"jobs\","
		    "le=\"+Inf\"} 5"),
	    "what has no bound");
	ok(strstr(buf_str(&text), "BusyRatio") == NULL,
	    "what is derived is left to the reader");
}

static void
test_ends(void)
{
	static struct metrics_queue q[50];
	size_t i;

	put(NULL, 0);
	for (i = 0; i < 50; i++) {
		memset(&q[i], 0xFF, sizeof(q[i]));
		q[i].name = NULL;
	}
	q[0].name = "mad";
	put(q, 1);
	ok(has_line("sqsherd_messages_received_total{queue=\"mad\"} "
		    "18446744073709551615"),
	    "garbage is well formed");
}

int
main(void)
{
	test_reader();
	test_values();
	test_ends();
	buf_release(&text);
	return tap_done();
}
