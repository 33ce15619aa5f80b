/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Which messages children died of: a message is blamed for a death while a
 * handler worked at it.  Most deaths are chance, so one proves nothing; the
 * second by the same message does.  The table has a fixed size and forgets the
 * least guilty first.  Pure.
 */
#ifndef SUPERVISOR_SLOTS_POISON_H
#define SUPERVISOR_SLOTS_POISON_H

#include <stdint.h>

#include "common/ipc/scoreboard.h"

enum {
	POISON_MAX = 64
};

struct poison {
	struct poison_entry {
		unsigned deaths; /* 0: free */
		int64_t last_ms;
		char id[SCOREBOARD_ID_MAX + 1];
	} list[POISON_MAX];
};

/* Returns the deaths that this message is blamed for, this one included. */
unsigned poison_blame(struct poison *p, const char *id, int64_t now_ms);

#endif
