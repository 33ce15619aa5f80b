/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See ownership.h. */
#include "child/message/ownership.h"

#include "child/message/settle_times.h"
#include "common/base/clock.h"
#include "common/base/log.h"

#include "common/base/banned.h"

void
ownership_plan_extension(const struct settle *s, struct job *j, int64_t sent_ms,
    int granted_s, int64_t now_ms)
{
	j->extend_at_ms = s->queue->extend && !j->lost
	    ? settle_times_extend_at_ms(sent_ms, granted_s, now_ms,
		  s->queue->visibility_timeout_ms, s->unit)
	    : CLOCK_NEVER;
}

void
ownership_mark_lost(struct settle *s, struct job *j, int64_t now_ms)
{
	j->lost = true;
	j->extend_at_ms = CLOCK_NEVER;
	s->has_called_back = true;
	if (s->lost != NULL)
		s->lost(s->arg, j, now_ms);
}

void
ownership_end_at_limit(struct settle *s, struct job *j, int64_t now_ms)
{
	log_warn("visibility_limit", log_str("id", j->message.id),
	    log_str("msg",
		"held for 12 hours, the most that "
		"SQS allows: it will be delivered again"));
	ownership_mark_lost(s, j, now_ms);
}

void
ownership_end(struct settle *s, struct job *j, const char *code, int64_t now_ms)
{
	log_warn("ownership_lost", log_str("id", j->message.id),
	    log_str(code != NULL ? "code" : NULL, code),
	    log_str("msg",
		"its visibility timeout ended before it was "
		"settled: it is or will be delivered again"));
	ownership_mark_lost(s, j, now_ms);
}
