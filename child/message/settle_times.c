/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See settle_times.h. */
#include "child/message/settle_times.h"

#include "common/aws/sqs.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"

#include "common/base/banned.h"

enum {
	/* SQS counts the 12 h on its own clock. */
	LIMIT_MARGIN_S = 5,
	LEAVE_PATIENCE_MS = 60000
};

int64_t
settle_times_limit_ms(int64_t received_ms)
{
	return received_ms +
	    (SQS_VISIBILITY_MAX_S - LIMIT_MARGIN_S) * INT64_C(1000);
}

int
settle_times_extension_s(int64_t received_ms, int64_t now_ms, int timeout)
{
	int64_t left_s = (settle_times_limit_ms(received_ms) - now_ms) / 1000;

	if (left_s <= 0)
		return 0;
	return left_s < timeout ? (int)left_s : timeout;
}

int
settle_times_retry_delay_s(const struct queue_settings *q,
    long long receive_count, double unit)
{
	unsigned attempt = receive_count > 64
	    ? 64
	    : (unsigned)(receive_count > 0 ? receive_count : 1);
	int64_t limit =
	    backoff_limit_ms(attempt, q->retry_base_ms, q->retry_cap_ms);

	/* SQS takes whole seconds: round to the nearest. */
	return (int)((backoff_full_jitter_ms(limit, unit) + 500) / 1000);
}

int64_t
settle_times_extend_at_ms(int64_t sent_ms, int granted_s, int64_t now_ms,
    int64_t timeout_ms, double unit)
{
	int64_t third = timeout_ms / 3;
	int64_t at_ms = now_ms + third - third / 10 +
	    backoff_full_jitter_ms(third / 5, unit);

	return granted_s * INT64_C(1000) < timeout_ms
	    ? clock_earlier(at_ms, sent_ms + granted_s * INT64_C(1000))
	    : at_ms;
}

int64_t
settle_times_patience_ms(const struct queue_settings *q)
{
	return clock_earlier(q->visibility_timeout_ms, LEAVE_PATIENCE_MS);
}
