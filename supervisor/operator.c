/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * See operator.h.
 */
#include "supervisor/operator.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "supervisor/balance.h"
#include "supervisor/control/control_request.h"
#include "supervisor/report/status.h"
#include "supervisor/reports.h"
#include "supervisor/slot_actions.h"
#include "supervisor/slots/pool_count.h"
#include "supervisor/slots/process.h"
#include "supervisor/slots/slot_record.h"
#include "supervisor/state.h"
#include "supervisor/stop_requests.h"

#include "common/base/banned.h"

/* ---- changes; each returns 0, or -1 with the reason in why ---- */

static int
reload_into(struct supervisor *s, char why[RELOAD_WHY_MAX])
{
	struct settings *fresh =
	    reload_settings(s->input, pool_settings(&s->pool), why);

	if (fresh == NULL)
		return -1;
	if (pool_adopt(&s->pool, fresh) == -1) {
		(void)strlcpy(why, strerror(errno), RELOAD_WHY_MAX);
		settings_free(fresh);
		return -1;
	}
	log_init((enum log_format)fresh->log_format,
	    (enum log_level)fresh->log_level);
	return 0;
}

int
operator_reload(struct supervisor *s, char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	int result;

	if (stop_is_begun(&s->stop)) {
		(void)strlcpy(why, "a stop is under way", RELOAD_WHY_MAX);
		log_info("reload_ignored", log_str("msg", why));
		return -1;
	}
	if (s->told_ready)
		notify_reloading(s->notify, clock_us(), now_ms);
	result = reload_into(s, why);
	if (result == 0) {
		s->rolling = true;
		log_info("reload_began",
		    log_int("children", (long long)pool_count_live(&s->pool)));
		balance_pool(s, now_ms);
		reporter_process_reload(s, now_ms);
	} else
		log_error("reload_failed",
		    log_str("msg", "the old settings stay in force"),
		    log_str("error", why));
	if (s->told_ready)
		notify_ready(s->notify, now_ms);
	return result;
}

int
operator_scale(struct supervisor *s, struct pool_queue *q, size_t children,
    char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	size_t others = pool_count_wanted(&s->pool) - q->wanted;

	if (stop_is_begun(&s->stop)) {
		(void)strlcpy(why, "a stop is under way", RELOAD_WHY_MAX);
		return -1;
	}
	if (children < 1 || children > SETTINGS_CHILDREN_MAX ||
	    others + children > SETTINGS_ALL_CHILDREN_MAX) {
		(void)snprintf(why, RELOAD_WHY_MAX,
		    "a queue has 1 to %d children, and all queues %d at most",
		    SETTINGS_CHILDREN_MAX, SETTINGS_ALL_CHILDREN_MAX);
		return -1;
	}
	log_info("scaled", log_str("queue", q->name),
	    log_int("from", (long long)q->wanted),
	    log_int("children", (long long)children));
	q->wanted = children;
	balance_pool(s, now_ms);
	return 0;
}

/*
 * The signal only wakes the children: each checks in every turn whether it is
 * paused.
 */
static void
set_paused(struct supervisor *s, struct pool_queue *q, bool paused)
{
	size_t i;

	log_info(paused ? "paused" : "resumed", log_str("queue", q->name));
	q->shared->paused = paused;
	for (i = 0; i < s->pool.n; i++)
		if (s->pool.places[i]->queue == q &&
		    slot_is_live(&s->pool.places[i]->slot))
			process_ask(s->pool.places[i]->slot.pid, SIGUSR2);
}

static int
restart(struct supervisor *s, struct place *p, char why[RELOAD_WHY_MAX],
    int64_t now_ms)
{
	if (stop_is_begun(&s->stop) || !p->slot.wanted) {
		(void)strlcpy(why, "this slot is ending", RELOAD_WHY_MAX);
		return -1;
	}
	log_info("restart_asked", SLOT_RECORD_PLACE(p),
	    log_str("state", slot_state_name(p->slot.state)));
	(void)slot_actions_apply_event(s, p, SLOT_EVENT_DRAIN, now_ms);
	return 0;
}

/* ---- requests on the control socket ---- */

static int
obey_for_queue(struct supervisor *s, const struct control_request *r,
    char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	struct pool_queue *q = pool_find_queue(&s->pool, r->queue);

	if (q == NULL) {
		(void)snprintf(why, RELOAD_WHY_MAX, "there is no queue %s",
		    r->queue);
		return -1;
	}
	if (r->kind == CONTROL_REQUEST_SCALE)
		return operator_scale(s, q, r->number, why, now_ms);
	set_paused(s, q, r->kind == CONTROL_REQUEST_PAUSE);
	return 0;
}

static int
obey_for_slot(struct supervisor *s, const struct control_request *r,
    char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	struct place *p = pool_find_slot(&s->pool, r->queue, r->number);

	if (p != NULL)
		return restart(s, p, why, now_ms);
	(void)snprintf(why, RELOAD_WHY_MAX, "there is no slot %s/%u", r->queue,
	    r->number);
	return -1;
}

static int
obey(struct supervisor *s, const struct control_request *r,
    char why[RELOAD_WHY_MAX], int64_t now_ms)
{
	switch (r->kind) {
	case CONTROL_REQUEST_SCALE:
	case CONTROL_REQUEST_PAUSE:
	case CONTROL_REQUEST_RESUME:
		return obey_for_queue(s, r, why, now_ms);
	case CONTROL_REQUEST_RESTART:
		return obey_for_slot(s, r, why, now_ms);
	case CONTROL_REQUEST_RELOAD:
		return operator_reload(s, why, now_ms);
	case CONTROL_REQUEST_DRAIN:
		stop_requests_drain(s, now_ms);
		return 0;
	case CONTROL_REQUEST_STOP:
		stop_requests_begin(s,
		    &(struct stop_request){ .sender_pid = -1,
			.msg = "asked on the control socket" },
		    now_ms);
		return 0;
	case CONTROL_REQUEST_STATUS:
	case CONTROL_REQUEST_HEALTH:
	case CONTROL_REQUEST_METRICS:
	case CONTROL_REQUEST_KINDS:
		break;
	}
	return -1;
}

void
operator_answer(void *arg, struct span line, struct buf *to, int64_t now_ms)
{
	struct supervisor *s = arg;
	char why[RELOAD_WHY_MAX] = "";
	const char *wrong;
	struct control_request r;

	if (control_request_parse(line, &r, &wrong) == -1)
		status_answer(to, false, wrong);
	else if (reports_put(s, &r, to, now_ms))
		return;
	else if (obey(s, &r, why, now_ms) == -1)
		status_answer(to, false, why);
	else
		status_answer(to, true, control_request_done_text(r.kind));
}
