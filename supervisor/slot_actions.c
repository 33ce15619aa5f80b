/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See slot_actions.h.
 */
#include "supervisor/slot_actions.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "common/base/backoff.h"
#include "common/base/log.h"
#include "common/ipc/scoreboard_child.h"
#include "supervisor/slots/process.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"

#include "common/base/banned.h"

static void
fork_into_slot(struct supervisor *s, struct place *p, int64_t now_ms)
{
	pid_t pid;

	scoreboard_row_prepare(p->row, now_ms);
	p->given_back = 0;
	p->unkillable = false;
	pool_renew(&s->pool, p);
	scoreboard_copy_counts(p->row, &p->at_fork);
	pid = fork_child(&s->ends, &s->pool, p);
	if (pid == -1) {
		log_error("fork_failed", SLOT_RECORD_PLACE(p),
		    log_str("error", strerror(errno)));
		(void)slot_actions_apply_event(s, p, SLOT_EVENT_FORK_FAILED,
		    now_ms);
		return;
	}
	p->slot.pid = pid;
	(void)slot_actions_apply_event(s, p, SLOT_EVENT_FORKED, now_ms);
	queue_board_count(p->queue->shared, QUEUE_BOARD_STARTS);
	log_info("child_started", log_int("child_pid", pid),
	    SLOT_RECORD_PLACE(p));
}

static void
carry_out(struct supervisor *s, struct place *p, enum slot_action action,
    int64_t now_ms)
{
	switch (action) {
	case SLOT_DO_NOTHING:
	case SLOT_DO_COUNT:
	case SLOT_DO_COMPLAIN:
		break;
	case SLOT_DO_FORK:
		fork_into_slot(s, p, now_ms);
		break;
	case SLOT_DO_TERM:
		process_ask(p->slot.pid, SIGTERM);
		break;
	case SLOT_DO_QUIT:
		process_ask(p->slot.pid, SIGQUIT);
		break;
	case SLOT_DO_ABORT:
		process_ask(p->slot.pid, SIGABRT);
		break;
	case SLOT_DO_KILL:
		process_kill(p->slot.pid);
		break;
	}
}

enum slot_action
slot_actions_apply_event(struct supervisor *s, struct place *p,
    enum slot_event event, int64_t now_ms)
{
	enum slot_state before = p->slot.state;
	enum slot_action action =
	    slot_apply(&p->slot, event, &p->policy, now_ms, backoff_random());

	if (action == SLOT_DO_COMPLAIN)
		log_error("slot_bug", SLOT_RECORD_PLACE(p),
		    log_str("state", slot_state_name(before)),
		    log_str("slot_event", slot_event_name(event)));
	else
		carry_out(s, p, action, now_ms);
	return action;
}

void
slot_actions_apply_to_all(struct supervisor *s, enum slot_event event,
    int64_t now_ms)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		(void)slot_actions_apply_event(s, s->pool.places[i], event,
		    now_ms);
}

int64_t
slot_actions_refill(struct supervisor *s, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++) {
		struct place *p = s->pool.places[i];

		if (!slot_is_live(&p->slot) && p->slot.deadline_ms <= now_ms)
			(void)slot_actions_apply_event(s, p, SLOT_EVENT_EXPIRED,
			    now_ms);
	}
	return pool_deadline(&s->pool);
}
