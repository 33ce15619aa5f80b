/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Turns.  See idle_pollers.h.
 */
#include "child/receive/idle_pollers.h"

#include <sys/epoll.h>

#include <unistd.h>

#include "common/base/clock.h"
#include "common/ipc/lease.h"

#include "common/base/banned.h"

int
idle_pollers_open(struct idle_pollers *t, struct queue_board *shared,
    unsigned slot, int64_t n, int wake_fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	*t = (struct idle_pollers){ .slot = slot,
		.wake_fd = -1,
		.watch_fd = -1,
		.turn = -1,
		.look_ms = CLOCK_NEVER };
	if (n == 0 || shared == NULL || wake_fd == -1)
		return 0;
	t->watch_fd = epoll_create1(EPOLL_CLOEXEC);
	if (t->watch_fd == -1 ||
	    epoll_ctl(t->watch_fd, EPOLL_CTL_ADD, wake_fd, &event) == -1)
		return -1;
	t->shared = shared;
	t->n = (int)n;
	t->wake_fd = wake_fd;
	t->asleep = true;
	t->finds = atomic_load(&shared->finds);
	return 0;
}

int
idle_pollers_fd(const struct idle_pollers *t)
{
	return t->watch_fd;
}

void
idle_pollers_woken(struct idle_pollers *t)
{
	struct epoll_event event;

	(void)epoll_wait(t->watch_fd, &event, 1, 0);
}

/*
 * Whoever goes to sleep says so and then looks; what there is to see is there
 * before this is called.  So either they see it, or we see them.
 */
static void
wake_all(struct idle_pollers *t)
{
	const uint64_t one = 1;

	if (atomic_exchange(&t->shared->sleepers, 0) != 0)
		(void)!write(t->wake_fd, &one, sizeof(one));
}

static void
give_up(struct idle_pollers *t)
{
	uint64_t lease = t->lease;

	if (t->turn == -1)
		return;
	(void)atomic_compare_exchange_strong(&t->shared->turns[t->turn], &lease,
	    0);
	t->turn = -1;
	wake_all(t);
}

void
idle_pollers_close(struct idle_pollers *t)
{
	give_up(t);
	if (t->watch_fd != -1)
		(void)close(t->watch_fd);
	t->watch_fd = -1;
}

static bool
take(struct idle_pollers *t, int i, uint64_t old, int64_t now_ms)
{
	uint64_t lease = lease_new(t->slot, now_ms + IDLE_POLLERS_LEASE_MS);

	if (!atomic_compare_exchange_strong(&t->shared->turns[i], &old, lease))
		return false;
	t->turn = i;
	t->lease = lease;
	t->renew_ms = now_ms + IDLE_POLLERS_RENEW_MS;
	t->look_ms = CLOCK_NEVER;
	return true;
}

static bool
take_any(struct idle_pollers *t, int64_t now_ms)
{
	uint64_t lease;
	int i;

	t->look_ms = CLOCK_NEVER;
	for (i = 0; i < t->n; i++) {
		lease = atomic_load(&t->shared->turns[i]);
		if (lease_is_free(lease, t->slot, IDLE_POLLERS_LEASE_MS,
			now_ms) &&
		    take(t, i, lease, now_ms))
			return true;
		lease = atomic_load(&t->shared->turns[i]);
		t->look_ms = clock_earlier(t->look_ms, lease_end_ms(lease));
	}
	return false;
}

static bool
is_found(const struct idle_pollers *t)
{
	return atomic_load(&t->shared->finds) != t->finds;
}

bool
idle_pollers_may_poll(struct idle_pollers *t, int64_t now_ms)
{
	if (t->shared == NULL || !t->asleep || t->turn != -1)
		return true;
	if (!is_found(t)) {
		atomic_store(&t->shared->sleepers, 1);
		if (!is_found(t))
			return take_any(t, now_ms);
	}
	t->asleep = false;
	t->look_ms = CLOCK_NEVER;
	return true;
}

void
idle_pollers_polled(struct idle_pollers *t)
{
	if (t->shared != NULL)
		t->finds = atomic_load(&t->shared->finds);
}

void
idle_pollers_found(struct idle_pollers *t)
{
	if (t->shared == NULL)
		return;
	t->asleep = false;
	(void)atomic_fetch_add(&t->shared->finds, 1);
	give_up(t);
	wake_all(t);
}

void
idle_pollers_failed(struct idle_pollers *t)
{
	t->asleep = false;
	give_up(t);
}

void
idle_pollers_empty(struct idle_pollers *t)
{
	t->asleep = t->shared != NULL;
}

bool
idle_pollers_sleeps(const struct idle_pollers *t)
{
	return t->shared != NULL && t->asleep && t->turn == -1;
}

static void
renew(struct idle_pollers *t, int64_t now_ms)
{
	uint64_t old = t->lease;
	int turn = t->turn;

	if (turn == -1 || t->renew_ms > now_ms)
		return;
	t->turn = -1;
	(void)take(t, turn, old, now_ms);
}

int64_t
idle_pollers_step(struct idle_pollers *t, bool polls, int64_t now_ms)
{
	if (!polls) {
		give_up(t);
		return CLOCK_NEVER;
	}
	renew(t, now_ms);
	return t->turn != -1 ? t->renew_ms : t->look_ms;
}
