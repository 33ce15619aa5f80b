/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * EMF: held against the rules of its specification by a reader of its own, and
 * against what was counted.
 */
#include "supervisor/report/emf.h"

#include "common/base/json.h"
#include "common/settings/settings_text.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

static struct buf line = BUF_INIT(EMF_LINE_MAX);
static struct scoreboard_sums nothing;

/* What a line says. */
static struct {
	char named[64][64]; /* in the directive, with its unit */
	size_t n_named;
	char members[64][64]; /* at the root that are no strings */
	size_t n_members;
	size_t values, counts;
	char queue[128];
	char name_space[300];
	char dimension[32];
	long long timestamp;
} told;

static void
copy(char *to, size_t size, struct span s)
{
	(void)snprintf(to, size, "%.*s", (int)s.len, s.p);
}

static bool
is_at(const struct json_path *path, size_t depth, const char *key)
{
	return path->depth == depth &&
	    json_key_is(&path->level[depth - 1], key);
}

static int
read_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	(void)arg;
	if (path->depth == 1 &&
	    (v->type == JSON_NUMBER || v->type == JSON_OBJECT) &&
	    !is_at(path, 1, "_aws"))
		(void)snprintf(told.members[told.n_members++], 64, "%.60s",
		    path->level[0].key);
	if (is_at(path, 1, "Queue"))
		copy(told.queue, sizeof(told.queue), v->text);
	if (is_at(path, 2, "Timestamp"))
		(void)json_integer(v, 0, INT64_MAX, &told.timestamp);
	if (is_at(path, 4, "Namespace"))
		copy(told.name_space, sizeof(told.name_space), v->text);
	if (path->depth == 6 && json_key_is(&path->level[3], "Dimensions"))
		copy(told.dimension, sizeof(told.dimension), v->text);
	if (path->depth == 6 && json_key_is(&path->level[5], "Name"))
		copy(told.named[told.n_named++], 64, v->text);
	if (path->depth == 3 && v->type == JSON_NUMBER) {
		told.values += json_key_is(&path->level[1], "Values");
		told.counts += json_key_is(&path->level[1], "Counts");
	}
	return 0;
}

static void
put(const struct metrics_queue *q, const struct scoreboard_sums *earlier)
{
	struct error e;
	bool same;
	size_t i;

	buf_reset(&line);
	emf_put(&line, "Sqsherd", q, earlier, 60000, 1700000000123);
	memset(&told, 0, sizeof(told));
	ok(!line.overflow && line.len > 0 && line.data[line.len - 1] == '\n',
	    "a line that fits");
	ok(memchr(line.data, '\n', line.len) == line.data + line.len - 1,
	    "and no more than one");
	ok(json_parse((struct span){ line.data, line.len - 1 }, read_value,
	       NULL, &e) == 0,
	    "of JSON");
	same = told.n_named == told.n_members;
	for (i = 0; same && i < told.n_named; i++)
		same = strcmp(told.named[i], told.members[i]) == 0;
	ok(same, "each metric of the directive is there, and no other");
	ok(told.n_named <= 100, "no more of them than a directive may have");
	is_int(told.values, told.counts, "a count for each value");
	ok(told.values <= 2 * 100, "no more values than a metric may have");
	is_str(told.dimension, "Queue", "the queue is the dimension");
	is_int(told.timestamp, 1700000000123, "the time is in milliseconds");
	is_str(told.name_space, "Sqsherd", "the namespace");
}

static bool
says(const char *part)
{
	bool said = strstr(buf_str(&line), part) != NULL;

	if (!said)
		printf("# not %s in %s", part, buf_str(&line));
	return said;
}

static void
test_idle(void)
{
	const struct metrics_queue q = { .name = "jobs", .children = 2 };

	put(&q, &nothing);
	is_int(told.n_named, 1, "an idle queue tells one metric");
	ok(says(",\"BusyRatio\":0.0}"), "that it is idle");
	is_str(told.queue, "jobs", "and which queue it is");
}

static void
test_changes(void)
{
	struct metrics_queue q = { .name = "jobs", .children = 2 };
	struct scoreboard_sums earlier = nothing;

	q.sums.counters[SCOREBOARD_RECEIVED] = 10;
	q.sums.counters[SCOREBOARD_DELETED] = 9;
	q.sums.counters[SCOREBOARD_RETRIED] = 3;
	q.sums.counters[SCOREBOARD_BUSY_MS] = 50000;
	q.sums.events[QUEUE_BOARD_STARTS] = 4;
	q.sums.times[SCOREBOARD_HANDLER_TIME].counts[5] = 7; /* 7 to 8 ms */
	q.sums.times[SCOREBOARD_HANDLER_TIME].counts[9] = 1; /* 25 to 32 ms */
	q.sums.times[SCOREBOARD_HANDLER_TIME].sum_ms = 1084;
	q.sums.times[SCOREBOARD_QUEUE_TIME].counts[23] = 1;
	earlier.counters[SCOREBOARD_RECEIVED] = 4;
	earlier.counters[SCOREBOARD_RETRIED] = 3;
	earlier.counters[SCOREBOARD_BUSY_MS] = 20000;
	earlier.times[SCOREBOARD_HANDLER_TIME].counts[5] = 2;
	earlier.times[SCOREBOARD_HANDLER_TIME].sum_ms = 1000;
	put(&q, &earlier);
	ok(says("\"MessagesReceived\":6,"), "what was received since");
	ok(says("\"MessagesDeleted\":9,"), "and deleted");
	ok(!strstr(buf_str(&line), "MessagesRetried"), "nothing was retried");
	ok(says("\"ChildStarts\":4,"), "children that started");
	ok(says("\"BusyRatio\":25.0"), "30 s of two minutes are a quarter");
	ok(says("\"HandlerTime\":{\"Values\":[7,28],\"Counts\":[5,1],"
		"\"Min\":7,\"Max\":32,\"Count\":6,\"Sum\":84}"),
	    "times, as values and counts");
	ok(says("\"BacklogAge\":4"), "the oldest that was received");
	ok(says("{\"Name\":\"HandlerTime\",\"Unit\":\"Milliseconds\"}"),
	    "with its unit");
	earlier.counters[SCOREBOARD_DELETED] = 1000;
	put(&q, &earlier);
	ok(!strstr(buf_str(&line), "MessagesDeleted"),
	    "never less than nothing");
}

static void
test_busy_without_end(void)
{
	struct metrics_queue q = { .name = "jobs", .children = 1 };

	q.sums.counters[SCOREBOARD_BUSY_MS] = 90000;
	put(&q, &nothing);
	ok(says("\"BusyRatio\":100.0"), "nobody is more than busy");
	q.children = 0;
	put(&q, &nothing);
	is_int(told.n_named, 0, "a queue without children is not idle");
}

/* Nothing that a child can write on the scoreboard makes a line too long. */
static void
test_garbage(void)
{
	struct metrics_queue q;
	char name[EMF_LINE_MAX];
	size_t longest;

	memset(&q, 0xFF, sizeof(q));
	memset(name, 'q', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	q.name = name;
	put(&q, &nothing);
	longest = line.len + 255 - strlen("Sqsherd");
	is_int(strlen(told.queue), EMF_QUEUE_MAX, "a long name is cut");
	ok(told.n_named > 15, "all metrics are told");
	printf("# %zu bytes at most\n", longest);
	ok(longest <= EMF_LINE_MAX, "with the longest namespace, too");
}

static void
test_namespace(void)
{
	char longest[255 + 2];

	memset(longest, 'a', sizeof(longest));
	longest[255] = '\0';
	ok(settings_text_check_namespace("Sqsherd/jobs_1.2#a:b-c") == NULL,
	    "a namespace");
	ok(settings_text_check_namespace(longest) == NULL, "the longest");
	longest[255] = 'a';
	longest[255 + 1] = '\0';
	ok(settings_text_check_namespace(longest) != NULL,
	    "a longer one is refused");
	ok(settings_text_check_namespace("") != NULL, "none at all");
	ok(settings_text_check_namespace("a b") != NULL, "a blank");
	ok(settings_text_check_namespace("a\"b") != NULL, "a quote");
	ok(settings_text_check_namespace("AWS/SQS") != NULL, "AWS's own");
}

int
main(void)
{
	test_idle();
	test_changes();
	test_busy_without_end();
	test_garbage();
	test_namespace();
	buf_release(&line);
	return tap_done();
}
