/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The times of a settle: when to extend and for how long, the delay of a retry,
 * and when to give up.  Pure.
 */
#ifndef CHILD_MESSAGE_SETTLE_TIMES_H
#define CHILD_MESSAGE_SETTLE_TIMES_H

#include <stdint.h>

#include "common/settings/settings.h"

/*
 * How long to repeat a call while the supervisor or an operator waits for the
 * end of the child.
 */
int64_t settle_times_patience_ms(const struct queue_settings *q);

/* When SQS's 12 h are over, for a message that was received then. */
int64_t settle_times_limit_ms(int64_t received_ms);
/* The next extension in seconds: 0 when the 12 h are over. */
int settle_times_extension_s(int64_t received_ms, int64_t now_ms,
    int timeout_s);
/*
 * When to extend next, after an extension by granted_s that was sent at
 * sent_ms: a third of the timeout from now, give or take a tenth of that; but
 * not later than the end of an extension that the 12 h cut short.
 */
int64_t settle_times_extend_at_ms(int64_t sent_ms, int granted_s,
    int64_t now_ms, int64_t timeout_ms, double unit);
/* The delay after a failure: full jitter by receive count. */
int settle_times_retry_delay_s(const struct queue_settings *q,
    long long receive_count, double unit);

#endif
