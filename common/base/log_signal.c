/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Names of signals.  See log_signal.h.
 */
#include "common/base/log_signal.h"

#include <stdio.h>
#include <string.h>

#include "common/base/banned.h"

const char *
log_signal_name(int signal)
{
	static char name[24];
	const char *abbreviation = sigabbrev_np(signal);

	if (abbreviation != NULL)
		(void)snprintf(name, sizeof(name), "SIG%s", abbreviation);
	else
		(void)snprintf(name, sizeof(name), "SIG%d", signal);
	return name;
}

struct log_field
log_signal(int signal)
{
	return log_str("signal", signal != 0 ? log_signal_name(signal) : NULL);
}
