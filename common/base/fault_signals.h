/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The signals by which a fault ends a process.  They are neither blocked nor
 * handled, since a core is worth more than a clean log; SIGABRT is also how the
 * supervisor asks a child for a core.
 */
#ifndef COMMON_BASE_FAULT_SIGNALS_H
#define COMMON_BASE_FAULT_SIGNALS_H

#include <signal.h>

/* Blocks all other signals; *ret_blocked is the set of these. */
int fault_signals_block_others(sigset_t *ret_blocked);

#endif
