/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See braking.h. */
#include "child/braking.h"

#include <stdio.h>
#include <string.h>

#include "child/stage.h"
#include "common/base/log.h"

#include "common/base/banned.h"

enum {
	NOT_EXECUTABLE = 126, /* as shells and env(1) say it */
	NOT_FOUND = 127
};

int
braking_delay_s(const struct child *c)
{
	return (int)(c->queue->retry_cap_ms / 1000);
}

static void
give_back(struct child *c, struct job *j, int64_t now_ms)
{
	(void)snprintf(j->reason, sizeof(j->reason),
	    "the handler does not work");
	settle_give_back(c->settle, j, JOB_RELEASED, braking_delay_s(c),
	    now_ms);
}

/*
 * The messages are hidden for as long as a retry can take: to receive them
 * again soon would only raise their receive counts.
 */
void
braking_give_back_held(struct child *c, int64_t now_ms)
{
	struct job *j;

	if (!brake_is_on(&c->brake) || brake_is_trying(&c->brake) ||
	    !stage_is_at_work(c))
		return;
	TAILQ_FOREACH(j, &c->jobs.list, entry)
		if (j->state == JOB_HELD)
			give_back(c, j, now_ms);
}

static void
log_brake_on(const struct child *c, bool is_no_start)
{
	log_error("brake_on", log_str("error", brake_why(&c->brake)),
	    log_str("msg",
		is_no_start ? "the handler cannot be started: one child tries "
			      "now and then, until a message is done"
			    : "the handler fails at everything: one child "
			      "tries now and then, until a message is done"));
}

bool
braking_check_handler(struct child *c, int64_t now_ms)
{
	char why[SCOREBOARD_ERROR_MAX + 1];
	struct error e;

	if (c->ops->is_usable(c->handler, &e)) {
		if (brake_check_passed(&c->brake))
			log_info("brake_released",
			    log_str("msg",
				"the handler can be started: all children "
				"receive again"));
		return true;
	}
	(void)snprintf(why, sizeof(why),
	    "cannot start \"%s\": ", c->queue->command[0]);
	(void)strlcat(why, e.text, sizeof(why));
	if (brake_check_failed(&c->brake, why, now_ms))
		log_brake_on(c, true);
	return false;
}

void
braking_on_success(struct child *c)
{
	if (brake_message_done(&c->brake))
		log_info("brake_released",
		    log_str("msg",
			"a message was done: all children receive again"));
}

/*
 * A wrapper or an interpreter that does not find the program exits with one of
 * these statuses; but a handler that has worked may mean something else by
 * them.
 */
static bool
is_no_start(const struct child *c, const struct handler_result *r)
{
	return r->verdict == VERDICT_BROKEN ||
	    (r->verdict == VERDICT_RETRY && !brake_has_succeeded(&c->brake) &&
		(r->exit_status == NOT_EXECUTABLE ||
		    r->exit_status == NOT_FOUND));
}

/*
 * For a script whose interpreter is missing, errno alone says "No such file",
 * although the script is there: so the reason is added.
 */
static void
describe_no_start(const struct child *c, const struct job *j, char *to,
    size_t size)
{
	struct error e;

	job_describe_failure(j, to, size);
	if (c->ops->is_usable(c->handler, &e))
		return;
	(void)strlcat(to, "; ", size);
	(void)strlcat(to, e.text, size);
}

/*
 * A message counts only if a handler was given it, and neither a stop nor the
 * loss of the message cut the handler short.
 */
void
braking_on_failure(struct child *c, const struct job *j,
    const struct handler_result *r, int64_t now_ms)
{
	char why[SCOREBOARD_ERROR_MAX + 1];
	bool no_start = is_no_start(c, r);

	if (j->state != JOB_WORKING || j->lost || c->stage == STAGE_RELEASE)
		return;
	if (no_start)
		describe_no_start(c, j, why, sizeof(why));
	else
		job_describe_failure(j, why, sizeof(why));
	if (brake_message_failed(&c->brake, j->message.id, no_start, why,
		now_ms))
		log_brake_on(c, no_start);
}
