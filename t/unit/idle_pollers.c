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

static struct scoreboard_queue *page;
static struct turns a, b, c;
static int wake_fd;

static void
start(int n)
{
	struct turns *all[] = { &a, &b, &c };
	unsigned i;

	scoreboard_queue_free(page);
	page = scoreboard_queue_new();
	for (i = 0; i < nitems(all); i++)
		if (turns_open(all[i], page, i, n, wake_fd) == -1)
			abort();
}

static void
stop(void)
{
	turns_close(&a);
	turns_close(&b);
	turns_close(&c);
}

static bool
is_woken(struct turns *t)
{
	struct pollfd p = { .fd = turns_fd(t), .events = POLLIN };
	bool woken = poll(&p, 1, 0) == 1;

	turns_woken(t);
	return woken;
}

/* Polls, and comes back empty. */
static bool
polls_empty(struct turns *t, int64_t now_ms)
{
	if (!turns_may_poll(t, now_ms))
		return false;
	turns_polled(t);
	turns_empty(t);
	return true;
}

static void
test_everybody(void)
{
	struct turns t;

	is_int(turns_open(&t, page, 0, 0, wake_fd), 0, "without turns");
	ok(polls_empty(&t, NOW) && polls_empty(&t, NOW), "everybody polls");
	is_int(turns_fd(&t), -1, "nobody is woken");
	is_int(turns_deadline(&t), CLOCK_NEVER, "or has anything to renew");
	turns_found(&t);
	turns_failed(&t);
	turns_close(&t);
	(void)turns_open(&t, NULL, 0, 1, wake_fd);
	ok(turns_may_poll(&t, NOW) && !turns_sleeps(&t),
	    "and so does a child without a supervisor");
	turns_close(&t);
}

static void
test_one(void)
{
	start(1);
	ok(polls_empty(&a, NOW), "one polls");
	ok(!polls_empty(&b, NOW) && !polls_empty(&c, NOW), "the others do not");
	ok(turns_sleeps(&b) && !turns_sleeps(&a), "they sleep");
	ok(polls_empty(&a, NOW), "it polls again");
	is_int(turns_deadline(&b), NOW + TURNS_LEASE_MS,
	    "they look again when the lease ends");
	turns_renew(&a, NOW + TURNS_RENEW_MS - 1);
	is_int(turns_deadline(&a), NOW + TURNS_RENEW_MS,
	    "which is renewed long before");
	turns_renew(&a, NOW + TURNS_RENEW_MS);
	ok(!polls_empty(&b, NOW + TURNS_LEASE_MS), "then they sleep on");
	is_int(turns_deadline(&b), NOW + TURNS_RENEW_MS + TURNS_LEASE_MS,
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
	(void)turns_may_poll(&a, NOW);
	(void)turns_may_poll(&b, NOW);
	(void)turns_may_poll(&c, NOW);
	(void)is_woken(&b);
	(void)is_woken(&c);
	turns_polled(&a);
	turns_found(&a);
	ok(is_woken(&b) && is_woken(&c), "a find wakes the others");
	ok(!is_woken(&b), "once");
	ok(turns_may_poll(&b, NOW) && turns_may_poll(&c, NOW), "both poll");
	turns_polled(&b);
	turns_polled(&c);
	(void)is_woken(&c);
	turns_found(&b);
	ok(!is_woken(&c), "nobody is woken who does not sleep");
	turns_empty(&c);
	ok(turns_may_poll(&c, NOW) && !turns_sleeps(&c),
	    "a find during a poll counts");
	turns_polled(&c);
	turns_empty(&c);
	ok(turns_may_poll(&c, NOW), "who comes back empty takes the turn");
	turns_polled(&a);
	turns_empty(&a);
	ok(!turns_may_poll(&a, NOW) && turns_sleeps(&a), "or sleeps");
	turns_polled(&b);
	turns_found(&b);
	ok(is_woken(&a) && turns_may_poll(&a, NOW),
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
	turns_give_up(&a);
	ok(is_woken(&b) && polls_empty(&b, NOW), "a turn that is given up");
	ok(!polls_empty(&c, NOW), "is one");
	(void)is_woken(&c);
	turns_close(&b);
	ok(is_woken(&c) && polls_empty(&c, NOW), "an end is that, too");
	(void)polls_empty(&a, NOW);
	turns_failed(&c);
	ok(is_woken(&a) && polls_empty(&a, NOW), "and so is a failure");
	ok(!turns_sleeps(&c) && turns_may_poll(&c, NOW),
	    "after which each tries for itself");
	stop();
}

static void
test_death(void)
{
	struct turns next;

	start(1);
	(void)polls_empty(&a, NOW);
	ok(!polls_empty(&b, NOW + TURNS_LEASE_MS - 1) &&
		polls_empty(&b, NOW + TURNS_LEASE_MS),
	    "who dies with a turn has it until the lease ends");
	turns_renew(&a, NOW + TURNS_LEASE_MS);
	ok(turns_sleeps(&a), "who comes back too late has it no more");
	ok(!polls_empty(&a, NOW + TURNS_LEASE_MS), "and sleeps");
	(void)turns_open(&next, page, 1, 1, wake_fd);
	ok(polls_empty(&next, NOW + TURNS_LEASE_MS),
	    "the next in the same slot has it at once");
	turns_close(&next);
	stop();
	start(1);
	atomic_store(&page->turns[0], UINT64_MAX);
	ok(polls_empty(&a, NOW), "garbage is no turn");
	(void)polls_empty(&b, NOW);
	atomic_store(&page->finds, 7);
	ok(turns_may_poll(&b, NOW),
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
	scoreboard_queue_free(page);
	close(wake_fd);
	return tap_done();
}
