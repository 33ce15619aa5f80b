/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Decides when to try a call again, by the rules of the AWS SDKs' standard
 * mode, generation 2.1: at most max_attempts, a quota of 500 tokens a client,
 * full jitter, and a pause even without quota for a long poll, so that no
 * receive loop can spin.  Pure.
 */
#ifndef COMMON_HTTP_AWS_RETRY_H
#define COMMON_HTTP_AWS_RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/error.h"

enum {
	AWS_QUOTA_TOKENS = 500,
	AWS_RETRY_COST = 14,
	AWS_RETRY_COST_THROTTLED = 5
};

/* The quota of one client: retries take tokens, successes give them back. */
struct aws_quota {
	int tokens;
};

struct aws_retry {
	bool retry;
	int cost;         /* taken from the quota */
	int64_t delay_ms; /* before the retry, or before giving the error to a
			     long poller when the quota is empty */
};

/* attempt: how many have been made, from 1.  unit: random in [0,1). */
struct aws_retry aws_retry_decide(struct aws_quota *q, const struct error *e,
    unsigned attempt, unsigned max_attempts, bool long_poll, double unit);

/*
 * After a success, gives back the cost of the last retry, 0 if there was none.
 */
void aws_quota_refund(struct aws_quota *q, int cost);

#endif
