/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Records of what repeats.  See log_repeat.h.
 */
#include "common/base/log_repeat.h"

#include <string.h>

#include "common/base/banned.h"

bool
log_repeat_is_due(struct log_repeat *r, const char *kind, int64_t every_ms,
    int64_t now_ms)
{
	if (r->kind[0] != '\0' &&
	    strncmp(r->kind, kind, LOG_REPEAT_KIND_MAX) == 0 &&
	    now_ms - r->logged_ms < every_ms) {
		r->silent++;
		return false;
	}
	(void)strlcpy(r->kind, kind, sizeof(r->kind));
	r->logged_ms = now_ms;
	r->unlogged = r->silent;
	r->silent = 0;
	return true;
}

void
log_repeat_end(struct log_repeat *r)
{
	r->kind[0] = '\0';
}
