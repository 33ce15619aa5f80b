/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The brake's page is changed by compare-and-swap alone.  Its state goes from
 * off to on in one step, so exactly one child learns that it has put the brake
 * on.  See brake.h.
 */
#include "child/brake.h"

#include <stdio.h>
#include <string.h>

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/ipc/lease.h"

#include "common/base/banned.h"

void
brake_init(struct brake *b, struct queue_board *shared,
    const struct queue_settings *q, unsigned slot)
{
	memset(b, 0, sizeof(*b));
	b->page = shared != NULL ? &shared->brake : &b->own;
	b->after = q->brake_after;
	b->slot = slot;
}

bool
brake_is_on(const struct brake *b)
{
	return queue_board_brake_is_on(b->page);
}

bool
brake_has_succeeded(const struct brake *b)
{
	return atomic_load(&b->page->succeeded) != 0;
}

const char *
brake_why(const struct brake *b)
{
	return b->page->why;
}

/* ---- failures ---- */

/* FNV-1a; never 0, which is a free place. */
static uint64_t
hash_of(const char *id)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *id != '\0'; id++)
		h = (h ^ (unsigned char)*id) * UINT64_C(1099511628211);
	return h != 0 ? h : 1;
}

/* Notes the message; returns how many distinct messages have failed. */
static int
note_failure(struct queue_board_brake *p, const char *id)
{
	uint64_t hash = hash_of(id), there;
	int i;

	for (i = 0; i < QUEUE_BOARD_BRAKE_MAX; i++) {
		there = 0;
		if (atomic_compare_exchange_strong(&p->failed[i], &there, hash))
			return i + 1;
		if (there == hash)
			break;
	}
	while (i < QUEUE_BOARD_BRAKE_MAX && atomic_load(&p->failed[i]) != 0)
		i++;
	return i;
}

/*
 * Empties every place, also those behind a free one: a child that died in this
 * function, or that noted a failure meanwhile, may have left entries there.
 */
static void
forget_failures(struct queue_board_brake *p)
{
	int i;

	for (i = 0; i < QUEUE_BOARD_BRAKE_MAX; i++)
		if (atomic_load(&p->failed[i]) != 0)
			atomic_store(&p->failed[i], 0);
}

/* The number of failures that puts the brake on; 0: no number does. */
static int64_t
limit(const struct brake *b)
{
	return !brake_has_succeeded(b) && b->after > BRAKE_FIRST ? BRAKE_FIRST
								 : b->after;
}

static bool
put_on(struct brake *b, enum queue_board_brake_state state, const char *why,
    int64_t now_ms)
{
	struct queue_board_brake *p = b->page;
	uint32_t off = atomic_load(&p->state);

	if (brake_is_on(b))
		return false;
	/* These are stored before the state, because a child that sees the
	   brake on reads them next.  A child that got the lease while a success
	   released the brake loses it here: it would go on without a pause. */
	atomic_store(&p->trials, 0);
	atomic_store(&p->since_ms, now_ms);
	atomic_store(&p->next_ms, now_ms + BRAKE_PAUSE_MS);
	atomic_store(&p->lease, 0);
	if (!atomic_compare_exchange_strong(&p->state, &off, (uint32_t)state))
		return false;
	(void)strlcpy(p->why, why, sizeof(p->why));
	return true;
}

bool
brake_check_failed(struct brake *b, const char *why, int64_t now_ms)
{
	return put_on(b, QUEUE_BOARD_BRAKE_CANNOT_START, why, now_ms);
}

bool
brake_message_failed(struct brake *b, const char *id, bool cannot_start,
    const char *why, int64_t now_ms)
{
	int n = note_failure(b->page, id);
	char text[SCOREBOARD_ERROR_MAX + 1];

	if (cannot_start)
		return brake_check_failed(b, why, now_ms);
	if (b->after == 0 || n < limit(b))
		return false;
	(void)snprintf(text, sizeof(text),
	    "%d messages failed with no success in between, the last one: %s",
	    n, why);
	return put_on(b, QUEUE_BOARD_BRAKE_FAILING, text, now_ms);
}

static bool
release(struct brake *b)
{
	b->lease = 0;
	if (!brake_is_on(b))
		return false;
	atomic_store(&b->page->lease, 0);
	return atomic_exchange(&b->page->state, QUEUE_BOARD_BRAKE_OFF) !=
	    QUEUE_BOARD_BRAKE_OFF;
}

bool
brake_message_done(struct brake *b)
{
	if (!brake_has_succeeded(b))
		atomic_store(&b->page->succeeded, 1);
	forget_failures(b->page);
	return release(b);
}

/*
 * Is the brake on for failures, although a reload has set brake_after to 0
 * since?
 */
static bool
is_on_in_vain(const struct brake *b)
{
	return b->after == 0 &&
	    atomic_load(&b->page->state) == QUEUE_BOARD_BRAKE_FAILING;
}

bool
brake_check_passed(struct brake *b)
{
	return (atomic_load(&b->page->failed[0]) == 0 || is_on_in_vain(b)) &&
	    release(b);
}

/* ---- trials ---- */

bool
brake_is_trying(const struct brake *b)
{
	return b->lease != 0 && brake_is_on(b) &&
	    atomic_load(&b->page->lease) == b->lease;
}

static bool
take(struct brake *b, uint64_t old, int64_t now_ms)
{
	uint64_t lease = lease_new(b->slot, now_ms + BRAKE_LEASE_MS);

	b->lease = 0;
	if (!atomic_compare_exchange_strong(&b->page->lease, &old, lease))
		return false;
	b->lease = lease;
	b->renew_ms = now_ms + BRAKE_RENEW_MS;
	return true;
}

/* A time further ahead than the longest pause is garbage. */
static int64_t
next_ms(const struct brake *b, int64_t now_ms)
{
	int64_t next = atomic_load(&b->page->next_ms);

	return next <= now_ms + BRAKE_PAUSE_MAX_MS ? next : now_ms;
}

bool
brake_try(struct brake *b, int64_t now_ms)
{
	uint64_t lease = atomic_load(&b->page->lease);

	if (brake_is_trying(b))
		return true;
	b->has_come = false;
	return next_ms(b, now_ms) <= now_ms &&
	    lease_is_free(lease, b->slot, BRAKE_LEASE_MS, now_ms) &&
	    take(b, lease, now_ms);
}

void
brake_message_came(struct brake *b)
{
	b->has_come = true;
}

bool
brake_trial_is_over(const struct brake *b)
{
	return b->has_come && brake_is_trying(b);
}

void
brake_trial_failed(struct brake *b, double unit, int64_t now_ms)
{
	uint32_t trials = atomic_fetch_add(&b->page->trials, 1) + 1;

	atomic_store(&b->page->next_ms,
	    now_ms +
		backoff_half_jitter_ms(backoff_limit_ms(trials, BRAKE_PAUSE_MS,
					   BRAKE_PAUSE_MAX_MS),
		    unit));
	brake_give_up(b);
}

void
brake_give_up(struct brake *b)
{
	uint64_t lease = b->lease;

	b->lease = 0;
	if (lease != 0)
		(void)atomic_compare_exchange_strong(&b->page->lease, &lease,
		    0);
}

static int64_t
trial_ms(const struct brake *b, int64_t now_ms)
{
	uint64_t lease = atomic_load(&b->page->lease);
	int64_t at_ms = next_ms(b, now_ms);

	if (!lease_is_free(lease, b->slot, BRAKE_LEASE_MS, now_ms) &&
	    lease_end_ms(lease) > at_ms)
		at_ms = lease_end_ms(lease);
	return clock_earlier(at_ms, now_ms + BRAKE_LOOK_MS);
}

int64_t
brake_step(struct brake *b, int64_t now_ms)
{
	if (!brake_is_on(b))
		return CLOCK_NEVER;
	if (b->renew_ms <= now_ms && brake_is_trying(b))
		(void)take(b, b->lease, now_ms);
	return brake_is_trying(b) ? b->renew_ms : trial_ms(b, now_ms);
}
