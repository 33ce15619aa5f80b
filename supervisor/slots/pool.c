/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See pool.h.
 */
#include "supervisor/slots/pool.h"

#include <sys/eventfd.h>

#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "common/credentials/credentials_share.h"
#include "supervisor/slots/pool_count.h"

#include "common/base/banned.h"

enum {
	BACKSTOP_MS = 10000, /* beyond the limits that a child itself keeps */
	KILL_AGAIN_MS = 5000
};

static struct slot_policy
make_policy(const struct settings *s, const struct queue_settings *q)
{
	int64_t job_end_ms = q->job_kill_timeout_ms + BACKSTOP_MS;

	return (struct slot_policy){
		.start_timeout_ms = s->start_timeout_ms,
		.heartbeat_timeout_ms = s->heartbeat_timeout_ms,
		.job_limit_ms =
		    q->job_timeout_ms == 0 ? 0 : q->job_timeout_ms + job_end_ms,
		.job_end_ms = job_end_ms,
		.kill_again_ms = KILL_AGAIN_MS,
		.restart_base_ms = s->restart_base_ms,
		.restart_cap_ms = s->restart_cap_ms,
		.restart_reset_ms = s->restart_reset_ms,
	};
}

/* ---- configs ---- */

static struct pool_config *
use(struct pool_config *c)
{
	c->users++;
	return c;
}

static void
unuse(struct pool_config *c)
{
	if (c == NULL || --c->users > 0)
		return;
	settings_free(c->settings);
	free(c);
}

static const struct queue_settings *
find_settings(const struct settings *s, const char *queue)
{
	size_t i;

	for (i = 0; i < s->n_queues; i++)
		if (strcmp(s->queues[i].name, queue) == 0)
			return &s->queues[i];
	return NULL;
}

const struct settings *
pool_settings(const struct pool *pool)
{
	return pool->config->settings;
}

bool
pool_is_stale(const struct pool *pool, const struct place *p)
{
	return p->config != pool->config;
}

void
pool_renew(struct pool *pool, struct place *p)
{
	/* A queue that has to go has no settings in force. */
	if (!pool_is_stale(pool, p) || p->queue->settings == NULL)
		return;
	unuse(p->config);
	p->config = use(pool->config);
	p->settings = p->queue->settings;
	p->policy = make_policy(p->config->settings, p->settings);
}

/* ---- places ---- */

static unsigned
free_number(const struct pool *pool, const struct pool_queue *q)
{
	unsigned number = 0;
	size_t i;

	for (i = 0; i < pool->n; i++)
		if (pool->places[i]->queue == q &&
		    pool->places[i]->number == number)
			number++;
	return number;
}

/* Makes room for a place, behind the places of its queue with lower numbers. */
static void
insert(struct pool *pool, struct place *p)
{
	size_t i, at = pool->n;

	for (i = 0; i < pool->n; i++) {
		if (pool->places[i]->queue != p->queue)
			continue;
		at = i;
		if (pool->places[i]->number > p->number)
			break;
		at++;
	}
	pool->places =
	    xreallocarray(pool->places, pool->n + 1, sizeof(struct place *));
	memmove(pool->places + at + 1, pool->places + at,
	    (pool->n - at) * sizeof(struct place *));
	pool->places[at] = p;
	pool->n++;
}

struct place *
pool_add(struct pool *pool, struct pool_queue *q, int64_t now_ms)
{
	struct scoreboard_row *row = scoreboard_row_new();
	struct place *p;

	if (row == NULL)
		return NULL;
	p = xcalloc(1, sizeof(*p));
	slot_init(&p->slot, now_ms);
	p->queue = q;
	p->number = free_number(pool, q);
	p->row = row;
	pool_renew(pool, p);
	insert(pool, p);
	return p;
}

static void
free_place(struct place *p)
{
	scoreboard_row_free(p->row);
	unuse(p->config);
	free(p);
}

/* ---- queues ---- */

static struct pool_queue *
find_queue(const struct pool *pool, const char *name)
{
	size_t i;

	for (i = 0; i < pool->n_queues; i++)
		if (strcmp(pool->queues[i]->name, name) == 0)
			return pool->queues[i];
	return NULL;
}

struct place *
pool_find_slot(const struct pool *pool, const char *queue, unsigned number)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		if (pool->places[i]->number == number &&
		    strcmp(pool->places[i]->queue->name, queue) == 0)
			return pool->places[i];
	return NULL;
}

struct pool_queue *
pool_find_queue(const struct pool *pool, const char *name)
{
	struct pool_queue *q = find_queue(pool, name);

	return q != NULL && q->settings != NULL ? q : NULL;
}

static int
add_queue(struct pool *pool, const char *name)
{
	struct queue_board *shared = queue_board_new();
	int idle_pollers_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct pool_queue *q;

	if (shared == NULL || idle_pollers_fd == -1) {
		queue_board_free(shared);
		if (idle_pollers_fd != -1)
			(void)close(idle_pollers_fd);
		return -1;
	}
	q = xcalloc(1, sizeof(*q));
	q->name = xstrdup(name);
	q->shared = shared;
	q->idle_pollers_fd = idle_pollers_fd;
	pool->queues = xreallocarray(pool->queues, pool->n_queues + 1,
	    sizeof(struct pool_queue *));
	pool->queues[pool->n_queues++] = q;
	return 0;
}

static void
free_queue(struct pool_queue *q)
{
	queue_board_free(q->shared);
	(void)close(q->idle_pollers_fd);
	free(q->name);
	free(q);
}

int
pool_adopt(struct pool *pool, struct settings *settings)
{
	struct pool_config *config;
	size_t i;

	/* A new queue has no settings yet: pool_sweep would remove it. */
	for (i = 0; i < settings->n_queues; i++)
		if (find_queue(pool, settings->queues[i].name) == NULL &&
		    add_queue(pool, settings->queues[i].name) == -1)
			return -1;
	config = xcalloc(1, sizeof(*config));
	config->settings = settings;
	unuse(pool->config);
	pool->config = use(config);
	/* New children fetch credentials anew, because profiles may have
	   changed. */
	credentials_share_forget(pool->credentials);
	for (i = 0; i < pool->n_queues; i++) {
		struct pool_queue *q = pool->queues[i];

		q->settings = find_settings(settings, q->name);
		q->wanted =
		    q->settings != NULL ? (size_t)q->settings->children : 0;
	}
	return 0;
}

/* ---- the pool ---- */

static int
add_places(struct pool *pool, struct pool_queue *q, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < q->wanted; i++)
		if (pool_add(pool, q, now_ms) == NULL)
			return -1;
	return 0;
}

int
pool_open(struct pool *pool, struct settings *settings, int64_t now_ms)
{
	size_t i;

	*pool = (struct pool){ .credentials = credentials_share_new() };
	if (pool->credentials == NULL || pool_adopt(pool, settings) == -1) {
		settings_free(settings);
		pool_release(pool);
		return -1;
	}
	for (i = 0; i < pool->n_queues; i++)
		if (add_places(pool, pool->queues[i], now_ms) == -1) {
			pool_release(pool);
			return -1;
		}
	return 0;
}

void
pool_release(struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		free_place(pool->places[i]);
	for (i = 0; i < pool->n_queues; i++)
		free_queue(pool->queues[i]);
	unuse(pool->config);
	free(pool->places);
	free(pool->queues);
	credentials_share_free(pool->credentials);
	*pool = (struct pool){ .n = 0 };
}

static bool
has_places(const struct pool *pool, const struct pool_queue *q)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		if (pool->places[i]->queue == q)
			return true;
	return false;
}

static void
sweep_places(struct pool *pool, int64_t now_ms)
{
	static struct scoreboard_snapshot row;
	size_t i, n = 0;

	for (i = 0; i < pool->n; i++) {
		struct place *p = pool->places[i];

		/* A place stays while its dead child's session has members,
		   which have to be killed, and while releasers count in its
		   row. */
		if (p->slot.state != SLOT_STOPPED || p->ghost != 0 ||
		    p->releasers > 0) {
			pool->places[n++] = p;
			continue;
		}
		(void)scoreboard_snapshot(p->row, now_ms, &row);
		scoreboard_add(&p->queue->past, &row);
		free_place(p);
	}
	pool->n = n;
}

static void
sweep_queues(struct pool *pool)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n_queues; i++) {
		struct pool_queue *q = pool->queues[i];

		if (q->settings != NULL || has_places(pool, q)) {
			pool->queues[n++] = q;
			continue;
		}
		pool_count_add(pool->past, q->past.counters);
		free_queue(q);
	}
	pool->n_queues = n;
}

void
pool_sweep(struct pool *pool, int64_t now_ms)
{
	sweep_places(pool, now_ms);
	sweep_queues(pool);
}

void
pool_keep_only(const struct pool *pool, const struct place *own)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		if (pool->places[i] != own)
			scoreboard_row_free(pool->places[i]->row);
	for (i = 0; i < pool->n_queues; i++)
		if (own == NULL || pool->queues[i] != own->queue) {
			queue_board_free(pool->queues[i]->shared);
			(void)close(pool->queues[i]->idle_pollers_fd);
		}
}

struct place *
pool_find(const struct pool *pool, pid_t pid)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		if (pool->places[i]->slot.pid == pid)
			return pool->places[i];
	return NULL;
}

bool
pool_is_served(const struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->n_queues; i++)
		if (!pool->queues[i]->served)
			return false;
	return true;
}

int64_t
pool_deadline(const struct pool *pool)
{
	int64_t deadline = CLOCK_NEVER;
	size_t i;

	for (i = 0; i < pool->n; i++)
		deadline =
		    clock_earlier(deadline, pool->places[i]->slot.deadline_ms);
	return deadline;
}
