/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The poller: one loop around one wait.  It receives, begins what it received,
 * extends what takes long, settles what has a verdict, and on a signal stops
 * in the way it was asked to.  Nothing in here blocks: while a handler works
 * its visibility must be extended, and signals must be seen at once.
 * See child.h.
 */
#include "child/child.h"

#include <sys/signalfd.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "child/state.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/exitcode.h"
#include "common/base/log.h"
#include "common/ipc/grace.h"

#include "common/base/banned.h"

enum {
	CANCEL_KILL_MS = 1000, /* a cancelled handler's time to stop */
	CORRUPT_DELAY_S = 30
};

static const struct handler_ops *const handler_kinds[] = {
	[HANDLER_KIND_EXEC] = &handler_exec,
};

/* ---- the stages ---- */

int64_t
child_stop_began_ms(const struct child *c)
{
	if (c->stop_ms != 0 || c->args->shared == NULL)
		return c->stop_ms;
	return atomic_load(&c->args->shared->stop_ms);
}

/*
 * Who is replaced, or one too many, works what it has and what its last poll
 * brings: to give that back would count as one more receive, towards the
 * redrive policy of the queue, and for nothing.
 */
bool
child_is_at_work(const struct child *c)
{
	return c->stage == STAGE_RUN ||
	    (c->stage == STAGE_DRAIN && child_stop_began_ms(c) == 0);
}

bool
child_is_paused(const struct child *c)
{
	return c->args->shared != NULL && c->args->shared->paused != 0;
}

/* ---- messages ---- */

static unsigned
kills_by(const struct child *c, const struct job *j)
{
	return c->queue->poison_kills > 0
	    ? scoreboard_poison(c->args->shared, j->message.id)
	    : 0;
}

static void
take_message(struct child *c, struct message *m, int64_t received_ms,
    int64_t now_ms)
{
	const char *mismatch = message_mismatch(m);
	struct job *j;

	/* A poll can be older than the timeout: that began when it answered. */
	j = jobs_add(&c->jobs, m, received_ms,
	    now_ms + c->queue->visibility_timeout_ms, now_ms);
	j->owner = c;
	settle_watch(c->settle, j, now_ms);
	if (mismatch != NULL) {
		log_error("message_corrupt", log_str("id", j->message.id),
		    log_str("part", mismatch),
		    log_str("msg", "its MD5 does not match: given back"));
		(void)snprintf(j->reason, sizeof(j->reason), "MD5 of %s",
		    mismatch);
		settle_give_back(c->settle, j, JOB_RETRIED, CORRUPT_DELAY_S,
		    now_ms);
	} else if (!child_is_at_work(c)) {
		/* The poll that was under way when the end began. */
		outcome_release(c, j, now_ms);
	} else if ((j->kills = kills_by(c, j)) > 0) {
		outcome_poisoned(c, j, now_ms);
	}
}

/* Without what is missing nothing can be done for them. */
static void
pass_unusable(struct child *c, const struct message_list *list, int64_t now_ms)
{
	struct log_repeat *r = &c->unusable;

	if (list->n_unusable == 0)
		return;
	if (log_repeat_is_due(r, list->reason, LOG_REPEAT_MS, now_ms))
		log_error("messages_unusable",
		    log_int("messages", (long long)list->n_unusable),
		    log_str("error", list->reason),
		    log_int(r->unlogged > 0 ? "unlogged" : NULL, r->unlogged),
		    log_str("msg",
			"the server sent what cannot be worked: "
			"it is left to its timeout"));
	scoreboard_pass(c->row, list->n_unusable);
}

static void
on_messages(void *arg, struct message_list *list, int64_t received_ms)
{
	struct child *c = arg;
	int64_t now_ms = clock_ms();
	size_t i;

	if (list->n + list->n_unusable > 0)
		brake_message_came(&c->brake);
	if (list->n > 0)
		idle_pollers_found(&c->idle_pollers);
	else if (!c->receive_max.ahead) /* else it did not wait */
		idle_pollers_empty(&c->idle_pollers);
	pass_unusable(c, list, now_ms);
	if (list->n + list->n_unusable == 0)
		settle_queue_is_empty(c->settle, now_ms);
	receive_max_received(&c->receive_max, (int)list->n, now_ms);
	for (i = 0; i < list->n && jobs_room(&c->jobs) > 0; i++)
		take_message(c, &list->messages[i], received_ms, now_ms);
	outcome_release_blocked(c, now_ms);
	if (i == list->n)
		return;
	log_error("too_many_messages", log_int("messages", (long long)list->n),
	    log_str("msg",
		"the server sent more "
		"than was asked for: the rest waits for its timeout"));
	scoreboard_pass(c->row, list->n - i);
}

static void
begin(struct child *c, struct job *j, int64_t now_ms)
{
	jobs_start(&c->jobs, j, now_ms);
	c->ops->begin(c->handler, &j->payload, now_ms, j);
}

static void
on_fetched(void *arg, struct job *j, const struct handler_result *failed)
{
	if (failed != NULL)
		outcome_of_verdict(j, failed);
	else
		begin(arg, j, clock_ms());
}

/*
 * One object at a time, and nothing is begun before it is there.  Each may
 * put the brake on, and then nothing more is begun at all.
 */
static void
begin_jobs(struct child *c, int64_t now_ms)
{
	struct job *j;

	if (!child_is_at_work(c))
		return;
	while (outcome_check_brake(c, now_ms),
	    c->ops->room(c->handler) > 0 && !fetch_busy(c->fetch) &&
		(j = jobs_next_held(&c->jobs)) != NULL) {
		payload_open(&j->payload, &j->message, c->queue);
		if (fetch_wanted(c->fetch, &j->payload))
			fetch_start(c->fetch, j, now_ms);
		else
			begin(c, j, now_ms);
	}
}

static bool
may_ask_ahead(const struct child *c, int64_t now_ms)
{
	return receive_max_may_ask_ahead(&c->receive_max, c->jobs.n_unsettled,
	    now_ms - clock_earlier(now_ms, jobs_working_since(&c->jobs)));
}

/*
 * Nothing is asked for behind a job, unless that is as good as done; nor while
 * SQS does not take what became of others: it would be worked for nothing.
 */
static int
wanted_messages(const struct child *c, int64_t now_ms)
{
	int n = receive_max_wanted(&c->receive_max, now_ms);

	if (c->stage != STAGE_RUN || child_is_paused(c) || c->leaving ||
	    settle_is_stuck(c->settle) || jobs_room(&c->jobs) < (size_t)n ||
	    (c->jobs.n_unsettled > 0 && !may_ask_ahead(c, now_ms)))
		return 0;
	return n;
}

/*
 * While the brake is on, one child asks for one message.  A handler that is
 * seen to be unusable needs none: each receive would bring a message nearer to
 * the dead-letter queue.
 */
static int
trial_messages(struct child *c, int64_t now_ms)
{
	if (c->jobs.n_unsettled > 0 || receive_is_polling(c->receive) ||
	    receive_is_pausing(c->receive, now_ms) ||
	    !brake_may_try(&c->brake, now_ms))
		return 0;
	if (!outcome_look(c, now_ms)) {
		brake_trial_failed(&c->brake, backoff_random(), now_ms);
		return 0;
	}
	return 1;
}

/*
 * A trial ends with its message, whatever became of that: one whose object
 * cannot be fetched, or that is corrupt, is followed by a pause like one that
 * the handler failed at.
 */
static void
end_trial(struct child *c, int64_t now_ms)
{
	if (c->jobs.n_unsettled == 0 && brake_trial_is_over(&c->brake))
		brake_trial_failed(&c->brake, backoff_random(), now_ms);
}

static void
keep_trial(struct child *c, bool wanted, int64_t now_ms)
{
	if (!wanted && c->jobs.n_unsettled == 0 &&
	    !receive_is_polling(c->receive))
		brake_give_up(&c->brake);
	else
		brake_renew(&c->brake, now_ms);
}

static void
receive_messages(struct child *c, int64_t now_ms)
{
	int wanted = wanted_messages(c, now_ms), n = wanted;
	bool ahead = c->jobs.n_unsettled > 0;

	end_trial(c, now_ms);
	if (n > 0 && brake_is_on(&c->brake))
		n = trial_messages(c, now_ms);
	/* In trouble each tries for itself, as often as its pauses let it. */
	if (receive_trouble(c->receive) != NULL)
		idle_pollers_failed(&c->idle_pollers);
	if (n > 0 && !receive_is_polling(c->receive) &&
	    idle_pollers_may_poll(&c->idle_pollers, now_ms) &&
	    receive_step(c->receive, n, !ahead, now_ms)) {
		receive_max_asked(&c->receive_max, n, ahead);
		idle_pollers_polled(&c->idle_pollers);
	}
	if (n > 0 || (c->stage == STAGE_RUN && receive_is_polling(c->receive)))
		idle_pollers_renew(&c->idle_pollers, now_ms);
	else
		idle_pollers_give_up(&c->idle_pollers);
	keep_trial(c, wanted > 0, now_ms);
}

/* Not before a failed poll of its own lets it poll again. */
static int64_t
trial_deadline(const struct child *c, int64_t now_ms)
{
	int64_t trial_ms = brake_deadline(&c->brake, now_ms);
	int64_t poll_ms = receive_deadline(c->receive);

	return trial_ms > poll_ms ? trial_ms : poll_ms;
}

static int64_t
receiving_deadline(const struct child *c, int64_t now_ms)
{
	int64_t deadline = idle_pollers_deadline(&c->idle_pollers);

	if (wanted_messages(c, now_ms) == 0 && !receive_is_polling(c->receive))
		return CLOCK_NEVER;
	if (brake_is_on(&c->brake) && !brake_is_trying(&c->brake) &&
	    !receive_is_polling(c->receive))
		return trial_deadline(c, now_ms);
	return idle_pollers_sleeps(&c->idle_pollers)
	    ? deadline
	    : clock_earlier(deadline, receive_deadline(c->receive));
}

/* ---- messages that wait ---- */

static int64_t
patience_end_ms(const struct child *c)
{
	int64_t since_ms = jobs_waiting_since(&c->jobs);
	int64_t patience_ms = receive_max_patience_ms(&c->receive_max);

	return since_ms == CLOCK_NEVER || patience_ms == CLOCK_NEVER
	    ? CLOCK_NEVER
	    : since_ms + patience_ms;
}

/* What waits behind a long job another child can work. */
static void
check_patience(struct child *c, int64_t now_ms)
{
	struct job *j;

	if (patience_end_ms(c) > now_ms)
		return;
	receive_max_handled(&c->receive_max, RECEIVE_MAX_PATIENCE_MS, now_ms);
	TAILQ_FOREACH(j, &c->jobs.list, entry)
		if (j->state == JOB_HELD)
			(void)snprintf(j->reason, sizeof(j->reason),
			    "waited behind another");
	outcome_release_held(c, now_ms);
}

/* ---- the end ---- */

/* Without a supervisor nobody tells the stages of the end. */
static void
keep_time(struct child *c, int64_t now_ms)
{
	struct grace g = grace_split(c->settings->grace_timeout_ms);

	c->release_at_ms = now_ms + g.release_ms;
	c->give_up_at_ms = now_ms + g.exit_ms;
}

static void
begin_drain(struct child *c, int64_t now_ms)
{
	if (c->stage != STAGE_RUN)
		return;
	c->stage = STAGE_DRAIN;
	receive_end(c->receive);
	if (c->args->parent == 0) {
		c->stop_ms = now_ms;
		keep_time(c, now_ms);
	}
	log_debug("drain", log_int("in_hand", (long long)c->jobs.n));
}

static void
release_unbegun(struct child *c, int64_t now_ms)
{
	struct job *fetched = fetch_cancel(c->fetch);

	if (fetched != NULL)
		outcome_release(c, fetched, now_ms);
	outcome_release_held(c, now_ms);
}

static void
begin_release(struct child *c, int64_t now_ms)
{
	begin_drain(c, now_ms);
	if (c->stage == STAGE_RELEASE)
		return;
	c->stage = STAGE_RELEASE;
	c->release_at_ms = CLOCK_NEVER;
	if (c->jobs.n_unsettled > 0)
		c->forced = true;
	deadletter_give_up(c->deadletter, "stopped");
	c->ops->cancel(c->handler, NULL, CANCEL_KILL_MS, now_ms);
}

static void
check_parent(struct child *c, int64_t now_ms)
{
	if (c->orphaned || c->args->parent == 0 || getppid() == c->args->parent)
		return;
	c->orphaned = true;
	c->stop_ms = now_ms;
	log_warn("supervisor_gone", log_int("in_hand", (long long)c->jobs.n),
	    log_str("msg", "finishing what is in hand"));
	begin_drain(c, now_ms);
	keep_time(c, now_ms);
}

/*
 * The poll is waited for, except when nobody is left to wait for us, or the
 * time is up.
 */
static bool
is_over(const struct child *c)
{
	if (c->give_up_at_ms <= clock_ms())
		return true;
	if (c->stage == STAGE_RUN || c->jobs.n > 0)
		return false;
	return !receive_is_polling(c->receive) || c->orphaned ||
	    c->stage == STAGE_RELEASE;
}

/* ---- signals ---- */

static void
on_signal(struct child *c, int signal, int64_t now_ms)
{
	switch (signal) {
	case SIGTERM:
		begin_drain(c, now_ms);
		break;
	case SIGHUP:
		if (c->args->ends_with_terminal)
			begin_drain(c, now_ms);
		break;
	case SIGINT:
	case SIGQUIT:
		begin_release(c, now_ms);
		break;
	case SIGCHLD:
		c->sigchld = true;
		break;
	default: /* SIGUSR2 was to turn the loop; the rest means nothing */
		break;
	}
}

static void
read_signals(struct child *c, int64_t now_ms)
{
	struct signalfd_siginfo info;

	while (read(c->signal_fd, &info, sizeof(info)) == sizeof(info))
		on_signal(c, (int)info.ssi_signo, now_ms);
}

/*
 * Faults keep their default action: a core is worth more than a clean log.
 * SIGABRT is how the supervisor asks for one.
 */
static int
open_signals(void)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT,
		SIGTRAP, SIGSYS };
	sigset_t set;
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	sigfillset(&set);
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigdelset(&set, faults[i]);
	if (sigprocmask(SIG_SETMASK, &set, NULL) == -1)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- recycling ---- */

static uint64_t
received(const struct child *c)
{
	return atomic_load(&c->row->counters[SCOREBOARD_RECEIVED]);
}

static void
tell_supervisor(const struct child *c)
{
	const uint64_t one = 1;

	if (c->args->wake_fd != -1)
		(void)!write(c->args->wake_fd, &one, sizeof(one));
}

/* Without a supervisor nobody sends a child home: it goes. */
static void
ask_to_go(struct child *c, int64_t now_ms)
{
	log_debug("recycle",
	    log_int("messages", (long long)c->recycle.messages),
	    log_ms("age", now_ms - c->recycle.began_ms),
	    log_int(c->recycle.memory > 0 ? "memory" : NULL,
		c->recycle.memory));
	recycle_ask(&c->recycle, now_ms);
	scoreboard_set_ask(c->row, c->recycle.reason);
	tell_supervisor(c);
	if (c->args->parent == 0)
		begin_drain(c, now_ms);
}

static void
check_limits(struct child *c, int64_t now_ms)
{
	if (c->stage == STAGE_RUN)
		(void)recycle_step(&c->recycle,
		    received(c) - c->received_before, now_ms);
	c->leaving = recycle_holds(&c->recycle, now_ms);
}

/* Once nothing is in its hands, and after whatever may have emptied them. */
static void
check_leave(struct child *c, int64_t now_ms)
{
	if (c->stage == STAGE_RUN && c->leaving && c->recycle.asked_ms == 0 &&
	    c->jobs.n == 0 && !receive_is_polling(c->receive))
		ask_to_go(c, now_ms);
}

/* ---- the loop ---- */

/* A stop has its own limits: grace_timeout. */
static bool
is_awaited(const struct child *c)
{
	return c->leaving ||
	    (c->stage != STAGE_RUN && child_stop_began_ms(c) == 0);
}

/* Starts everything that can start, sends everything that is due. */
static void
advance(struct child *c, int64_t now_ms)
{
	check_parent(c, now_ms);
	if (c->release_at_ms <= now_ms)
		begin_release(c, now_ms);
	if (!child_is_at_work(c))
		release_unbegun(c, now_ms);
	aws_step(c->client.aws, now_ms);
	check_limits(c, now_ms);
	fetch_step(c->fetch, now_ms);
	begin_jobs(c, now_ms);
	check_patience(c, now_ms);
	deadletter_step(c->deadletter, now_ms);
	/* Before an end nothing waits. */
	settle_step(c->settle,
	    c->stage == STAGE_RUN &&
		receive_max_is_quick(&c->receive_max, c->jobs.n_unsettled),
	    is_awaited(c), now_ms);
	check_leave(c, now_ms);
	receive_messages(c, now_ms);
	show_calls(c, now_ms);
	scoreboard_set_trouble(c->row,
	    receive_trouble(c->receive) != NULL || settle_in_trouble(c->settle),
	    now_ms);
	show_phase(c, now_ms);
}

static int64_t
next_deadline(const struct child *c, int64_t now_ms)
{
	/* The supervisor wants to see the loop turn. */
	int64_t deadline = now_ms + c->settings->heartbeat_timeout_ms / 3;

	deadline = clock_earlier(deadline, show_deadline(c));
	deadline =
	    clock_earlier(deadline, recycle_deadline(&c->recycle, now_ms));
	deadline = clock_earlier(deadline, c->release_at_ms);
	deadline = clock_earlier(deadline, c->give_up_at_ms);
	deadline = clock_earlier(deadline, aws_deadline(c->client.aws));
	deadline = clock_earlier(deadline, settle_deadline(c->settle));
	deadline = clock_earlier(deadline, deadletter_deadline(c->deadletter));
	deadline = clock_earlier(deadline, fetch_deadline(c->fetch));
	deadline = clock_earlier(deadline, c->ops->deadline(c->handler));
	deadline = clock_earlier(deadline, patience_end_ms(c));
	if (brake_is_trying(&c->brake))
		deadline =
		    clock_earlier(deadline, brake_deadline(&c->brake, now_ms));
	return clock_earlier(deadline, receiving_deadline(c, now_ms));
}

static void
fill_waitfds(struct child *c)
{
	c->n_fds = 0;
	c->fds[c->n_fds++] = (struct curl_waitfd){ .fd = c->signal_fd,
		.events = CURL_WAIT_POLLIN };
	/* Once it is at its end it would be ready for ever. */
	if (c->args->death_fd != -1 && !c->orphaned)
		c->fds[c->n_fds++] =
		    (struct curl_waitfd){ .fd = c->args->death_fd,
			    .events = CURL_WAIT_POLLIN };
	c->idle_pollers_at = c->n_fds;
	if (idle_pollers_fd(&c->idle_pollers) != -1)
		c->fds[c->n_fds++] =
		    (struct curl_waitfd){ .fd =
					      idle_pollers_fd(&c->idle_pollers),
			    .events = CURL_WAIT_POLLIN };
	c->n_own_fds = c->n_fds;
	c->n_fds += c->ops->waitfds(c->handler, c->fds + c->n_fds,
	    WAITFDS_MAX - c->n_fds);
}

static void
turn(struct child *c)
{
	int64_t now_ms = clock_ms();

	advance(c, now_ms);
	if (is_over(c))
		return;
	fill_waitfds(c);
	http_wait(c->client.http, c->fds, c->n_fds,
	    clock_timeout_ms(now_ms, next_deadline(c, now_ms), 60000));
	now_ms = clock_ms();
	scoreboard_progress(c->row, now_ms);
	c->sigchld = false;
	if (c->fds[0].revents != 0)
		read_signals(c, now_ms);
	if (idle_pollers_fd(&c->idle_pollers) != -1 &&
	    c->fds[c->idle_pollers_at].revents != 0)
		idle_pollers_woken(&c->idle_pollers);
	c->ops->step(c->handler, c->fds + c->n_own_fds, c->n_fds - c->n_own_fds,
	    c->sigchld, now_ms);
}

static int
open_child(struct child *c, struct error *e)
{
	const struct handler_args handler_args = { c->queue,
		outcome_of_verdict };

	c->wait_time_s = grace_wait_time_s(c->settings->grace_timeout_ms,
	    (int)(c->queue->wait_time_ms / 1000));

	c->signal_fd = open_signals();
	if (c->signal_fd == -1)
		return error_set_errno(e, ERROR_INVALID, "cannot open signals");
	if (aws_client_open(&c->client, c->settings, c->queue,
		c->args->credentials, e) == -1)
		return -1;
	if (idle_pollers_open(&c->idle_pollers, c->args->shared, c->args->slot,
		c->queue->idle_pollers, c->args->idle_pollers_fd) == -1)
		return error_set_errno(e, ERROR_INVALID, "cannot open turns");
	receive_max_init(&c->receive_max, c->queue->receive_max);
	brake_init(&c->brake, c->args->shared, c->queue, c->args->slot);
	jobs_init(&c->jobs, c->row);
	c->jobs.fifo = c->queue->fifo;
	c->receive = receive_new(c->client.aws, c->queue, c->wait_time_s,
	    on_messages, c);
	c->settle =
	    settle_new(c->client.aws, c->queue, &c->jobs, outcome_lost, c);
	c->deadletter = deadletter_new(c->client.aws, c->queue, &c->jobs,
	    c->settle, outcome_not_moved, c);
	c->fetch = fetch_new(c->client.s3, c->queue, on_fetched, c);
	c->ops = c->args->ops != NULL ? c->args->ops
				      : handler_kinds[c->queue->handler];
	c->handler = c->ops->open(&handler_args, e);
	return c->handler != NULL ? 0 : -1;
}

static void
close_child(struct child *c)
{
	if (c->handler != NULL)
		c->ops->close(c->handler);
	if (c->brake.page != NULL)
		brake_give_up(&c->brake);
	idle_pollers_close(&c->idle_pollers);
	receive_free(c->receive);
	fetch_free(c->fetch);
	deadletter_free(c->deadletter);
	settle_free(c->settle);
	jobs_release(&c->jobs);
	aws_client_close(&c->client);
	close(c->signal_fd);
}

static int
run(struct child *c)
{
	recycle_init(&c->recycle, c->queue, backoff_random(), clock_ms());
	c->received_before = received(c);
	show_ready(c, clock_ms());
	tell_supervisor(c);
	(void)outcome_look(c, clock_ms());
	/* What was sent before we could see it comes before the first poll. */
	read_signals(c, clock_ms());
	while (!is_over(c))
		turn(c);
	return c->forced || c->jobs.n > 0 ? EXITCODE_FORCED : EXITCODE_OK;
}

void
child_main(const struct child_args *args)
{
	static struct child c; /* zero; one a process */
	struct error e;
	int status = EXITCODE_INTERNAL;

	c.args = args;
	c.settings = args->settings;
	c.queue = args->queue;
	c.row = args->row;
	c.release_at_ms = c.give_up_at_ms = CLOCK_NEVER;
	c.idle_pollers.turn = c.idle_pollers.watch_fd = -1;
	if (args->shared != NULL)
		log_share(args->shared->said);
	if (open_child(&c, &e) == -1)
		log_error("child_failed", LOG_ERROR_FIELDS(&e));
	else
		status = run(&c);
	close_child(&c);
	exit(status);
}
