/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The brake: three children of a queue in one process.
 */
#include "child/brake.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	NOW = 1000000
};

static struct queue_board *page;
static struct brake a, b, c;

static void
start(int64_t after)
{
	struct queue_settings q = { .brake_after = after };

	queue_board_free(page);
	page = queue_board_new();
	brake_init(&a, page, &q, 0);
	brake_init(&b, page, &q, 1);
	brake_init(&c, page, &q, 2);
}

/* Fails at messages from to to; returns at which the brake went on, or 0. */
static int
fail_at(struct brake *k, int from, int to)
{
	char id[16];
	int i;

	for (i = from; i <= to; i++) {
		(void)snprintf(id, sizeof(id), "id-%d", i);
		if (brake_message_failed(k, id, false, "exit status 1", NOW))
			return i;
	}
	return 0;
}

static void
test_counting(void)
{
	int i;

	start(20);
	ok(!brake_is_on(&a), "it is off at first");
	is_int(fail_at(&a, 1, 9), 5,
	    "before a success five failures are enough");
	ok(brake_is_on(&b), "it is on for all children");
	is_str(brake_why(&b),
	    "5 messages failed with no success in between, the last one: exit "
	    "status 1",
	    "and says why");
	is_int(fail_at(&b, 10, 40), 0, "it goes on once");
	ok(brake_message_done(&c), "a success releases it");
	ok(!brake_is_on(&a), "for all");
	ok(!brake_message_done(&c), "once");
	is_int(fail_at(&a, 1, 19), 0, "after a success it takes more");
	is_int(fail_at(&b, 20, 20), 20, "which are counted over all children");
	(void)brake_message_done(&a);
	for (i = 0; i < 100; i++)
		(void)fail_at(&a, 1, 19);
	ok(!brake_is_on(&a), "the same messages are not counted again");
	(void)brake_message_done(&b);
	is_int(fail_at(&a, 20, 38), 0, "a success in between begins anew");
	atomic_store(&page->brake.failed[0], 0);
	(void)brake_message_done(&b);
	is_int(fail_at(&a, 1, 19), 0,
	    "also if the one before was cut short by a death");
}

static void
test_bounds(void)
{
	const struct queue_settings never = { .brake_after = 0 };

	start(0);
	is_int(fail_at(&a, 1, 200), 0, "0: failures never put it on");
	ok(brake_message_failed(&a, "x", true, "cannot start", NOW),
	    "a handler that cannot be started still does");
	start(QUEUE_BOARD_BRAKE_MAX);
	(void)brake_message_done(&a);
	is_int(fail_at(&a, 1, 200), QUEUE_BOARD_BRAKE_MAX,
	    "the most that can be told apart");
	start(3);
	is_int(fail_at(&a, 1, 9), 3, "less than five is kept");
	ok(!brake_check_passed(&a), "a look does not release it");
	brake_init(&b, page, &never, 1);
	ok(brake_check_passed(&b) && !brake_is_on(&a),
	    "but one after a reload that says 0 does");
	(void)brake_message_failed(&a, "x", true, "cannot start", NOW);
	ok(!brake_check_passed(&b), "if it was failures that put it on");
}

static void
test_trials(void)
{
	int64_t now_ms = NOW;

	start(20);
	(void)brake_message_failed(&a, "x", true, "cannot start", now_ms);
	ok(!brake_try(&a, now_ms), "the first trial comes after a pause");
	now_ms += BRAKE_PAUSE_MS;
	ok(brake_try(&a, now_ms), "then one child tries");
	ok(brake_try(&a, now_ms) && brake_is_trying(&a), "and goes on");
	ok(!brake_try(&b, now_ms), "and no other");
	now_ms += BRAKE_RENEW_MS;
	is_int(brake_step(&a, now_ms), now_ms + BRAKE_RENEW_MS,
	    "it renews its lease in time");
	now_ms += BRAKE_LEASE_MS - 1;
	ok(!brake_try(&b, now_ms), "as long as it renews its lease");
	now_ms += 1;
	ok(brake_try(&b, now_ms), "after the death of that child another does");
	ok(!brake_is_trying(&a), "and not both");
	brake_trial_failed(&b, 0.5, now_ms);
	ok(!brake_try(&c, now_ms), "after a failed trial there is a pause");
	ok(brake_try(&c, now_ms + BRAKE_PAUSE_MS), "before the next");
	ok(brake_message_done(&c), "a trial that succeeds releases the brake");
	is_int(brake_step(&a, now_ms), CLOCK_NEVER, "nobody waits any more");
}

/* What came before the lease is no part of the trial. */
static void
test_end_of_trial(void)
{
	int64_t now_ms = NOW + BRAKE_PAUSE_MS;

	start(20);
	brake_message_came(&a);
	(void)brake_message_failed(&a, "x", true, "cannot start", NOW);
	ok(!brake_trial_is_over(&a), "who does not try has no trial to end");
	ok(brake_try(&a, now_ms) && !brake_trial_is_over(&a),
	    "a trial goes on as long as no message has come");
	now_ms += BRAKE_RENEW_MS;
	(void)brake_step(&a, now_ms);
	brake_message_came(&a);
	ok(brake_try(&a, now_ms) && brake_trial_is_over(&a),
	    "and ends with it");
	brake_trial_failed(&a, 0.5, now_ms);
	ok(!brake_trial_is_over(&a), "once");
	now_ms += BRAKE_PAUSE_MS;
	ok(brake_try(&a, now_ms) && !brake_trial_is_over(&a),
	    "the next one awaits a message of its own");
}

/* A child takes the lease while another one's success releases the brake. */
static void
test_stale_lease(void)
{
	int64_t now_ms = NOW + BRAKE_PAUSE_MS;
	uint64_t lease;

	start(20);
	(void)brake_message_failed(&a, "x", true, "cannot start", NOW);
	ok(brake_try(&a, now_ms), "a child tries");
	lease = atomic_load(&page->brake.lease);
	(void)brake_message_done(&b);
	atomic_store(&page->brake.lease, lease);
	ok(!brake_is_trying(&a), "without a brake there is no trial");
	(void)brake_message_failed(&c, "y", true, "cannot start", now_ms);
	ok(!brake_is_trying(&a) && !brake_try(&a, now_ms),
	    "nor without a pause when the brake goes on again");
	ok(brake_try(&b, now_ms + BRAKE_PAUSE_MS), "after it any child tries");
}

static void
test_pauses(void)
{
	int64_t now_ms = NOW, longest = 0;
	int i;

	start(20);
	(void)brake_message_failed(&a, "x", true, "cannot start", now_ms);
	for (i = 0; i < 20; i++) {
		now_ms += BRAKE_PAUSE_MAX_MS;
		ok(brake_try(&a, now_ms), "a trial is due");
		brake_trial_failed(&a, 0.999, now_ms);
		longest = atomic_load(&page->brake.next_ms) - now_ms;
	}
	ok(longest > BRAKE_PAUSE_MAX_MS / 2 && longest <= BRAKE_PAUSE_MAX_MS,
	    "pauses grow up to a bound");
	ok(brake_step(&b, now_ms) <= now_ms + BRAKE_LOOK_MS,
	    "a release is seen soon");
}

static void
test_garbage(void)
{
	struct queue_board_brake_snapshot s;

	start(20);
	memset((void *)&page->brake, 0xff, sizeof(page->brake));
	ok(!brake_is_on(&a), "a state that is none does not brake");
	ok(brake_message_failed(&a, "x", true, "cannot start", NOW),
	    "nor does it keep the brake from going on");
	memset((void *)&page->brake, 0xff, sizeof(page->brake));
	atomic_store(&page->brake.state, QUEUE_BOARD_BRAKE_FAILING);
	ok(brake_try(&a, NOW), "garbage stops no trial");
	brake_trial_failed(&a, 0.5, NOW);
	queue_board_brake_snapshot(page, NOW, &s);
	ok(s.is_on && s.since_ms == NOW, "times are clamped");
	is_int(s.why[0], '?', "text is printable");
	is_int(s.why[SCOREBOARD_ERROR_MAX], 0, "and ends");
	ok(brake_message_done(&a), "a success heals it");
	queue_board_brake_snapshot(page, NOW, &s);
	ok(!s.is_on && s.has_succeeded, "which is seen");
	ok(s.holder == UINT_MAX, "and nobody tries");
}

static void
test_looks(void)
{
	start(20);
	ok(brake_check_failed(&a, "its file is empty", NOW),
	    "a look puts it on, without a message");
	ok(!brake_check_failed(&b, "its file is empty", NOW), "once");
	is_str(brake_why(&c), "its file is empty", "and says why");
	ok(brake_try(&a, NOW + BRAKE_PAUSE_MS), "a child tries");
	ok(brake_check_passed(&a), "and a look releases it");
	ok(!brake_is_on(&b), "for all");
	ok(!brake_check_passed(&b), "once");
	(void)brake_check_failed(&a, "its file is empty", NOW);
	(void)fail_at(&b, 1, 1);
	ok(!brake_check_passed(&a), "but not once a message has failed");
	ok(brake_message_done(&a), "then only a success does");
	(void)fail_at(&a, 1, BRAKE_FIRST);
	(void)brake_message_done(&a);
	(void)fail_at(&a, 1, 20);
	ok(!brake_check_passed(&a) && brake_is_on(&a),
	    "of a handler that fails a look says nothing");
}

int
main(void)
{
	test_counting();
	test_looks();
	test_bounds();
	test_trials();
	test_end_of_trial();
	test_stale_lease();
	test_pauses();
	test_garbage();
	queue_board_free(page);
	return tap_done();
}
