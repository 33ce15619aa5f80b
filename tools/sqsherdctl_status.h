/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * sqsherd's answer to "status", as structs.  A text is cut to its member's
 * size; a number that is missing is 0, a text that is missing "".
 */
#ifndef TOOLS_SQSHERDCTL_STATUS_H
#define TOOLS_SQSHERDCTL_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"

struct status_counts {
	long long received, deleted, retried, released, rejected, expired;
	long long in_hand;
};

struct status_slot {
	size_t queue; /* its index */
	char name[100];
	char state[16], phase[16];
	char message[128];
	char last_error[200], last_death[100];
	long long pid, phase_age_ms, restart_in_ms, receive_count;
	bool old_settings;
	struct status_counts counts;
};

struct status_queue {
	char name[100];
	long long children, ready;
	long long trouble_ms;
	char trouble_reason[200];
	bool paused, braked, leaving;
	struct status_counts counts;
};

struct status {
	bool ok;
	char msg[200];
	char version[32], state[16], health[512];
	long long pid, uptime_ms, old_settings;
	struct status_counts totals;
	struct status_queue *queues;
	size_t n_queues;
	struct status_slot *slots;
	size_t n_slots;
};

/*
 * Pure.  Texts become printable ASCII, with nothing that a terminal would obey.
 * Returns NULL, and *ret is to be released.  Or returns why the answer cannot
 * be understood, or sqsherd's refusal, borrowed until the next call; then *ret
 * is not to be released.
 */
const char *sqsherdctl_status_parse(struct span answer, struct status *ret);
void sqsherdctl_status_release(struct status *s);

#endif
