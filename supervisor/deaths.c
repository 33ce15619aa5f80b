/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See deaths.h.
 */
#include "supervisor/deaths.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "common/base/log_signal.h"
#include "common/ipc/queue_board.h"
#include "common/ipc/scoreboard_child.h"
#include "common/ipc/scoreboard_death.h"
#include "supervisor/slot_actions.h"
#include "supervisor/slots/orphan.h"
#include "supervisor/slots/pool_count.h"
#include "supervisor/slots/process.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"
#include "supervisor/stop_requests.h"

#include "common/base/banned.h"

enum {
	RELEASER_MS = 10000,
	RELEASER_MARGIN_MS = 1000 /* from its deadline to its SIGKILL */
};

/* ---- what a dead child held ---- */

/*
 * Without a releaser the other messages that were held come back when their
 * visibility timeouts end.
 */
static void
close_recovery(struct place *p)
{
	if (p->releasers == 0)
		scoreboard_abandon(p->row);
}

static void
start_releaser(struct supervisor *s, struct place *p, int64_t now_ms)
{
	int64_t deadline = now_ms + RELEASER_MS;
	const char *failure = NULL;
	pid_t pid = -1;

	scoreboard_hand_over(p->row, s->row.n_held);
	if (stop_is_timed(&s->stop))
		deadline = s->stop.at_ms[STOP_EXIT];
	if (!releasers_have_room(&s->releasers) || deadline <= now_ms)
		failure = "no room or no time";
	else if ((pid = fork_releaser(&s->ends, &s->pool, p, &s->row,
		      deadline)) == -1)
		failure = strerror(errno);
	if (failure == NULL) {
		releasers_add(&s->releasers, pid, p,
		    deadline + RELEASER_MARGIN_MS);
		p->releasers++;
		return;
	}
	if (stop_is_begun(&s->stop))
		s->forced = true;
	log_error("releaser_failed", SLOT_RECORD_PLACE(p),
	    log_str("error", failure),
	    log_int("messages", (long long)s->row.n_held),
	    log_str("msg",
		"what the child held becomes visible when "
		"its timeout ends"));
	close_recovery(p);
}

/* ---- blame ---- */

/*
 * Blames the messages that the dead child was working at.  Returns whether one
 * of them is to blame: then the death counts neither against the slot nor
 * against the pool.
 */
static bool
blame_messages(struct supervisor *s, const struct place *p, int64_t now_ms)
{
	unsigned limit = (unsigned)p->settings->poison_kills, deaths;
	bool guilty = false;
	size_t i;

	for (i = 0; i < s->row.n_held; i++) {
		const struct scoreboard_held *h = &s->row.held[i];

		if (h->state != SCOREBOARD_HAND_WORKING)
			continue;
		deaths = poison_blame(&s->poison, h->id, now_ms);
		guilty = guilty || deaths > 1;
		if (limit == 0 || deaths < limit)
			continue;
		queue_board_add_poison(p->queue->shared, h->id, deaths);
		log_error("poison", SLOT_RECORD_PLACE(p), log_str("id", h->id),
		    log_int("deaths", deaths),
		    log_str("msg",
			"children die of this message: it is rejected when it "
			"comes again"));
	}
	return guilty;
}

/*
 * Each death is counted in this function alone, so that log, status and metrics
 * agree.  A death costs the budget nothing if a message is to blame, or if the
 * child would not have been replaced: it is part of no crash loop.
 */
static void
count_death(struct supervisor *s, const struct place *p, bool excused,
    int64_t now_ms)
{
	queue_board_count(p->queue->shared, QUEUE_BOARD_CRASHES);
	if (excused)
		budget_count_excused(&s->budget, p->reason);
	else if (!budget_count(&s->budget, p->reason, now_ms))
		stop_requests_give_up(s, "children die too often", now_ms);
}

/*
 * A stop with a deadline kills children, whose deaths do not count.  The death
 * of a lost child was counted when the child was given up.
 */
static bool
is_counted(const struct supervisor *s, const struct place *p,
    enum slot_event event)
{
	return event == SLOT_EVENT_DIED && !stop_is_timed(&s->stop) && !p->lost;
}

/*
 * Has the kernel killed this child because memory ran out?  Then the death is a
 * SIGKILL that was not ours, and the kernel counts more kills than there were
 * before the start, of handlers, and of other children.  Takes the kill into
 * account.
 */
static bool
take_oom_kill(struct supervisor *s, const struct place *p,
    const struct slot_end *end, int64_t now_ms)
{
	uint64_t totals[SCOREBOARD_COUNTERS], kills, known;

	if (!end->signalled || end->status != SIGKILL ||
	    p->slot.state == SLOT_KILLED)
		return false;
	kills = oom_count(&s->oom);
	pool_count_totals(&s->pool, NULL, now_ms, totals);
	known = s->oom_kills + totals[SCOREBOARD_OOM_KILLS];
	if (kills <= known)
		return false;
	s->oom_kills += kills - known;
	return true;
}

/* ---- deaths ---- */

/* Copies the row that the child left to s->row.  Returns whether it is sane. */
static bool
close_row(struct supervisor *s, struct place *p, int64_t now_ms)
{
	bool is_sane;

	scoreboard_finish_move(p->row, &p->at_fork);
	is_sane = scoreboard_is_sane(p->row, &p->at_fork, p->given_back);
	if (!is_sane) {
		log_error("scoreboard_garbage",
		    log_int("child_pid", p->slot.pid), SLOT_RECORD_PLACE(p),
		    log_str("msg",
			"what the child counted is lost; what it held becomes "
			"visible when its timeout ends"));
		scoreboard_restore(p->row, &p->at_fork);
	}
	scoreboard_snapshot(p->row, now_ms, &s->row);
	return is_sane;
}

/*
 * Has this death cut work short? s->row is the row that the child left; a child
 * that held nothing had no work, however it ended.
 */
static bool
has_cut_work(const struct supervisor *s, const struct place *p,
    const struct slot_end *end, bool is_sane)
{
	return !is_sane || s->row.n_held > 0 || p->given_back > 0 ||
	    (!end->signalled && end->status == EXITCODE_FORCED);
}

/*
 * Gives back the messages that the child of this place held, as s->row, the
 * copy of its row, says.
 */
static void
give_back(struct supervisor *s, struct place *p, int64_t now_ms)
{
	scoreboard_row_prepare(p->row, now_ms);
	if (s->row.n_held > 0)
		start_releaser(s, p, now_ms);
}

/*
 * The row of a dead child does not change any more.  The messages that it held
 * are given back only now, when its handlers are dead as well.
 */
static void
on_death(struct supervisor *s, struct place *p, struct slot_end *end,
    int64_t now_ms)
{
	struct slot was = p->slot;
	enum slot_event event;
	enum slot_action action;
	bool poisoned = false;
	bool is_sane = close_row(s, p, now_ms);

	end->phase = s->row.phase;
	end->out_of_memory = take_oom_kill(s, p, end, now_ms);
	event = slot_end_event(&p->slot, end, now_ms);
	if (event == SLOT_EVENT_DIED)
		slot_record_reason(p, end, p->reason, sizeof(p->reason));
	if (event == SLOT_EVENT_DIED && stop_is_begun(&s->stop))
		s->forced = s->forced || has_cut_work(s, p, end, is_sane);
	else if (event == SLOT_EVENT_DIED)
		poisoned = blame_messages(s, p, now_ms);
	if (poisoned)
		slot_reset_failures(&p->slot);
	action = slot_actions_apply_event(s, p, event, now_ms);
	slot_record_end(p, &was, end, &s->row, now_ms);
	if (is_counted(s, p, event))
		count_death(s, p, poisoned || action != SLOT_DO_COUNT, now_ms);
	give_back(s, p, now_ms);
}

/* The messages of a releaser that fails come back when their timeouts end. */
static void
on_releaser_end(struct supervisor *s, pid_t pid, struct place *served,
    const struct slot_end *end)
{
	bool failed = end->signalled || end->status != 0;

	LOG_RECORD(failed ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "helper_exited",
	    log_int("helper_pid", pid), SLOT_RECORD_PLACE(served),
	    log_int(end->signalled ? NULL : "exit_status", end->status),
	    log_signal(end->signalled ? end->status : 0));
	if (failed && stop_is_begun(&s->stop))
		s->forced = true;
	served->releasers--;
	close_recovery(served);
}

static void
on_end(struct supervisor *s, const siginfo_t *info, int64_t now_ms)
{
	struct place *p = pool_find(&s->pool, info->si_pid);
	struct place *served = NULL;
	struct slot_end end = { .signalled = info->si_code != CLD_EXITED,
		.status = info->si_status,
		.core = info->si_code == CLD_DUMPED };

	if (reporter_process_reap(s, info->si_pid, info->si_code,
		info->si_status, now_ms))
		return;
	if (p == NULL)
		served = releasers_remove(&s->releasers, info->si_pid);
	if (p != NULL) {
		on_death(s, p, &end, now_ms);
	} else if (served != NULL) {
		on_releaser_end(s, info->si_pid, served, &end);
	} else {
		s->orphans++;
		log_debug("orphan_reaped", log_int("orphan_pid", info->si_pid));
	}
}

/* ---- what a dead child left behind ---- */

/*
 * While a dead child is a zombie, no other process can get its pid, and so
 * neither its group nor its session.
 */
static void
kill_left_by(struct supervisor *s, pid_t pid)
{
	struct place *p = pool_find(&s->pool, pid);

	if (p == NULL)
		return;
	(void)kill(-pid, SIGKILL);
	if (orphan_kill_session(pid) > 0)
		p->ghost = pid;
}

/*
 * Processes further down become ours only when their own parents have died:
 * so search again, until a dead child's session is empty.
 */
static void
chase_ghosts(struct supervisor *s)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++) {
		struct place *p = s->pool.places[i];

		if (p->ghost != 0 && orphan_kill_session(p->ghost) == 0)
			p->ghost = 0;
	}
}

static bool
is_end(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED || info->si_code == CLD_KILLED ||
	    info->si_code == CLD_DUMPED;
}

/*
 * SIGCHLDs coalesce, so this looks for ends whatever was signalled.  Each end
 * is looked at first (WNOWAIT) and reaped afterwards, since a dead child has to
 * be a zombie while kill_left_by is at work.  Only the end that was looked at
 * is reaped: a child that was stopped may have died meanwhile, and its end has
 * to be looked at first as well.
 */
static void
reap_all(struct supervisor *s, int64_t now_ms)
{
	siginfo_t seen, info;
	bool ended;

	for (;;) {
		seen.si_pid = info.si_pid = 0;
		s->childless =
		    waitid(P_ALL, 0, &seen,
			WEXITED | WSTOPPED | WNOHANG | WNOWAIT) == -1;
		if (seen.si_pid == 0)
			break;
		ended = is_end(&seen);
		if (ended)
			kill_left_by(s, seen.si_pid);
		if (waitid(P_PID, (id_t)seen.si_pid, &info,
			(ended ? WEXITED : WSTOPPED) | WNOHANG) == -1 ||
		    info.si_pid == 0)
			continue;
		if (ended)
			on_end(s, &info, now_ms);
		else
			log_warn("child_halted",
			    log_int("child_pid", info.si_pid),
			    log_signal(info.si_status));
	}
	chase_ghosts(s);
}

/* ---- a death that does not come ---- */

/*
 * The successors of this child may hang in the same way, so a queue has at most
 * as many lost children as children are wanted.
 */
static bool
may_be_replaced(const struct supervisor *s, const struct place *p)
{
	return p->slot.wanted && !stop_is_timed(&s->stop) &&
	    pool_count_lost(&s->pool, p->queue) < p->queue->wanted;
}

static void
replace_lost(struct supervisor *s, struct place *p, bool poisoned,
    int64_t now_ms)
{
	p->lost = true;
	(void)snprintf(p->reason, sizeof(p->reason),
	    "%s/%u: hung, cannot be killed", p->queue->name, p->number);
	if (slot_actions_apply_event(s, p, SLOT_EVENT_LOST, now_ms) ==
	    SLOT_DO_COUNT)
		count_death(s, p, poisoned, now_ms);
}

/*
 * The child is still there long after its SIGKILL: it hangs in the kernel,
 * which will not let it run user code again.  So its row does not change any
 * more, and the messages that it held can be given back, once its handlers are
 * killed.
 */
static void
on_unkillable(struct supervisor *s, struct place *p, int64_t now_ms)
{
	bool is_first = !p->unkillable, is_sane, poisoned = false;

	if (is_first) {
		p->unkillable = true;
		(void)orphan_kill_below(p->slot.pid);
		is_sane = close_row(s, p, now_ms);
		if (stop_is_begun(&s->stop))
			s->forced = s->forced || !is_sane;
		else
			poisoned = blame_messages(s, p, now_ms);
		p->given_back = s->row.n_held;
	}
	if (may_be_replaced(s, p))
		replace_lost(s, p, poisoned, now_ms);
	slot_record_unkillable(p, is_first, &s->row, now_ms);
	if (is_first)
		give_back(s, p, now_ms);
}

void
deaths_step(struct supervisor *s, int64_t now_ms)
{
	size_t i;

	reap_all(s, now_ms);
	for (i = 0; i < s->pool.n; i++) {
		struct place *p = s->pool.places[i];

		if (slot_is_killed(&p->slot) && p->slot.deadline_ms <= now_ms)
			on_unkillable(s, p, now_ms);
	}
}
