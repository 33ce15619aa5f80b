/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Plans when to fetch credentials.  Pure.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_PLAN_H
#define COMMON_CREDENTIALS_CREDENTIALS_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"

/* The state that a plan depends on.  Zeroed to begin. */
struct credentials_state {
	bool have_keys;
	bool fetching;
	bool refused;          /* by the service: these keys must be replaced */
	bool strict;           /* the keys are useless after expiration_ms */
	int64_t expiration_ms; /* epoch; 0: never */
	int64_t refresh_real_ms;  /* epoch: fetch others from then on */
	int64_t critical_real_ms; /* epoch: and wait for them */
	int64_t not_before_ms;    /* monotonic: no fetch until then */
	unsigned failures;        /* in a row */
};

struct credentials_plan {
	bool fetch;         /* now */
	int64_t look_at_ms; /* monotonic: when to plan again */
};

/*
 * Plans are made anew at least once a minute while keys have an expiration,
 * so that a jump of the wall clock is noticed.
 */
struct credentials_plan
credentials_plan_decide(const struct credentials_state *s, int64_t now_ms,
    int64_t now_real_ms);

/* Are the keys so near to their end that a fetch under way is waited for? */
bool credentials_plan_is_critical(const struct credentials_state *s,
    int64_t now_real_ms);
/* May the keys be signed with, at least if there are no better ones? */
bool credentials_plan_is_usable(const struct credentials_state *s,
    int64_t now_real_ms);

/* Update the state after a fetch.  unit: random in [0,1). */
void credentials_plan_succeeded(struct credentials_state *s,
    int64_t expiration_ms, bool strict, int64_t now_ms, int64_t now_real_ms,
    double unit);
void credentials_plan_failed(struct credentials_state *s, enum error_kind kind,
    int64_t now_ms, double unit);

/*
 * The time since the epoch at which to begin refreshing, by the life that is
 * left at the fetch.
 */
int64_t credentials_plan_refresh_at_ms(int64_t fetched_real_ms,
    int64_t expiration_ms, bool strict, double unit);

#endif
