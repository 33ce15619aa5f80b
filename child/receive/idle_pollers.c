/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See idle_pollers.h. */
#include "child/receive/idle_pollers.h"

#include <sys/epoll.h>

#include <unistd.h>

#include "common/base/clock.h"
#include "common/ipc/lease.h"

#include "common/base/banned.h"

int
idle_pollers_open(struct idle_pollers *p, struct queue_board *shared,
    unsigned slot, int64_t n, int wake_fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };

	*p = (struct idle_pollers){ .slot = slot,
		.wake_fd = -1,
		.watch_fd = -1,
		.turn = -1,
		.look_ms = CLOCK_NEVER };
	if (n == 0 || shared == NULL || wake_fd == -1)
		return 0;
	p->watch_fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->watch_fd == -1 ||
	    epoll_ctl(p->watch_fd, EPOLL_CTL_ADD, wake_fd, &event) == -1)
		return -1;
	p->shared = shared;
	p->n = (int)n;
	p->wake_fd = wake_fd;
	p->asleep = true;
	p->finds = atomic_load(&shared->finds);
	return 0;
}

int
idle_pollers_fd(const struct idle_pollers *p)
{
	return p->watch_fd;
}

void
idle_pollers_woken(struct idle_pollers *p)
{
	struct epoll_event event;

	(void)epoll_wait(p->watch_fd, &event, 1, 0);
}

/*
 * A child that goes to sleep first sets sleepers and then looks for finds and
 * free turns.  The caller has put its find or its free turn on the page.  So
 * either the other child sees that, or this one sees sleepers set.
 */
static void
wake_all(struct idle_pollers *p)
{
	const uint64_t one = 1;

	if (atomic_exchange(&p->shared->sleepers, 0) != 0)
		(void)!write(p->wake_fd, &one, sizeof(one));
}

static void
give_up(struct idle_pollers *p)
{
	uint64_t lease = p->lease;

	if (p->turn == -1)
		return;
	(void)atomic_compare_exchange_strong(&p->shared->turns[p->turn], &lease,
	    0);
	p->turn = -1;
	wake_all(p);
}

void
idle_pollers_close(struct idle_pollers *p)
{
	give_up(p);
	if (p->watch_fd != -1)
		(void)close(p->watch_fd);
	p->watch_fd = -1;
}

static bool
take(struct idle_pollers *p, int i, uint64_t old, int64_t now_ms)
{
	uint64_t lease = lease_new(p->slot, now_ms + IDLE_POLLERS_LEASE_MS);

	if (!atomic_compare_exchange_strong(&p->shared->turns[i], &old, lease))
		return false;
	p->turn = i;
	p->lease = lease;
	p->renew_ms = now_ms + IDLE_POLLERS_RENEW_MS;
	p->look_ms = CLOCK_NEVER;
	return true;
}

static bool
take_any(struct idle_pollers *p, int64_t now_ms)
{
	uint64_t lease;
	int i;

	p->look_ms = CLOCK_NEVER;
	for (i = 0; i < p->n; i++) {
		lease = atomic_load(&p->shared->turns[i]);
		if (lease_is_free(lease, p->slot, IDLE_POLLERS_LEASE_MS,
			now_ms) &&
		    take(p, i, lease, now_ms))
			return true;
		lease = atomic_load(&p->shared->turns[i]);
		p->look_ms = clock_earlier(p->look_ms, lease_end_ms(lease));
	}
	return false;
}

static bool
is_found(const struct idle_pollers *p)
{
	return atomic_load(&p->shared->finds) != p->finds;
}

bool
idle_pollers_take_turn(struct idle_pollers *p, int64_t now_ms)
{
	if (p->shared == NULL || !p->asleep || p->turn != -1)
		return true;
	if (!is_found(p)) {
		atomic_store(&p->shared->sleepers, 1);
		if (!is_found(p))
			return take_any(p, now_ms);
	}
	p->asleep = false;
	p->look_ms = CLOCK_NEVER;
	return true;
}

void
idle_pollers_polled(struct idle_pollers *p)
{
	if (p->shared != NULL)
		p->finds = atomic_load(&p->shared->finds);
}

void
idle_pollers_found(struct idle_pollers *p)
{
	if (p->shared == NULL)
		return;
	p->asleep = false;
	(void)atomic_fetch_add(&p->shared->finds, 1);
	give_up(p);
	wake_all(p);
}

void
idle_pollers_failed(struct idle_pollers *p)
{
	p->asleep = false;
	give_up(p);
}

void
idle_pollers_found_nothing(struct idle_pollers *p)
{
	p->asleep = p->shared != NULL;
}

bool
idle_pollers_sleeps(const struct idle_pollers *p)
{
	return p->shared != NULL && p->asleep && p->turn == -1;
}

static void
renew(struct idle_pollers *p, int64_t now_ms)
{
	uint64_t old = p->lease;
	int turn = p->turn;

	if (turn == -1 || p->renew_ms > now_ms)
		return;
	p->turn = -1;
	(void)take(p, turn, old, now_ms);
}

int64_t
idle_pollers_step(struct idle_pollers *p, bool polls, int64_t now_ms)
{
	if (!polls) {
		give_up(p);
		return CLOCK_NEVER;
	}
	renew(p, now_ms);
	return p->turn != -1 ? p->renew_ms : p->look_ms;
}
