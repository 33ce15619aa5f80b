/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See verdict.h. */
#include "child/message/verdict.h"

#include <sysexits.h>

#include "common/base/banned.h"

const char *
verdict_name(enum verdict v)
{
	static const char *const names[] = { [VERDICT_DONE] = "done",
		[VERDICT_RETRY] = "retry",
		[VERDICT_REJECT] = "reject",
		[VERDICT_BROKEN] = "broken" };

	return names[v];
}

enum verdict
verdict_of_exit(int exit_status)
{
	switch (exit_status) {
	case EX_OK:
		return VERDICT_DONE;
	case EX_DATAERR:
		return VERDICT_REJECT;
	default:
		return VERDICT_RETRY;
	}
}
