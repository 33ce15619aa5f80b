/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The arithmetic of settling and of polling: extensions, retry delays,
 * pauses.
 */
#include "child/message/settle_times.h"

#include "child/receive/receive.h"
#include "common/aws/sqs.h"
#include "t/unit/tap.h"

static void
test_extensions(void)
{
	const int64_t hour_ms = 3600 * 1000;

	is_int(settle_times_extension_s(0, 0, 60), 60,
	    "a new message is extended by the timeout");
	is_int(settle_times_extension_s(1000, 1000 + 11 * hour_ms, 60), 60,
	    "after 11 hours still by the timeout");
	is_int(settle_times_extension_s(0, 12 * hour_ms - 35 * 1000, 60), 30,
	    "near the 12 h limit only by what is left, less a margin");
	is_int(settle_times_extension_s(0, 12 * hour_ms, 60), 0,
	    "at the limit not at all");
	is_int(settle_times_extension_s(0, 100 * hour_ms, 60), 0,
	    "nor beyond it");
	is_int(settle_times_extension_s(0, 500, SQS_VISIBILITY_MAX_S),
	    SQS_VISIBILITY_MAX_S - 6,
	    "a part of a second counts as a whole one");
}

/* Jobs are lost at the end of the 12 hours, not up to a third later. */
static void
test_next_extension(void)
{
	const int64_t sent = INT64_C(1000) * (11 * 3600 + 45 * 60);
	const int64_t hour_ms = 3600 * 1000;
	int left = settle_times_extension_s(0, sent, 3600);

	is_int(settle_times_extend_at_ms(500, 60, 1000, 60000, 0.5), 21000,
	    "a third of the timeout after the answer");
	is_int(settle_times_extend_at_ms(500, 60, 1000, 60000, 0.0), 19000,
	    "give or");
	is_int(settle_times_extend_at_ms(500, 60, 1000, 60000, 0.9999), 22999,
	    "take a tenth of that");
	is_int(left, 895, "at 11 h 45 min there are 895 s left");
	is_int(settle_times_extend_at_ms(sent, left, sent + 100, hour_ms, 0.5),
	    INT64_C(1000) * 43195, "after which the job is looked at again");
	is_int(settle_times_limit_ms(0), INT64_C(1000) * 43195, "at its limit");
	is_int(settle_times_extend_at_ms(0, 3000, 100, hour_ms, 0.5), 1200100,
	    "not so late when a third comes first");
}

static void
test_patience(void)
{
	struct queue_settings q = { .visibility_timeout_ms = 5000 };

	is_int(settle_times_patience_ms(&q), 5000,
	    "who leaves waits for a visibility timeout");
	q.visibility_timeout_ms = 3600 * 1000;
	is_int(settle_times_patience_ms(&q), 60000,
	    "and not more than a minute");
}

static void
test_retry_delay(void)
{
	struct queue_settings q = { .retry_base_ms = 5000,
		.retry_cap_ms = 900000 };

	is_int(settle_times_retry_delay_s(&q, 1, 0.999), 5,
	    "the first failure waits up to the base");
	is_int(settle_times_retry_delay_s(&q, 1, 0.0), 0,
	    "or not at all: jitter");
	is_int(settle_times_retry_delay_s(&q, 3, 0.5), 10,
	    "it doubles by count");
	is_int(settle_times_retry_delay_s(&q, 50, 0.9999), 900,
	    "up to the cap");
	is_int(settle_times_retry_delay_s(&q, 1LL << 60, 0.9999), 900,
	    "an absurd count is no overflow");
	is_int(settle_times_retry_delay_s(&q, -5, 0.999), 5,
	    "nor is a negative one");
	q.retry_base_ms = 0;
	is_int(settle_times_retry_delay_s(&q, 9, 0.999), 0,
	    "base 0 is no delay");
}

static void
test_pauses(void)
{
	is_int(receive_pause_ms(ERROR_RETRY, 1, 0.0), 100,
	    "after an error a receive pauses at least 100 ms");
	is_int(receive_pause_ms(ERROR_RETRY, 100, 0.9999), 19999,
	    "and at most 20 s");
	ok(receive_pause_ms(ERROR_THROTTLED, 1, 0.0) >= 500,
	    "longer when throttled");
	ok(receive_pause_ms(ERROR_OPERATOR, 20, 0.9999) <= 60000,
	    "a minute at most when a person must act");
}

int
main(void)
{
	test_extensions();
	test_next_extension();
	test_patience();
	test_retry_delay();
	test_pauses();
	return tap_done();
}
