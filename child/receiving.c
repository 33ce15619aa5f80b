/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See receiving.h. */
#include "child/receiving.h"

#include <stdio.h>

#include "child/braking.h"
#include "child/outcome.h"
#include "child/stage.h"
#include "common/aws/message_md5.h"
#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/ipc/scoreboard_child.h"

#include "common/base/banned.h"

enum {
	CORRUPT_DELAY_S = 30
};

bool
receiving_is_paused(const struct child *c)
{
	return c->args->shared != NULL && c->args->shared->paused != 0;
}

/* ---- what a receive brought ---- */

static unsigned
count_deaths(const struct child *c, const struct job *j)
{
	return c->queue->poison_kills > 0
	    ? queue_board_deaths(c->args->shared, j->message.id)
	    : 0;
}

static void
take_message(struct child *c, struct message *m, int64_t received_ms,
    int64_t now_ms)
{
	const char *mismatch = message_md5_mismatch(m);
	struct job *j;

	/* The visibility timeout began when SQS answered, which may be long
	   after received_ms, when a long poll was sent. */
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
	} else if (!stage_is_at_work(c)) {
		/* The message came with the poll that was under way when the
		   end began. */
		outcome_release(c, j, now_ms);
	} else if ((j->kills = count_deaths(c, j)) > 0) {
		outcome_poisoned(c, j, now_ms);
	}
}

/*
 * A message without, for instance, a receipt handle can be neither worked nor
 * given back.
 */
static void
leave_unusable(struct child *c, const struct message_list *list, int64_t now_ms)
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
	scoreboard_count_expired(c->row, list->n_unusable);
}

void
receiving_on_messages(void *arg, struct message_list *list, int64_t received_ms)
{
	struct child *c = arg;
	int64_t now_ms = clock_ms();
	size_t i;

	if (list->n + list->n_unusable > 0)
		brake_message_came(&c->brake);
	if (list->n > 0)
		idle_pollers_found(&c->idle_pollers);
	else if (!c->receive_max.ahead) /* else the receive did not wait */
		idle_pollers_found_nothing(&c->idle_pollers);
	leave_unusable(c, list, now_ms);
	if (list->n + list->n_unusable == 0)
		settle_on_empty_queue(c->settle, now_ms);
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
	scoreboard_count_expired(c->row, list->n - i);
}

/* ---- whether to receive ---- */

static bool
may_ask_ahead(const struct child *c, int64_t now_ms)
{
	return receive_max_may_ask_ahead(&c->receive_max, c->jobs.n_unsettled,
	    now_ms - clock_earlier(now_ms, jobs_working_since(&c->jobs)));
}

/*
 * The child asks for no message behind one that is being worked, unless that is
 * as good as done; and for none while SQS does not take settles: a message that
 * came would be worked in vain.
 */
static int
wanted_messages(const struct child *c, int64_t now_ms)
{
	int n = receive_max_wanted(&c->receive_max, now_ms);

	if (c->stage != STAGE_RUN || receiving_is_paused(c) || c->leaving ||
	    settle_is_stuck(c->settle) || jobs_room(&c->jobs) < (size_t)n ||
	    (c->jobs.n_unsettled > 0 && !may_ask_ahead(c, now_ms)))
		return 0;
	return n;
}

/*
 * While the brake is on, one child asks for one message.  A handler that a
 * check finds unusable needs no trial: each receive would bring a message
 * nearer to the dead-letter queue.
 */
static int
trial_messages(struct child *c, int64_t now_ms)
{
	if (c->jobs.n_unsettled > 0 || receive_is_polling(c->receive) ||
	    receive_is_pausing(c->receive, now_ms) ||
	    !brake_try(&c->brake, now_ms))
		return 0;
	if (!braking_check_handler(c, now_ms)) {
		brake_trial_failed(&c->brake, backoff_random(), now_ms);
		return 0;
	}
	return 1;
}

/*
 * A trial ends with its message, whatever became of it.  A message whose object
 * cannot be fetched, or that is corrupt, is followed by a pause, just like a
 * message that the handler failed at.
 */
static void
end_trial(struct child *c, int64_t now_ms)
{
	if (c->jobs.n_unsettled == 0 && brake_trial_is_over(&c->brake))
		brake_trial_failed(&c->brake, backoff_random(), now_ms);
}

/* Returns when to be called next. */
static int64_t
keep_trial(struct child *c, bool is_wanted, int64_t now_ms)
{
	if (is_wanted || c->jobs.n_unsettled > 0 ||
	    receive_is_polling(c->receive))
		return brake_step(&c->brake, now_ms);
	brake_give_up(&c->brake);
	return CLOCK_NEVER;
}

/*
 * turn_ms: when a turn to poll is to be renewed or may be free; trial_ms: when
 * the lease of a trial is to be renewed or may be free.
 */
static int64_t
next_ms(const struct child *c, bool is_wanted, int64_t turn_ms,
    int64_t trial_ms)
{
	bool is_trying = brake_is_trying(&c->brake);
	int64_t ready_ms = receive_ready_ms(c->receive);
	int64_t next = is_trying ? trial_ms : CLOCK_NEVER;

	if (!is_wanted && !receive_is_polling(c->receive))
		return next;
	/* The lease may be free, but a failed poll of this child has a pause of
	   its own. */
	if (brake_is_on(&c->brake) && !is_trying &&
	    !receive_is_polling(c->receive))
		return trial_ms > ready_ms ? trial_ms : ready_ms;
	next = clock_earlier(next, turn_ms);
	return idle_pollers_sleeps(&c->idle_pollers)
	    ? next
	    : clock_earlier(next, ready_ms);
}

int64_t
receiving_step(struct child *c, int64_t now_ms)
{
	int wanted = wanted_messages(c, now_ms), n = wanted;
	bool ahead = c->jobs.n_unsettled > 0;
	int64_t turn_ms, trial_ms;

	end_trial(c, now_ms);
	if (n > 0 && brake_is_on(&c->brake))
		n = trial_messages(c, now_ms);
	/* After a failed receive each child tries for itself, as often as its
	   own pauses allow. */
	if (receive_trouble(c->receive) != NULL)
		idle_pollers_failed(&c->idle_pollers);
	if (n > 0 && !receive_is_polling(c->receive) &&
	    idle_pollers_take_turn(&c->idle_pollers, now_ms) &&
	    receive_begin(c->receive, n, !ahead, now_ms)) {
		receive_max_asked(&c->receive_max, n, ahead);
		idle_pollers_polled(&c->idle_pollers);
	}
	turn_ms = idle_pollers_step(&c->idle_pollers,
	    n > 0 || (c->stage == STAGE_RUN && receive_is_polling(c->receive)),
	    now_ms);
	trial_ms = keep_trial(c, wanted > 0, now_ms);
	return next_ms(c, wanted > 0, turn_ms, trial_ms);
}
