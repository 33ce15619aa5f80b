/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The pool: places that come and go with settings, and what stays of them;
 * and replacement.c: whose turn it is to go.
 */
#include "supervisor/slots/pool.h"

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/ipc/scoreboard_child.h"
#include "common/settings/settings_load.h"
#include "supervisor/slots/pool_count.h"
#include "supervisor/slots/replacement.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	NOW = 1000000
};

static void
print_problem(void *arg, const char *message)
{
	(void)arg;
	printf("# %s\n", message);
}

static struct settings *
load(const char *queues)
{
	char text[1024];
	char *const none[] = { NULL };
	struct settings_input in = { .file = "test", .environ_ = none };

	(void)snprintf(text, sizeof(text),
	    "queue_url = http://localhost:1/1/jobs\ncommand = true\n%s",
	    queues);
	in.file_bytes = span_of(text);
	return settings_load(&in, print_problem, NULL);
}

static void
make_ready(struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->n; i++) {
		struct place *p = pool->places[i];

		if (p->slot.state == SLOT_STOPPED)
			continue;
		pool_renew(pool, p);
		p->slot.state = SLOT_READY;
		p->slot.pid = (pid_t)(1000 + i);
		p->row->phase = SCOREBOARD_POLLING;
		p->row->ask = SCOREBOARD_ASK_NOTHING;
	}
}

/* "jobs/0 jobs/1 ..." */
static const char *
names(const struct pool *pool)
{
	static char text[256];
	size_t i, len = 0;

	text[0] = '\0';
	for (i = 0; i < pool->n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len,
		    "%s%s/%u", i > 0 ? " " : "", pool->places[i]->queue->name,
		    pool->places[i]->number);
	return text;
}

static void
stop(struct place *p)
{
	p->slot.state = SLOT_STOPPED;
	p->slot.wanted = false;
	p->slot.pid = 0;
}

#define JOBS_2 "[queue jobs]\nchildren = 2\n"
#define JOBS_3 "[queue jobs]\nchildren = 3\n"
#define MAIL_1 "[queue mail]\nchildren = 1\n"

static void
test_numbers(void)
{
	struct pool pool;
	struct place *p;

	is_int(pool_open(&pool, load(JOBS_3 MAIL_1), NOW), 0, "a pool opens");
	is_str(names(&pool), "jobs/0 jobs/1 jobs/2 mail/0",
	    "with a place for each child of each queue");
	is_int(pool_count_wanted(&pool), 4, "all of which are wanted");
	p = pool.places[1];
	scoreboard_count(p->row, SCOREBOARD_DELETED, 5);
	stop(p);
	p->ghost = 7;
	pool_sweep(&pool, NOW);
	is_int(pool.n, 4, "a place stays while somebody hunts its ghost");
	p->ghost = 0;
	pool_sweep(&pool, NOW);
	is_str(names(&pool), "jobs/0 jobs/2 mail/0",
	    "then one that is stopped for good is swept away");
	is_int(pool.queues[0]->past.counters[SCOREBOARD_DELETED], 5,
	    "what it counted is kept");
	p = pool_add(&pool, pool.queues[0], NOW);
	is_str(names(&pool), "jobs/0 jobs/1 jobs/2 mail/0",
	    "a new place has the lowest free number, and its order");
	is_int(p->slot.deadline_ms, NOW, "and is due at once");
	(void)pool_add(&pool, pool.queues[0], NOW);
	is_str(names(&pool), "jobs/0 jobs/1 jobs/2 jobs/3 mail/0",
	    "or the next number");
	pool_release(&pool);
}

static void
test_adopt(void)
{
	struct pool pool;
	struct pool_queue *mail;
	uint64_t totals[SCOREBOARD_COUNTERS];

	(void)pool_open(&pool, load(JOBS_2 MAIL_1), NOW);
	make_ready(&pool);
	mail = pool.queues[1];
	scoreboard_count(pool.places[2]->row, SCOREBOARD_RECEIVED, 3);
	ok(!pool_is_stale(&pool, pool.places[0]), "a new child is up to date");
	(void)pool_adopt(&pool, load(JOBS_3 "[queue more]\nchildren = 1\n"));
	ok(pool_is_stale(&pool, pool.places[0]),
	    "with other settings it is not");
	is_int(pool.places[0]->settings->children, 2,
	    "its place remembers the settings that it has");
	is_int(pool.queues[0]->wanted, 3, "as many are wanted as they say");
	is_int(pool.n_queues, 3, "a new queue is there at once");
	ok(pool_find_queue(&pool, "mail") == NULL && mail->wanted == 0,
	    "of one that they do not name nothing is wanted");
	pool_sweep(&pool, NOW);
	is_int(pool.n_queues, 3, "it stays while it has a place");
	pool_renew(&pool, pool.places[2]);
	is_str(pool.places[2]->settings->name, "mail",
	    "whose settings stay with it");
	stop(pool.places[2]);
	pool_sweep(&pool, NOW);
	is_int(pool.n_queues, 2, "and goes with the last of them");
	pool_count_totals(&pool, NULL, NOW, totals);
	is_int(totals[SCOREBOARD_RECEIVED], 3, "but not what it counted");
	pool_renew(&pool, pool.places[0]);
	ok(!pool_is_stale(&pool, pool.places[0]) &&
		pool.places[0]->settings->children == 3,
	    "a place that is filled anew has the new settings");
	pool_release(&pool);
}

static void
test_queue_comes_back(void)
{
	struct pool pool;

	(void)pool_open(&pool, load(JOBS_2 MAIL_1), NOW);
	make_ready(&pool);
	(void)pool_adopt(&pool, load(JOBS_2));
	(void)pool_adopt(&pool, load(JOBS_2 MAIL_1));
	is_int(pool.n_queues, 2,
	    "a queue that comes back before it has gone is the same");
	is_int(pool_find_queue(&pool, "mail")->wanted, 1, "and wanted");
	pool_release(&pool);
}

static void
test_surplus(void)
{
	struct pool pool;
	struct pool_queue *q;

	(void)pool_open(&pool, load(JOBS_3), NOW);
	make_ready(&pool);
	q = pool.queues[0];
	ok(replacement_surplus(&pool, q) == NULL, "nobody is too many");
	q->wanted = 2;
	ok(replacement_surplus(&pool, q) == pool.places[2],
	    "the one with the highest number goes first");
	pool.places[1]->slot.state = SLOT_BACKOFF;
	ok(replacement_surplus(&pool, q) == pool.places[1],
	    "but before it one that is not there");
	pool.places[1]->slot.state = SLOT_DRAINING;
	pool.places[1]->slot.wanted = false;
	ok(replacement_surplus(&pool, q) == NULL,
	    "who is going is not one too many");
	is_int(replacement_places(&pool, q), 2, "nor counts as one");
	pool_release(&pool);
}

/* In the order in which they go, whatever their numbers. */
static void
test_surplus_order(void)
{
	static const enum slot_state states[] = { SLOT_DOWN, SLOT_KILLED,
		SLOT_DRAINING, SLOT_STARTING, SLOT_READY };
	struct pool pool;
	struct pool_queue *q;
	size_t i;

	(void)pool_open(&pool, load("[queue jobs]\nchildren = 5\n"), NOW);
	make_ready(&pool);
	q = pool.queues[0];
	for (i = 0; i < nitems(states); i++)
		pool.places[i]->slot.state = states[i];
	for (i = 0; i < nitems(states); i++) {
		q->wanted = nitems(states) - i - 1;
		ok(replacement_surplus(&pool, q) == pool.places[i],
		    slot_state_name(states[i]));
		pool.places[i]->slot.wanted = false;
	}
	pool_release(&pool);
}

static void
test_turns(void)
{
	struct pool pool;
	struct pool_queue *q;

	(void)pool_open(&pool, load(JOBS_3), NOW);
	make_ready(&pool);
	q = pool.queues[0];
	ok(replacement_next(&pool, q) == NULL,
	    "without a reason nobody is replaced");
	is_int(replacement_left(&pool), 0, "and nobody is left");
	(void)pool_adopt(&pool, load(JOBS_3));
	is_int(replacement_left(&pool), 3, "with new settings all are");
	pool.places[0]->row->phase = SCOREBOARD_BUSY;
	ok(replacement_next(&pool, q) == pool.places[1],
	    "who is idle goes first");
	pool.places[2]->row->ask = SCOREBOARD_ASK_MEMORY;
	ok(replacement_next(&pool, q) == pool.places[2],
	    "before it who asks for it");
	pool.places[2]->row->ask = 4000000000U;
	ok(replacement_next(&pool, q) == pool.places[2],
	    "even in words that nobody knows");
	pool.places[2]->slot.state = SLOT_DRAINING;
	ok(replacement_next(&pool, q) == NULL,
	    "then nobody until it is replaced");
	pool.places[2]->slot.state = SLOT_BACKOFF;
	ok(replacement_next(&pool, q) == NULL, "and works");
	pool_renew(&pool, pool.places[2]);
	pool.places[2]->slot.state = SLOT_STARTING;
	ok(replacement_next(&pool, q) == NULL, "as its successor does not yet");
	pool.places[2]->slot.state = SLOT_READY;
	pool.places[2]->row->ask = SCOREBOARD_ASK_NOTHING;
	ok(replacement_next(&pool, q) == pool.places[1], "then the next");
	is_int(replacement_left(&pool), 2, "of those that are left");
	pool.places[0]->slot.state = SLOT_KILLED;
	pool.places[0]->slot.wanted = false;
	pool.places[0]->unkillable = true;
	is_int(replacement_left(&pool), 1, "but for one that cannot be killed");
	pool_release(&pool);
}

static size_t
replaced_at_once(struct pool *pool, struct pool_queue *q)
{
	struct place *p;
	size_t n = 0;

	while ((p = replacement_next(pool, q)) != NULL) {
		p->slot.state = SLOT_DRAINING;
		n++;
	}
	return n;
}

static void
test_parallel(void)
{
	static const struct {
		const char *name;
		const char *settings;
		size_t want;
	} cases[] = {
		{ "of 3 one is replaced at a time", JOBS_3, 1 },
		{ "of 19 as well", "[queue jobs]\nchildren = 19\n", 1 },
		{ "of 20 two are", "[queue jobs]\nchildren = 20\n", 2 },
		{ "or as many as is set",
		    "[queue jobs]\nchildren = 20\nreload_parallel = 7\n", 7 },
		{ "which may be all",
		    "[queue jobs]\nchildren = 3\nreload_parallel = 1000\n", 3 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct pool pool;

		(void)pool_open(&pool, load(cases[i].settings), NOW);
		make_ready(&pool);
		(void)pool_adopt(&pool, load(cases[i].settings));
		is_int(replaced_at_once(&pool, pool.queues[0]), cases[i].want,
		    cases[i].name);
		pool_release(&pool);
	}
}

int
main(void)
{
	test_numbers();
	test_adopt();
	test_queue_comes_back();
	test_surplus();
	test_surplus_order();
	test_turns();
	test_parallel();
	return tap_done();
}
