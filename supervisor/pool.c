/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The pool.  See pool.h.
 */
#include "supervisor/pool.h"

#include <stdio.h>
#include <string.h>

#include "common/clock.h"
#include "common/xalloc.h"

#include "common/banned.h"

enum {
	BACKSTOP_MS = 10000 /* beyond the limits that a child itself keeps */
};

static struct slot_policy
make_policy(const struct settings *s, const struct queue_settings *q)
{
	return (struct slot_policy){
		.start_timeout_ms = s->start_timeout_ms,
		.heartbeat_timeout_ms = s->heartbeat_timeout_ms,
		.job_limit_ms = q->job_timeout_ms == 0
		    ? 0
		    : q->job_timeout_ms + q->job_kill_timeout_ms + BACKSTOP_MS,
		.restart_base_ms = s->restart_base_ms,
		.restart_cap_ms = s->restart_cap_ms,
		.restart_reset_ms = s->restart_reset_ms,
	};
}

static int
add_place(struct pool *pool, struct pool_queue *q, unsigned number,
    int64_t now_ms)
{
	struct scoreboard_row *row = scoreboard_row_new();
	struct place *p;

	if (row == NULL)
		return -1;
	p = xcalloc(1, sizeof(*p));
	slot_init(&p->slot, now_ms);
	p->queue = q;
	p->number = number;
	p->row = row;
	pool->places =
	    xreallocarray(pool->places, pool->n + 1, sizeof(pool->places[0]));
	pool->places[pool->n++] = p;
	return 0;
}

static int
add_queue(struct pool *pool, const struct settings *settings,
    const struct queue_settings *qs, int64_t now_ms)
{
	struct scoreboard_queue *shared = scoreboard_queue_new();
	struct pool_queue *q;
	unsigned number;

	if (shared == NULL)
		return -1;
	q = xcalloc(1, sizeof(*q));
	q->settings = qs;
	q->policy = make_policy(settings, qs);
	q->shared = shared;
	pool->queues = xreallocarray(pool->queues, pool->n_queues + 1,
	    sizeof(pool->queues[0]));
	pool->queues[pool->n_queues++] = q;
	for (number = 0; number < qs->children; number++)
		if (add_place(pool, q, number, now_ms) == -1)
			return -1;
	return 0;
}

int
pool_open(struct pool *pool, const struct settings *settings, int64_t now_ms)
{
	size_t i;

	*pool = (struct pool){ .n = 0 };
	for (i = 0; i < settings->n_queues; i++)
		if (add_queue(pool, settings, &settings->queues[i], now_ms) ==
		    -1) {
			pool_release(pool);
			return -1;
		}
	return 0;
}

void
pool_release(struct pool *pool)
{
	size_t i;

	for (i = 0; i < pool->n; i++) {
		scoreboard_row_free(pool->places[i]->row);
		free(pool->places[i]);
	}
	for (i = 0; i < pool->n_queues; i++) {
		scoreboard_queue_free(pool->queues[i]->shared);
		free(pool->queues[i]);
	}
	free(pool->places);
	free(pool->queues);
	*pool = (struct pool){ .n = 0 };
}

void
pool_keep_only(const struct pool *pool, const struct place *own)
{
	size_t i;

	for (i = 0; i < pool->n; i++)
		if (pool->places[i] != own)
			scoreboard_row_free(pool->places[i]->row);
	for (i = 0; i < pool->n_queues; i++)
		if (own == NULL || pool->queues[i] != own->queue)
			scoreboard_queue_free(pool->queues[i]->shared);
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

size_t
pool_count(const struct pool *pool, enum slot_state state)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n; i++)
		if (pool->places[i]->slot.state == state)
			n++;
	return n;
}

size_t
pool_live(const struct pool *pool)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n; i++)
		if (slot_is_live(&pool->places[i]->slot))
			n++;
	return n;
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

static size_t
queue_ready(const struct pool *pool, const struct pool_queue *q)
{
	size_t i, n = 0;

	for (i = 0; i < pool->n; i++)
		if (pool->places[i]->queue == q &&
		    pool->places[i]->slot.state == SLOT_READY)
			n++;
	return n;
}

void
pool_describe(const struct pool *pool, bool stopping, char *ret, size_t size)
{
	size_t i, len = 0;
	int n;

	if (stopping) {
		(void)snprintf(ret, size, "stopping, %zu left",
		    pool_live(pool));
		return;
	}
	ret[0] = '\0';
	for (i = 0; i < pool->n_queues && len < size; i++) {
		const struct pool_queue *q = pool->queues[i];

		n = snprintf(ret + len, size - len, "%s%s %zu/%lld ready",
		    i > 0 ? ", " : "", q->settings->name, queue_ready(pool, q),
		    (long long)q->settings->children);
		if (n < 0)
			break;
		len += (size_t)n;
	}
}
