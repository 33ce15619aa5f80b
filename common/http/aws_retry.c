/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Decides when to try a call again.  See aws_retry.h.
 * Source: the AWS SDKs' standard retry mode, generation 2.1 (botocore
 * retries/standard.py and retries/quota.py).
 */
#include "common/http/aws_retry.h"

#include "common/base/backoff.h"

#include "common/base/banned.h"

enum {
	BASE_MS = 50,
	BASE_THROTTLED_MS = 1000,
	CAP_MS = 20000,
	HINT_MAX_EXTRA_MS = 5000
};

static bool
is_retryable(const struct error *e)
{
	return e->kind == ERROR_RETRY || e->kind == ERROR_THROTTLED ||
	    e->kind == ERROR_CREDENTIALS;
}

static int64_t
delay_for(const struct error *e, unsigned attempt, double unit)
{
	int64_t base = e->kind == ERROR_THROTTLED ? BASE_THROTTLED_MS : BASE_MS;
	int64_t delay =
	    backoff_full_jitter_ms(backoff_limit_ms(attempt, base, CAP_MS),
		unit);
	int64_t hint = e->retry_after_ms;

	/*
	 * A longer delay that the server asks for counts, up to
	 * HINT_MAX_EXTRA_MS more.
	 */
	if (hint > delay + HINT_MAX_EXTRA_MS)
		hint = delay + HINT_MAX_EXTRA_MS;
	return hint > delay ? hint : delay;
}

struct aws_retry
aws_retry_decide(struct aws_quota *q, const struct error *e, unsigned attempt,
    unsigned max_attempts, bool long_poll, double unit)
{
	struct aws_retry r = { false, 0, 0 };

	if (!is_retryable(e) || attempt >= max_attempts)
		return r;
	r.cost = e->kind == ERROR_THROTTLED ? AWS_RETRY_COST_THROTTLED
					    : AWS_RETRY_COST;
	r.delay_ms = delay_for(e, attempt, unit);
	if (q->tokens >= r.cost) {
		q->tokens -= r.cost;
		r.retry = true;
	} else {
		r.cost = 0;
		if (!long_poll)
			r.delay_ms = 0;
	}
	return r;
}

void
aws_quota_refund(struct aws_quota *q, int cost)
{
	q->tokens += cost > 0 ? cost : 1;
	if (q->tokens > AWS_QUOTA_TOKENS)
		q->tokens = AWS_QUOTA_TOKENS;
}
