/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Signals as records name them.
 */
#include "common/base/log_signal.h"

#include <signal.h>

#include "t/unit/tap.h"

int
main(void)
{
	struct log_field f = log_signal(SIGKILL);
	char unnamed[16];

	is_str(f.name, "signal", "a signal is a field");
	is_int(f.type, LOG_FIELD_STRING, "that is text");
	is_mem(f.s, f.len, "SIGKILL", 7, "and the signal's name");
	ok(log_signal(0).name == NULL, "no signal is no field");
	(void)snprintf(unnamed, sizeof(unnamed), "SIG%d", SIGRTMIN);
	is_str(log_signal_name(SIGRTMIN), unnamed,
	    "a signal without a name has its number");
	return tap_done();
}
