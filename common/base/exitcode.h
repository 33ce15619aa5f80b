/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The exit statuses of sqsherd, of its children and of its tools.  They are
 * an interface: sqsherd(8) lists them, systemd units and ECS alarms act on
 * them, and the supervisor decides by them how to refill a slot.  Numbers of
 * 64 and above follow sysexits.h; a death by signal N shows as 128 + N in a
 * shell and is never used here.
 */
#ifndef COMMON_BASE_EXITCODE_H
#define COMMON_BASE_EXITCODE_H

enum exitcode {
	EXITCODE_OK = 0,
	EXITCODE_FAILED = 1,     /* tools: not everything was done */
	EXITCODE_USAGE = 64,     /* wrong options */
	EXITCODE_INTERNAL = 70,  /* a bug, or the system refused a resource */
	EXITCODE_CRASHLOOP = 75, /* children keep dying: the budget is spent */
	EXITCODE_FORCED = 76,    /* stopped, but some work was cut short */
	EXITCODE_CONFIG = 78 /* a setting is wrong; retrying will not help */
};

#endif
