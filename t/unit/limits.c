/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How much room sqsherd needs.
 */
#include "supervisor/start/limits.h"

#include "t/unit/tap.h"

#include "common/base/banned.h"

int
main(void)
{
	is_int(limits_nofile_needed(1), 64, "descriptors for a queue");
	is_int(limits_nofile_needed(24), 64, "for some more");
	is_int(limits_nofile_needed(100), 140, "each queue has one of its own");
	is_int(limits_processes_needed(1), 3,
	    "a supervisor, a child and its handler");
	is_int(limits_processes_needed(4), 9, "two for each child");
	return tap_done();
}
