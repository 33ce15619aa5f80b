/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Signals of faults.  See fault_signals.h.
 */
#include "common/base/fault_signals.h"

#include <stddef.h>

#include "common/base/xalloc.h"

#include "common/base/banned.h"

int
fault_signals_block_others(sigset_t *ret_blocked)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
		SIGTRAP, SIGSYS };
	size_t i;

	sigfillset(ret_blocked);
	for (i = 0; i < nitems(faults); i++)
		sigdelset(ret_blocked, faults[i]);
	return sigprocmask(SIG_SETMASK, ret_blocked, NULL);
}
