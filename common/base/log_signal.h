/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Signals in the log, by their names.
 */
#ifndef COMMON_BASE_LOG_SIGNAL_H
#define COMMON_BASE_LOG_SIGNAL_H

#include "common/base/log.h"

/*
 * "SIGTERM"; "SIG34" for a signal without a name.  Borrowed until the next
 * call.
 */
const char *log_signal_name(int signal);

/* The field "signal" of a record, which may have one; 0: left out. */
struct log_field log_signal(int signal);

#endif
