/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Who polls an empty queue: three children in one process.
 */
#include "child/receive/idle_pollers.h"

#include <sys/eventfd.h>

#include <poll.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	NOW = 1000000
};

static struct queue_board *page;
static struct idle_pollers a, b, c;
static int wake_fd;

static void
start(int n)
{
	struct idle_pollers *all[] = { &a, &b, &c };
	unsigned i;

	queue_board_free(page);
	page = queue_board_new();
	for (i = 0; i < nitems(all); i++)
		if (idle_pollers_open(all[i], page, i, n, wake_fd) == -1)
			abort();
}

static void
stop(void)
{
	idle_pollers_close(&a);
	idle_pollers_close(&b);
	idle_pollers_close(&c);
}

static bool
is_woken(struct idle_pollers *t)
{
	struct pollfd p = { .fd = idle_pollers_fd(t), .events = POLLIN };
	bool woken = poll(&p, 1, 0) == 1;

	idle_pollers_woken(t);
	return woken;
}

/* Polls, and comes back empty. */
static bool
polls_empty(struct idle_pollers *t, int64_t now_ms)
{
	if (!idle_pollers_take_turn(t, now_ms))
		return false;
	idle_pollers_polled(t);
	idle_pollers_found_nothing(t);
	return true;
}

static void
test_everybody(void)
{
	struct idle_pollers t;

	is_int(idle_pollers_open(&t, page, 0, 0, wake_fd), 0, "without turns");
	ok(polls_empty(&t, NOW) && polls_empty(&t, NOW), "everybody polls");
	is_int(idle_pollers_fd(&t), -1, "nobody is woken");
	is_int(idle_pollers_step(&t, true, NOW), CLOCK_NEVER,
	    "or has anything to renew");
	idle_pollers_found(&t);
	idle_pollers_failed(&t);
	idle_pollers_close(&t);
	(void)idle_pollers_open(&t, NULL, 0, 1, wake_fd);
	ok(idle_pollers_take_turn(&t, NOW) && !idle_pollers_sleeps(&t),
	    "and so does a child without a supervisor");
	idle_pollers_close(&t);
}

static void
test_one(void)
{
	start(1);
	ok(polls_empty(&a, NOW), "one polls");
	ok(!polls_empty(&b, NOW) && !polls_empty(&c, NOW), "the others do not");
	ok(idle_pollers_sleeps(&b) && !idle_pollers_sleeps(&a), "they sleep");
	ok(polls_empty(&a, NOW), "it polls again");
	is_int(idle_pollers_step(&b, true, NOW), NOW + IDLE_POLLERS_LEASE_MS,
	    "they look again when the lease ends");
	is_int(idle_pollers_step(&a, true, NOW + IDLE_POLLERS_RENEW_MS - 1),
	    NOW + IDLE_POLLERS_RENEW_MS, "which is renewed long before");
	is_int(idle_pollers_step(&a, true, NOW + IDLE_POLLERS_RENEW_MS),
	    NOW + 2 * IDLE_POLLERS_RENEW_MS, "again and again");
	ok(!polls_empty(&b, NOW + IDLE_POLLERS_LEASE_MS), "then they sleep on");
	is_int(idle_pollers_step(&b, true, NOW + IDLE_POLLERS_LEASE_MS),
	    NOW + IDLE_POLLERS_RENEW_MS + IDLE_POLLERS_LEASE_MS,
	    "until the new one ends");
	stop();
	start(2);
	ok(polls_empty(&a, NOW) && polls_empty(&b, NOW), "with two turns two");
	ok(!polls_empty(&c, NOW), "and no third");
	stop();
}

static void
test_find(void)
{
	start(1);
	(void)idle_pollers_take_turn(&a, NOW);
	(void)idle_pollers_take_turn(&b, NOW);
	(void)idle_pollers_take_turn(&c, NOW);
	(void)is_woken(&b);
	(void)is_woken(&c);
	idle_pollers_polled(&a);
	idle_pollers_found(&a);
	ok(is_woken(&b) && is_woken(&c), "a find wakes the others");
	ok(!is_woken(&b), "once");
	ok(idle_pollers_take_turn(&b, NOW) && idle_pollers_take_turn(&c, NOW),
	    "both poll");
	idle_pollers_polled(&b);
	idle_pollers_polled(&c);
	(void)is_woken(&c);
	idle_pollers_found(&b);
	ok(!is_woken(&c), "nobody is woken who does not sleep");
	idle_pollers_found_nothing(&c);
	ok(idle_pollers_take_turn(&c, NOW) && !idle_pollers_sleeps(&c),
	    "a find during a poll counts");
	idle_pollers_polled(&c);
	idle_pollers_found_nothing(&c);
	ok(idle_pollers_take_turn(&c, NOW),
	    "who comes back empty takes the turn");
	idle_pollers_polled(&a);
	idle_pollers_found_nothing(&a);
	ok(!idle_pollers_take_turn(&a, NOW) && idle_pollers_sleeps(&a),
	    "or sleeps");
	idle_pollers_polled(&b);
	idle_pollers_found(&b);
	ok(is_woken(&a) && idle_pollers_take_turn(&a, NOW),
	    "without a turn one can find something as well");
	stop();
}

static void
test_end(void)
{
	start(1);
	(void)polls_empty(&a, NOW);
	(void)polls_empty(&b, NOW);
	(void)is_woken(&b);
	is_int(idle_pollers_step(&a, false, NOW), CLOCK_NEVER,
	    "a child that polls no more has nothing to renew");
	ok(is_woken(&b) && polls_empty(&b, NOW), "a turn that is given up");
	ok(!polls_empty(&c, NOW), "is one");
	(void)is_woken(&c);
	idle_pollers_close(&b);
	ok(is_woken(&c) && polls_empty(&c, NOW), "an end is that, too");
	(void)polls_empty(&a, NOW);
	idle_pollers_failed(&c);
	ok(is_woken(&a) && polls_empty(&a, NOW), "and so is a failure");
	ok(!idle_pollers_sleeps(&c) && idle_pollers_take_turn(&c, NOW),
	    "after which each tries for itself");
	stop();
}

static void
test_death(void)
{
	struct idle_pollers next;

	start(1);
	(void)polls_empty(&a, NOW);
	ok(!polls_empty(&b, NOW + IDLE_POLLERS_LEASE_MS - 1) &&
		polls_empty(&b, NOW + IDLE_POLLERS_LEASE_MS),
	    "who dies with a turn has it until the lease ends");
	(void)idle_pollers_step(&a, true, NOW + IDLE_POLLERS_LEASE_MS);
	ok(idle_pollers_sleeps(&a), "who comes back too late has it no more");
	ok(!polls_empty(&a, NOW + IDLE_POLLERS_LEASE_MS), "and sleeps");
	(void)idle_pollers_open(&next, page, 1, 1, wake_fd);
	ok(polls_empty(&next, NOW + IDLE_POLLERS_LEASE_MS),
	    "the next in the same slot has it at once");
	idle_pollers_close(&next);
	stop();
	start(1);
	atomic_store(&page->turns[0], UINT64_MAX);
	ok(polls_empty(&a, NOW), "garbage is no turn");
	(void)polls_empty(&b, NOW);
	atomic_store(&page->finds, 7);
	ok(idle_pollers_take_turn(&b, NOW),
	    "a find is seen although nobody came to wake us");
	stop();
}

int
main(void)
{
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	start(0);
	stop();
	test_everybody();
	test_one();
	test_find();
	test_end();
	test_death();
	queue_board_free(page);
	close(wake_fd);
	return tap_done();
}
