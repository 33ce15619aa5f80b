/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See credentials_plan.h.
 * Source: the credentials cache that AWS's SDKs share since 2026.
 */
#include "common/credentials/credentials_plan.h"

#include "common/base/backoff.h"
#include "common/base/clock.h"

#include "common/base/banned.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS INT64_C(60000)

/* The shortest time between fetches, whatever lifetimes a source hands out. */
#define PAUSE_MS SECOND_MS
/* The longest time until a plan that depends on the wall clock is made anew. */
#define LOOK_MS MINUTE_MS
/* Without keys all work waits, so the first retries are quick. */
#define RETRY_BASE_MS INT64_C(200)
#define RETRY_CAP_MS  (10 * SECOND_MS)
/*
 * While there are keys, a source in trouble gets long pauses; but not for
 * strict keys, whose window is shorter than such a pause.
 */
#define FAILURE_MIN_MS (300 * SECOND_MS)
#define FAILURE_MAX_MS (600 * SECOND_MS)
/* Waiting does not cure a wrong setting, but a person may. */
#define OPERATOR_MIN_MS (1 * SECOND_MS)
#define OPERATOR_MAX_MS (5 * SECOND_MS)

/* Keys that are useless after their end are refreshed this long before it. */
#define STRICT_WINDOW_MS (10 * SECOND_MS)
/*
 * This long before the end of other keys, callers wait for a fetch under way.
 */
#define CRITICAL_WINDOW_MS MINUTE_MS

enum {
	TRIES = 3, /* in quick succession, before a long pause */
	/* A refresh comes up to a tenth of the window later, so that tasks that
	   began together do not refresh together. */
	JITTER_PARTS = 10
};

static int64_t
window_ms(int64_t life_ms, bool strict)
{
	if (strict && life_ms >= 2 * STRICT_WINDOW_MS)
		return STRICT_WINDOW_MS;
	/*
	 * Keys with a life shorter than their window would be refreshed at
	 * once, and so again and again.
	 */
	if (life_ms < 10 * MINUTE_MS)
		return life_ms / 2;
	if (life_ms <= 20 * MINUTE_MS)
		return 5 * MINUTE_MS;
	return life_ms < 90 * MINUTE_MS ? 15 * MINUTE_MS : 60 * MINUTE_MS;
}

int64_t
credentials_plan_refresh_at_ms(int64_t fetched_real_ms, int64_t expiration_ms,
    bool strict, double unit)
{
	int64_t window = window_ms(expiration_ms - fetched_real_ms, strict);

	return expiration_ms - window +
	    (int64_t)((double)window / JITTER_PARTS * unit);
}

/* The time until the keys need a refresh, by the wall clock. */
static int64_t
fresh_for_ms(const struct credentials_state *s, int64_t now_real_ms)
{
	int64_t left_ms;

	if (!s->have_keys || s->refused)
		return 0;
	if (s->expiration_ms == 0)
		return CLOCK_NEVER;
	left_ms = s->refresh_real_ms - now_real_ms;
	if (left_ms < 0)
		return 0;
	return left_ms < LOOK_MS ? left_ms : LOOK_MS;
}

struct credentials_plan
credentials_plan_decide(const struct credentials_state *s, int64_t now_ms,
    int64_t now_real_ms)
{
	struct credentials_plan plan = { false, CLOCK_NEVER };
	int64_t fresh_ms = fresh_for_ms(s, now_real_ms);

	if (s->fetching || fresh_ms == CLOCK_NEVER)
		return plan;
	plan.look_at_ms = now_ms + fresh_ms;
	if (plan.look_at_ms < s->not_before_ms)
		plan.look_at_ms = s->not_before_ms;
	plan.fetch = fresh_ms == 0 && plan.look_at_ms <= now_ms;
	return plan;
}

bool
credentials_plan_is_critical(const struct credentials_state *s,
    int64_t now_real_ms)
{
	return s->have_keys && s->expiration_ms != 0 &&
	    now_real_ms >= s->critical_real_ms;
}

bool
credentials_plan_is_usable(const struct credentials_state *s,
    int64_t now_real_ms)
{
	return s->have_keys &&
	    !(s->strict && s->expiration_ms != 0 &&
		now_real_ms >= s->expiration_ms);
}

void
credentials_plan_succeeded(struct credentials_state *s, int64_t expiration_ms,
    bool strict, int64_t now_ms, int64_t now_real_ms, double unit)
{
	int64_t window = window_ms(expiration_ms - now_real_ms, strict);

	*s = (struct credentials_state){ .have_keys = true,
		.strict = strict,
		.expiration_ms = expiration_ms,
		.refresh_real_ms = credentials_plan_refresh_at_ms(now_real_ms,
		    expiration_ms, strict, unit),
		.critical_real_ms = expiration_ms -
		    (window / 2 < CRITICAL_WINDOW_MS ? window / 2
						     : CRITICAL_WINDOW_MS),
		.not_before_ms = now_ms + PAUSE_MS };
}

static int64_t
between_ms(int64_t min_ms, int64_t max_ms, double unit)
{
	return min_ms + (int64_t)((double)(max_ms - min_ms) * unit);
}

void
credentials_plan_failed(struct credentials_state *s, enum error_kind kind,
    int64_t now_ms, double unit)
{
	int64_t delay_ms;

	s->fetching = false;
	s->failures++;
	if (kind == ERROR_OPERATOR)
		delay_ms = between_ms(OPERATOR_MIN_MS, OPERATOR_MAX_MS, unit);
	else if (s->have_keys && !s->strict && s->failures % TRIES == 0)
		delay_ms = between_ms(FAILURE_MIN_MS, FAILURE_MAX_MS, unit);
	else
		delay_ms =
		    backoff_full_jitter_ms(backoff_limit_ms(s->failures,
					       RETRY_BASE_MS, RETRY_CAP_MS),
			unit);
	s->not_before_ms = now_ms + delay_ms;
}
