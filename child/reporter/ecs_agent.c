/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See ecs_agent.h. */
#include "child/reporter/ecs_agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/error.h"
#include "common/base/log.h"

#include "common/base/banned.h"

enum {
	CONNECT_MS = 2000,
	ANSWER_MS = 10000, /* the agent waits 4 s for ECS itself */
	ANSWER_MAX = 64 * 1024,
	BODY_MAX = 1024
};

static const char *
agent_uri(void)
{
	const char *uri = getenv("ECS_AGENT_URI");

	return uri != NULL && uri[0] != '\0' ? uri : NULL;
}

bool
ecs_agent_is_there(void)
{
	return agent_uri() != NULL;
}

bool
ecs_agent_open(struct ecs_agent *a, struct http *http,
    struct reporter_board *board, int64_t now_ms)
{
	const char *uri = agent_uri();

	*a = (struct ecs_agent){ .http = http, .board = board };
	buf_init(&a->body, BODY_MAX);
	a->protection.until_ms =
	    ecs_protection_until(atomic_load(&board->protected_until_ms),
		now_ms);
	if (uri != NULL &&
	    (size_t)snprintf(a->url, sizeof(a->url),
		"%s/task-protection/v1/state", uri) < sizeof(a->url))
		return true;
	log_warn("protection_failed", log_str("code", "no agent"),
	    log_str("error", "ECS_AGENT_URI is not set"));
	return false;
}

void
ecs_agent_release(struct ecs_agent *a)
{
	buf_release(&a->body);
}

/* ---- answers ---- */

static void
publish(struct ecs_agent *a, bool was_protected, int64_t now_ms)
{
	bool is_protected = a->protection.until_ms > now_ms;

	atomic_store(&a->board->protected_until_ms, a->protection.until_ms);
	atomic_store(&a->board->protection_fails, a->protection.failures > 0);
	if (is_protected && !was_protected)
		log_info("protection_on",
		    log_int("in_hand", (long long)a->in_hand));
	if (!is_protected && was_protected)
		log_info("protection_off",
		    log_int("in_hand", (long long)a->in_hand));
}

static void
log_failure(const struct ecs_agent *a,
    const struct ecs_protection_answer *answer, int64_t now_ms)
{
	const struct ecs_protection *p = &a->protection;

	/* ECS answers that a task that is ending is not valid, which is no
	   trouble. */
	LOG_RECORD(a->is_ending ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
	    "protection_failed", log_bool("protected", p->until_ms > now_ms),
	    log_str("code", answer->code),
	    log_str(answer->text[0] != '\0' ? "error" : NULL, answer->text),
	    log_int(p->complaints.unlogged > 0 ? "repeats" : NULL,
		p->complaints.unlogged),
	    log_ms("retry_in", p->retry_at_ms - now_ms));
}

static void
on_answer(void *arg, const struct http_answer *http, const struct error *e)
{
	struct ecs_agent *a = arg;
	struct ecs_protection_answer answer = { .code = "unreachable" };
	bool was_protected = a->protection.until_ms > a->asked_ms;
	int64_t now_ms = clock_ms();

	a->put = NULL;
	if (http != NULL)
		ecs_protection_parse(http->status, http->body, a->wish,
		    &answer);
	else
		(void)strlcpy(answer.text, e->text, sizeof(answer.text));
	if (ecs_protection_answered(&a->protection, a->wish, &answer,
		a->asked_ms, now_ms, backoff_random()))
		log_failure(a, &answer, now_ms);
	publish(a, was_protected, now_ms);
}

/* ---- requests ---- */

static void
ask(struct ecs_agent *a, enum ecs_protection_wish wish, int64_t timeout_ms,
    int64_t now_ms)
{
	static const char *const headers[] = {
		"Content-Type: application/json"
	};
	struct http_request request = { .method = "PUT",
		.url = a->url,
		.headers = headers,
		.n_headers = 1,
		.connect_timeout_ms = CONNECT_MS,
		.timeout_ms = timeout_ms,
		.answer_max = ANSWER_MAX,
		.is_metadata = true };

	buf_reset(&a->body);
	ecs_protection_put_wish(&a->body, wish);
	request.body = buf_span(&a->body);
	a->wish = wish;
	a->asked_ms = now_ms;
	a->put = http_start(a->http, &request, on_answer, a);
}

void
ecs_agent_update(struct ecs_agent *a, int64_t now_ms)
{
	enum ecs_protection_wish wish;

	if (a->put != NULL)
		return;
	wish = ecs_protection_decide(&a->protection, a->in_hand, now_ms);
	if (wish != ECS_PROTECTION_NO_WISH)
		ask(a, wish, ANSWER_MS, now_ms);
}

bool
ecs_agent_may_protect(const struct ecs_agent *a, int64_t now_ms)
{
	return a->protection.until_ms > now_ms ||
	    (a->put != NULL && a->wish == ECS_PROTECTION_ON);
}

/*
 * Asks without the pause of ecs_protection_decide: there will be no more work.
 */
void
ecs_agent_end(struct ecs_agent *a, bool ask_off, int64_t timeout_ms,
    int64_t now_ms)
{
	a->is_ending = true;
	if (a->put != NULL)
		http_cancel(a->put);
	a->put = NULL;
	if (ask_off)
		ask(a, ECS_PROTECTION_OFF, timeout_ms, now_ms);
}

bool
ecs_agent_is_asking(const struct ecs_agent *a)
{
	return a->put != NULL;
}
