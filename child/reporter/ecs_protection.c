/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See ecs_protection.h. */
#include "child/reporter/ecs_protection.h"

#include <stdio.h>
#include <string.h>

#include "common/base/backoff.h"
#include "common/base/error.h"
#include "common/base/json.h"

#include "common/base/banned.h"

/* ---- what to ask for ---- */

int64_t
ecs_protection_until(int64_t told_ms, int64_t now_ms)
{
	return told_ms > now_ms &&
		told_ms - now_ms <= INT64_C(60000) * ECS_PROTECTION_MINUTES
	    ? told_ms
	    : 0;
}

static bool
is_idle(const struct ecs_protection *p, int64_t now_ms)
{
	return p->idle_since_ms != 0 &&
	    now_ms - p->idle_since_ms >= ECS_PROTECTION_IDLE_MS;
}

static int64_t
renew_at_ms(const struct ecs_protection *p)
{
	return p->until_ms - ECS_PROTECTION_RENEW_MS;
}

enum ecs_protection_wish
ecs_protection_decide(struct ecs_protection *p, uint64_t in_hand,
    int64_t now_ms)
{
	if (in_hand > 0)
		p->idle_since_ms = 0;
	else if (p->idle_since_ms == 0)
		p->idle_since_ms = now_ms;
	if (p->until_ms <= now_ms)
		p->until_ms = 0;
	if (now_ms < p->retry_at_ms)
		return ECS_PROTECTION_NO_WISH;
	if (p->until_ms != 0 && is_idle(p, now_ms))
		return ECS_PROTECTION_OFF;
	if (p->until_ms == 0 && in_hand == 0)
		return ECS_PROTECTION_NO_WISH;
	return now_ms >= renew_at_ms(p) ? ECS_PROTECTION_ON
					: ECS_PROTECTION_NO_WISH;
}

bool
ecs_protection_answered(struct ecs_protection *p, enum ecs_protection_wish wish,
    const struct ecs_protection_answer *a, int64_t asked_ms, int64_t now_ms,
    double unit)
{
	int64_t limit;

	if (a->ok) {
		p->failures = 0;
		p->retry_at_ms = 0;
		log_repeat_end(&p->complaints);
		p->until_ms = wish == ECS_PROTECTION_ON
		    ? asked_ms + INT64_C(60000) * ECS_PROTECTION_MINUTES
		    : 0;
		return false;
	}
	limit = backoff_limit_ms(++p->failures, ECS_PROTECTION_RETRY_BASE_MS,
	    ECS_PROTECTION_RETRY_CAP_MS);
	p->retry_at_ms = now_ms + backoff_half_jitter_ms(limit, unit);
	return log_repeat_is_due(&p->complaints, a->code,
	    ECS_PROTECTION_SILENT_MS, now_ms);
}

/* ---- what is said ---- */

void
ecs_protection_put_wish(struct buf *to, enum ecs_protection_wish wish)
{
	if (wish == ECS_PROTECTION_ON)
		buf_printf(to,
		    "{\"ProtectionEnabled\":true,\"ExpiresInMinutes\":%d}",
		    ECS_PROTECTION_MINUTES);
	else
		buf_puts(to, "{\"ProtectionEnabled\":false}");
}

struct reading {
	bool enabled, disabled; /* as "protection" says */
	struct ecs_protection_answer *to;
};

static void
copy(char *to, size_t size, struct span s)
{
	(void)snprintf(to, size, "%.*s", (int)s.len, s.p);
	error_make_line(to);
}

/* {"protection": ...}, {"failure": ...} or {"error": ...}: each one deep. */
static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct reading *r = arg;
	const struct json_level *outer = &path->level[0];
	const struct json_level *inner = &path->level[1];

	if (path->depth != 2)
		return 0;
	if (json_key_is(outer, "protection") && v->type == JSON_BOOL &&
	    json_key_is(inner, "ProtectionEnabled")) {
		r->enabled = span_is(v->text, "true");
		r->disabled = !r->enabled;
	}
	if (v->type != JSON_STRING ||
	    (!json_key_is(outer, "failure") && !json_key_is(outer, "error")))
		return 0;
	if (json_key_is(inner, "Reason") || json_key_is(inner, "Code"))
		copy(r->to->code, sizeof(r->to->code), v->text);
	if (json_key_is(inner, "Detail") || json_key_is(inner, "Message"))
		copy(r->to->text, sizeof(r->to->text), v->text);
	return 0;
}

void
ecs_protection_parse(int status, struct span body,
    enum ecs_protection_wish wish, struct ecs_protection_answer *ret)
{
	struct reading r = { .to = ret };
	struct error e;
	bool readable;

	*ret = (struct ecs_protection_answer){ .ok = false };
	readable = json_parse(body, on_value, &r, &e) == 0;
	ret->ok = readable && status == 200 && ret->code[0] == '\0' &&
	    (wish == ECS_PROTECTION_ON ? r.enabled : r.disabled);
	if (ret->ok || ret->code[0] != '\0')
		return;
	(void)snprintf(ret->code, sizeof(ret->code), "status %d", status);
	if (!readable)
		(void)strlcpy(ret->text, e.text, sizeof(ret->text));
	else if (ret->text[0] == '\0')
		(void)strlcpy(ret->text, "the answer says nothing of it",
		    sizeof(ret->text));
}
