/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The supervisor's state: the struct that the files of this folder share, and
 * that the rooms below do not know.
 */
#ifndef SUPERVISOR_STATE_H
#define SUPERVISOR_STATE_H

#include "common/base/oom.h"
#include "common/settings/settings_load.h"
#include "supervisor/control/control.h"
#include "supervisor/fork.h"
#include "supervisor/report/notify.h"
#include "supervisor/reporter_process.h"
#include "supervisor/slots/budget.h"
#include "supervisor/slots/poison.h"
#include "supervisor/slots/pool.h"
#include "supervisor/slots/releasers.h"
#include "supervisor/slots/slot.h"
#include "supervisor/stop.h"
#include "supervisor/supervisor.h"

struct supervisor {
	const struct settings_input *input;
	struct notify *notify;
	struct fork_ends ends;
	struct control control;
	struct pool pool;
	struct releasers releasers;
	struct reporter_process reporter;
	struct budget budget;
	struct poison poison;
	struct stop stop;
	bool ends_with_terminal;
	int64_t terminal_look_ms; /* to see whether the terminal is gone */
	int status;               /* of our exit, if nothing was forced */
	bool forced;    /* the stop cut work short, or left a message behind */
	bool childless; /* the last wait found no process of ours */
	bool told_ready;
	bool rolling; /* children of older settings are being replaced */
	int64_t started_ms;
	int64_t unserved_since_ms; /* CLOCK_NEVER: a child is ready */
	size_t spent_when_served;
	unsigned long orphans;
	struct oom oom;
	uint64_t oom_kills; /* before the start, and of children */
	char title[NOTIFY_STATUS_MAX];
	struct scoreboard_snapshot row; /* of the slot that is looked at */
};

#endif
