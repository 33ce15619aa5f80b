/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The supervisor's loop.  What happens to a slot is decided in slot.c, when a
 * stop enters its next stage in stop.c; here it is done.  See supervisor.h.
 */
#include "supervisor/supervisor.h"

#include <sys/prctl.h>
#include <sys/signalfd.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "supervisor/deaths.h"
#include "supervisor/operator.h"
#include "supervisor/slots/orphan.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"
#include "supervisor/terminal.h"

#include "common/base/banned.h"

enum {
	WAIT_MAX_MS = 3600 * 1000,
	LATE_MS = 5000,      /* woken this much too late, we had been stopped */
	LAST_REAP_MS = 1000, /* beyond the grace timeout */
	DEATH_MIN_MS = 100,  /* from a SIGKILL to doubts about it */
	TERMINAL_MS = 2000,  /* from a SIGHUP to the end of the terminal */
	BUDGET_MIN = 1       /* until the pool is known */
};

/* ---- the stop ---- */

void
supervisor_begin_stop(struct supervisor *s, int status, int64_t now_ms)
{
	int64_t grace_ms = supervisor_in_force(s)->grace_timeout_ms;

	if (stop_is_timed(&s->stop))
		return;
	s->status = status;
	stop_begin(&s->stop, grace_ms, now_ms);
	notify_stopping(s->notify, grace_ms + LAST_REAP_MS, now_ms);
}

/* NULL: nothing has begun. */
const char *
supervisor_end_name(const struct supervisor *s)
{
	if (!stop_is_begun(&s->stop))
		return NULL;
	return stop_is_timed(&s->stop) ? "stopping" : "draining";
}

void
supervisor_give_up(struct supervisor *s, const char *why, int64_t now_ms)
{
	char reasons[BUDGET_REASONS * (BUDGET_REASON_MAX + 2)];

	if (stop_is_begun(&s->stop))
		return;
	budget_reasons(&s->budget, reasons, sizeof(reasons));
	log_error("crash_loop", log_str("msg", why),
	    log_int("deaths", (long long)s->budget.deaths),
	    log_int("limit", (long long)s->budget.limit),
	    log_ms("window", s->budget.window_ms),
	    log_str("last_deaths", reasons));
	supervisor_begin_stop(s, EXITCODE_CRASHLOOP, now_ms);
}

/* ---- slots ---- */

static void
fill(struct supervisor *s, struct place *p, int64_t now_ms)
{
	pid_t pid;

	scoreboard_row_recycle(p->row, now_ms);
	p->given_back = 0;
	p->unkillable = false;
	pool_renew(&s->pool, p);
	scoreboard_keep(p->row, &p->at_fork);
	pid = fork_child(&s->ends, &s->pool, p);
	if (pid == -1) {
		log_error("fork_failed", SLOT_RECORD_PLACE(p),
		    log_str("error", strerror(errno)));
		(void)supervisor_apply(s, p, SLOT_EVENT_FORK_FAILED, now_ms);
		return;
	}
	p->slot.pid = pid;
	(void)supervisor_apply(s, p, SLOT_EVENT_FORKED, now_ms);
	scoreboard_event(p->queue->shared, SCOREBOARD_STARTS);
	log_info("child_started", log_int("child_pid", pid),
	    SLOT_RECORD_PLACE(p));
}

/*
 * One that is stopped would not see it.  SIGCONT goes first: behind the other
 * it would find a process that ends already, whose LeakSanitizer stops it for a
 * last look and for ever misses the stop that SIGCONT took away.
 */
void
supervisor_ask(pid_t pid, int signal)
{
	(void)kill(pid, SIGCONT);
	(void)kill(pid, signal);
}

/* Until it has a session of its own a child's group does not exist. */
static void
kill_with_group(pid_t pid)
{
	(void)kill(-pid, SIGKILL);
	(void)kill(pid, SIGKILL);
}

static void
act(struct supervisor *s, struct place *p, enum slot_action action,
    int64_t now_ms)
{
	switch (action) {
	case SLOT_DO_NOTHING:
	case SLOT_DO_COUNT: /* deaths.c does it, which knows the reason */
	case SLOT_DO_COMPLAIN:
		break;
	case SLOT_DO_FORK:
		fill(s, p, now_ms);
		break;
	case SLOT_DO_TERM:
		supervisor_ask(p->slot.pid, SIGTERM);
		break;
	case SLOT_DO_QUIT:
		supervisor_ask(p->slot.pid, SIGQUIT);
		break;
	case SLOT_DO_ABORT:
		supervisor_ask(p->slot.pid, SIGABRT);
		break;
	case SLOT_DO_KILL:
		kill_with_group(p->slot.pid);
		break;
	}
}

enum slot_action
supervisor_apply(struct supervisor *s, struct place *p, enum slot_event event,
    int64_t now_ms)
{
	enum slot_state before = p->slot.state;
	enum slot_action action =
	    slot_apply(&p->slot, event, &p->policy, now_ms, backoff_random());

	if (action == SLOT_DO_COMPLAIN)
		log_error("slot_bug", SLOT_RECORD_PLACE(p),
		    log_str("state", slot_state_name(before)),
		    log_str("slot_event", slot_event_name(event)));
	else
		act(s, p, action, now_ms);
	return action;
}

static void
apply_to_all(struct supervisor *s, enum slot_event event, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		(void)supervisor_apply(s, s->pool.places[i], event, now_ms);
}

static void
welcome(struct supervisor *s, struct place *p, int64_t now_ms)
{
	(void)supervisor_apply(s, p, SLOT_EVENT_UP, now_ms);
	p->queue->served = true;
	log_debug("child_ready", log_int("child_pid", p->slot.pid),
	    SLOT_RECORD_PLACE(p), log_ms("after", now_ms - p->slot.forked_ms));
}

/* Is the child well, although its deadline has passed? */
static bool
is_well(struct supervisor *s, struct place *p, int64_t now_ms)
{
	enum slot_hang hang;

	if (!slot_is_live(&p->slot) || p->slot.state == SLOT_KILLED)
		return false;
	scoreboard_snapshot(p->row, now_ms, &s->row);
	hang = slot_look(&p->slot, &p->policy, &s->row, now_ms);
	if (hang != SLOT_HANG_NONE) {
		scoreboard_event(p->queue->shared, SCOREBOARD_HANGS);
		slot_record_hang(p, hang, &s->row, now_ms);
	}
	return hang == SLOT_HANG_NONE;
}

/* ---- deadlines ---- */

static void
attend(struct supervisor *s, struct place *p, int64_t now_ms)
{
	if (p->slot.state == SLOT_STARTING &&
	    atomic_load(&p->row->phase) != SCOREBOARD_EMPTY)
		welcome(s, p, now_ms);
	/* A death that was one too many has begun a stop: nobody is born. */
	if (stop_is_begun(&s->stop) && !slot_is_live(&p->slot))
		return;
	if (p->slot.deadline_ms > now_ms || is_well(s, p, now_ms))
		return;
	if (slot_is_killed(&p->slot))
		deaths_unkillable(s, p, now_ms);
	(void)supervisor_apply(s, p, SLOT_EVENT_EXPIRED, now_ms);
}

static void
attend_all(struct supervisor *s, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		attend(s, s->pool.places[i], now_ms);
}

/* ---- the stages of the stop ---- */

static bool
is_helper(void *arg, pid_t pid)
{
	const struct supervisor *s = arg;

	return pid == s->reporter.pid || releasers_know(&s->releasers, pid);
}

/*
 * Half of the time that is left is for a child to die of its SIGKILL; if it
 * does not, the other half is for a releaser.
 */
static void
expect_death_soon(struct supervisor *s)
{
	int64_t left = s->stop.at_ms[STOP_EXIT] - s->stop.at_ms[STOP_KILL];
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		s->pool.places[i]->policy.kill_again_ms =
		    left / 2 > DEATH_MIN_MS ? left / 2 : DEATH_MIN_MS;
}

/* What no signal ends is left alone, but not with its handlers. */
static void
kill_below_survivors(const struct supervisor *s)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		if (slot_is_live(&s->pool.places[i]->slot))
			(void)orphan_kill_below(s->pool.places[i]->slot.pid);
}

/* Before they are told to end: child/outcome.c, release_delay_s. */
static void
announce_stop(struct supervisor *s, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		if (slot_is_live(&s->pool.places[i]->slot))
			s->pool.places[i]->queue->shared->stop_children++;
	for (i = 0; i < s->pool.n_queues; i++)
		atomic_store(&s->pool.queues[i]->shared->stop_ms, now_ms);
}

static void
enter_stage(struct supervisor *s, int64_t now_ms)
{
	static const enum slot_event events[STOP_STAGES] = {
		[STOP_FINISH] = SLOT_EVENT_STOP,
		[STOP_RELEASE] = SLOT_EVENT_RELEASE,
		[STOP_KILL] = SLOT_EVENT_KILL,
		[STOP_EXIT] = SLOT_EVENT_KILL,
	};

	LOG_RECORD(s->stop.stage == STOP_FINISH ? LOG_LEVEL_DEBUG
						: LOG_LEVEL_WARN,
	    "stop_stage", log_str("stage", stop_stage_name(s->stop.stage)),
	    log_int("children", (long long)pool_live(&s->pool)),
	    log_int("releasers", (long long)s->releasers.n));
	if (s->stop.stage == STOP_FINISH)
		announce_stop(s, now_ms);
	if (s->stop.stage == STOP_KILL)
		expect_death_soon(s);
	apply_to_all(s, events[s->stop.stage], now_ms);
	if (s->stop.stage == STOP_EXIT) {
		kill_below_survivors(s);
		releasers_kill_all(&s->releasers);
		reporter_process_kill(s);
	}
}

static bool
are_slots_stopped(const struct supervisor *s)
{
	return pool_count(&s->pool, SLOT_STOPPED) == s->pool.n;
}

/*
 * Once no child is to live any more, nothing else is either but releasers.
 * What the killed leave is seen after their own SIGCHLD.
 */
static void
kill_strays(struct supervisor *s)
{
	if (s->childless || s->stop.stage == STOP_NONE)
		return;
	if (s->stop.stage >= STOP_KILL || are_slots_stopped(s))
		(void)orphan_kill_all(is_helper, s);
}

static void
advance_stop(struct supervisor *s, int64_t now_ms)
{
	while (stop_advance(&s->stop, now_ms))
		enter_stage(s, now_ms);
	releasers_kill_due(&s->releasers, now_ms);
	kill_strays(s);
}

static bool
is_over(const struct supervisor *s)
{
	if (s->stop.stage == STOP_NONE)
		return false;
	if (s->stop.at_ms[STOP_EXIT] <= clock_ms() - LAST_REAP_MS)
		return true;
	return s->childless && s->releasers.n == 0 && are_slots_stopped(s);
}

/* ---- the pool as a whole ---- */

static void
check_service(struct supervisor *s, int64_t now_ms)
{
	/* Who drains works: only the turn of the others can be late. */
	if (pool_count(&s->pool, SLOT_READY) > 0 ||
	    pool_count(&s->pool, SLOT_DRAINING) > 0) {
		s->unserved_since_ms = CLOCK_NEVER;
		s->spent_when_served = s->budget.spent;
		return;
	}
	if (s->unserved_since_ms == CLOCK_NEVER)
		s->unserved_since_ms = now_ms;
	if (stop_is_begun(&s->stop) ||
	    now_ms - s->unserved_since_ms <
		supervisor_in_force(s)->crash_window_ms)
		return;
	if (s->budget.spent > s->spent_when_served)
		supervisor_give_up(s, "no child was ready for a whole window",
		    now_ms);
	else if (pool_live(&s->pool) == 0) {
		log_error("cannot_fork",
		    log_str("msg",
			"no child could be started for a whole window"));
		supervisor_begin_stop(s, EXITCODE_INTERNAL, now_ms);
	}
}

/*
 * While nobody worked for a whole window and the pool does not give up either,
 * whoever watches us shall see it.
 */
static bool
is_healthy(const struct supervisor *s, int64_t now_ms)
{
	return stop_is_begun(&s->stop) || s->unserved_since_ms == CLOCK_NEVER ||
	    now_ms - s->unserved_since_ms <
	    supervisor_in_force(s)->crash_window_ms;
}

/* ---- signals ---- */

static void
on_stop_signal(struct supervisor *s, const struct signalfd_siginfo *info,
    int64_t now_ms)
{
	int signal = (int)info->ssi_signo;
	/* Whoever has pressed Ctrl-C sits there and wonders. */
	bool is_asked = signal == SIGINT && log_is_text();

	if (!stop_is_timed(&s->stop)) {
		log_info("stop_began",
		    log_str("signal", log_signal_name(signal)),
		    log_int("sender_pid", info->ssi_pid),
		    log_ms("grace", supervisor_in_force(s)->grace_timeout_ms),
		    log_int("children", (long long)pool_live(&s->pool)),
		    log_str("msg",
			is_asked ? slot_record_patience(&s->pool, now_ms)
				 : NULL));
		supervisor_begin_stop(s, EXITCODE_OK, now_ms);
	} else if (signal != SIGTERM) {
		log_info("stop_hurried",
		    log_str("signal", log_signal_name(signal)));
		stop_hurry(&s->stop, now_ms);
	}
}

static bool
end_with_terminal(struct supervisor *s, int64_t now_ms)
{
	if (!terminal_is_gone())
		return false;
	s->terminal_look_ms = CLOCK_NEVER;
	if (stop_is_timed(&s->stop))
		return true;
	log_info("stop_began", log_str("signal", "SIGHUP"),
	    log_str("msg", "the terminal is gone"),
	    log_ms("grace", supervisor_in_force(s)->grace_timeout_ms),
	    log_int("children", (long long)pool_live(&s->pool)));
	supervisor_begin_stop(s, EXITCODE_OK, now_ms);
	return true;
}

/*
 * A shell that ends may say so to its jobs before the terminal goes: so look
 * again a little later.
 */
static void
on_hangup(struct supervisor *s, const struct signalfd_siginfo *info,
    int64_t now_ms)
{
	char why[RELOAD_WHY_MAX];

	if (s->ends_with_terminal &&
	    terminal_may_say_so(info->ssi_code, (pid_t)info->ssi_pid)) {
		s->terminal_look_ms = now_ms + TERMINAL_MS;
		if (end_with_terminal(s, now_ms))
			return;
	}
	(void)operator_reload(s, why, now_ms);
}

static void
look_at_terminal(struct supervisor *s, int64_t now_ms)
{
	if (s->terminal_look_ms > now_ms)
		return;
	s->terminal_look_ms = CLOCK_NEVER;
	(void)end_with_terminal(s, now_ms);
}

/* Which of several queues is meant, a signal cannot say. */
static void
on_scale_signal(struct supervisor *s, int signal, int64_t now_ms)
{
	struct pool_queue *q = s->pool.queues[0];
	char why[RELOAD_WHY_MAX] = "there are several queues";

	if (s->pool.n_queues == 1 &&
	    operator_scale(s, q,
		signal == SIGTTIN ? q->wanted + 1 : q->wanted - 1, why,
		now_ms) == 0)
		return;
	log_warn("signal_ignored", log_str("signal", log_signal_name(signal)),
	    log_str("msg", why));
}

static void
on_signal(struct supervisor *s, const struct signalfd_siginfo *info,
    int64_t now_ms)
{
	switch (info->ssi_signo) {
	case SIGTERM:
	case SIGINT:
	case SIGQUIT:
		on_stop_signal(s, info, now_ms);
		break;
	case SIGUSR1:
		slot_record_status(&s->pool, now_ms);
		break;
	case SIGHUP:
		on_hangup(s, info, now_ms);
		break;
	case SIGTTIN:
	case SIGTTOU:
		on_scale_signal(s, (int)info->ssi_signo, now_ms);
		break;
	default: /* SIGCHLD: reap looks at every turn; the rest is noise */
		break;
	}
}

/*
 * Signals that were pending together have no order, the kernel gives the lowest
 * number first.  Whoever sends two to stop is in a hurry: so SIGTERM, which
 * only begins a stop, comes before those that also hurry it.
 */
static void
read_signals(struct supervisor *s, int64_t now_ms)
{
	struct signalfd_siginfo info, hurried[2]; /* SIGINT, SIGQUIT */
	size_t i, n = 0;

	while (read(s->ends.signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (n < nitems(hurried) &&
		    (info.ssi_signo == SIGINT || info.ssi_signo == SIGQUIT))
			hurried[n++] = info;
		else
			on_signal(s, &info, now_ms);
	}
	for (i = 0; i < n; i++)
		on_signal(s, &hurried[i], now_ms);
}

static void
read_events(struct supervisor *s, int64_t now_ms)
{
	uint64_t woken;

	/* Which child became ready is on the scoreboard. */
	(void)!read(s->ends.wake_fd, &woken, sizeof(woken));
	read_signals(s, now_ms);
	look_at_terminal(s, now_ms);
	control_step(&s->control, now_ms);
	reporter_process_answer(s, now_ms);
}

/* ---- the loop ---- */

static int64_t
next_deadline(const struct supervisor *s, int64_t now_ms)
{
	int64_t deadline = pool_deadline(&s->pool);
	int64_t unserved = s->unserved_since_ms;
	int64_t window = supervisor_in_force(s)->crash_window_ms;

	deadline = clock_earlier(deadline, releasers_deadline(&s->releasers));
	deadline = clock_earlier(deadline, stop_deadline(&s->stop));
	deadline = clock_earlier(deadline, notify_deadline(s->notify));
	deadline = clock_earlier(deadline, reporter_process_deadline(s));
	deadline = clock_earlier(deadline, s->terminal_look_ms);
	deadline =
	    clock_earlier(deadline, control_deadline(&s->control, now_ms));
	if (s->stop.stage == STOP_EXIT)
		deadline = clock_earlier(deadline,
		    s->stop.at_ms[STOP_EXIT] + LAST_REAP_MS);
	/* Once it has passed, only an event can make it matter. */
	if (unserved != CLOCK_NEVER && unserved + window > now_ms)
		deadline = clock_earlier(deadline, unserved + window);
	return deadline;
}

static void
forgive_all(struct supervisor *s, int64_t late, int64_t now_ms)
{
	size_t i;

	log_warn("supervisor_late", log_ms("late", late),
	    log_str("msg", "we did not run: no deadline counts this time"));
	for (i = 0; i < s->pool.n; i++)
		slot_forgive(&s->pool.places[i]->slot,
		    &s->pool.places[i]->policy, now_ms);
	reporter_process_forgive(s, now_ms);
}

/* Returns the time at which something happened or was due. */
static int64_t
wait_for_events(struct supervisor *s)
{
	struct pollfd fds[3 + CONTROL_POLLFDS] = { { .fd = s->ends.signal_fd,
						       .events = POLLIN },
		{ .fd = s->ends.wake_fd, .events = POLLIN },
		reporter_process_pollfd(s) };
	int64_t began = clock_ms(), ended;
	int timeout =
	    clock_timeout_ms(began, next_deadline(s, began), WAIT_MAX_MS);

	(void)poll(fds, 3 + control_pollfds(&s->control, began, fds + 3),
	    timeout);
	ended = clock_ms();
	if (ended - began - timeout > LATE_MS)
		forgive_all(s, ended - began - timeout, ended);
	return ended;
}

static void
tell(struct supervisor *s, int64_t now_ms)
{
	char title[NOTIFY_STATUS_MAX];

	pool_describe(&s->pool, supervisor_end_name(s), title, sizeof(title));
	if (strcmp(title, s->title) != 0) {
		(void)strlcpy(s->title, title, sizeof(s->title));
		setproctitle("-sqsherd: supervisor [%s]", title);
		notify_status(s->notify, title);
	}
	if (!s->told_ready && !stop_is_begun(&s->stop) &&
	    pool_is_served(&s->pool)) {
		s->told_ready = true;
		log_info("ready", log_int("children", (long long)s->pool.n));
		notify_ready(s->notify, now_ms);
	}
	notify_step(s->notify, is_healthy(s, now_ms), now_ms);
}

/*
 * Signals come before slots are attended to, so that no child is forked after
 * a stop was asked for; deaths in between, because a death seen now makes a
 * deadline moot.
 */
static void
turn(struct supervisor *s)
{
	int64_t now_ms = wait_for_events(s);

	read_events(s, now_ms);
	deaths_reap(s, now_ms);
	advance_stop(s, now_ms);
	attend_all(s, now_ms);
	operator_balance(s, now_ms);
	check_service(s, now_ms);
	reporter_process_step(s, now_ms);
	tell(s, now_ms);
}

/* ---- start and end ---- */

static int
open_supervisor(struct supervisor *s, struct settings *settings)
{
	s->started_ms = clock_ms();
	s->unserved_since_ms = s->started_ms;
	s->terminal_look_ms = CLOCK_NEVER;
	oom_open(&s->oom);
	s->oom_kills = oom_count(&s->oom);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) == -1)
		log_warn("no_subreaper", log_str("error", strerror(errno)));
	if (fork_open(&s->ends) == -1) {
		settings_free(settings);
		return -1;
	}
	if (pool_open(&s->pool, settings, s->started_ms) == -1) {
		fork_close(&s->ends);
		return -1;
	}
	if (reporter_process_open(s) == -1) {
		pool_release(&s->pool);
		fork_close(&s->ends);
		return -1;
	}
	budget_init(&s->budget, BUDGET_MIN, 0);
	releasers_init(&s->releasers, s->pool.n);
	operator_fit(s);
	return 0;
}

static int
open_control(struct supervisor *s)
{
	s->ends.control = &s->control;
	return control_open(&s->control, supervisor_in_force(s)->control_socket,
	    operator_answer, s);
}

static int
exit_status(const struct supervisor *s)
{
	if (s->status == EXITCODE_OK &&
	    (s->forced || !are_slots_stopped(s) || s->releasers.n > 0))
		return EXITCODE_FORCED;
	return s->status;
}

static void
close_recoveries(struct supervisor *s)
{
	size_t i;

	for (i = 0; i < s->pool.n; i++)
		scoreboard_abandon(s->pool.places[i]->row);
}

static void
release_supervisor(struct supervisor *s)
{
	control_close(&s->control);
	reporter_process_release(s);
	releasers_release(&s->releasers);
	budget_release(&s->budget);
	pool_release(&s->pool);
	fork_close(&s->ends);
}

static int
close_supervisor(struct supervisor *s)
{
	char reasons[BUDGET_REASONS * (BUDGET_REASON_MAX + 2)];
	int64_t now_ms = clock_ms();
	int status = exit_status(s);

	close_recoveries(s);
	budget_reasons(&s->budget, reasons, sizeof(reasons));
	slot_record_stopped(&s->pool,
	    &(struct slot_record_run){ .status = status,
		.duration_ms = now_ms - s->started_ms,
		.deaths = s->budget.deaths,
		.orphans = s->orphans,
		.reasons = reasons },
	    now_ms);
	release_supervisor(s);
	return status;
}

int
supervisor_run(struct settings *settings, const struct settings_input *input,
    struct notify *notify, bool ends_with_terminal)
{
	static struct supervisor s; /* zero; one a process */

	s.input = input;
	s.notify = notify;
	s.ends_with_terminal = ends_with_terminal;
	if (open_supervisor(&s, settings) == -1) {
		log_error("cannot_start", log_str("error", strerror(errno)));
		return EXITCODE_INTERNAL;
	}
	if (open_control(&s) == -1) {
		release_supervisor(&s);
		return EXITCODE_CONFIG;
	}
	log_info("started", log_str("version", SQSHERD_VERSION),
	    log_int("children", (long long)s.pool.n),
	    log_int("queues", (long long)s.pool.n_queues));
	while (!is_over(&s))
		turn(&s);
	return close_supervisor(&s);
}
