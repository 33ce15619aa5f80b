/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See ecs_service.h. */
#include "tools/ecs_service.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

void
ecs_service_describe(struct buf *to, const char *cluster, const char *service)
{
	buf_puts(to, "{\"cluster\":");
	buf_puts_json(to, cluster);
	buf_puts(to, ",\"services\":[");
	buf_puts_json(to, service);
	buf_puts(to, "]}");
}

struct reader {
	struct ecs_service *service;
	bool primary; /* the deployment that is being read */
	char rollout[sizeof(((struct ecs_service *)NULL)->rollout)];
	char rollout_reason[sizeof(
	    ((struct ecs_service *)NULL)->rollout_reason)];
};

static void
keep(char *to, size_t size, const struct json_value *v)
{
	size_t len = v->text.len < size ? v->text.len : size - 1;

	memcpy(to, v->text.p, len);
	to[len] = '\0';
}

/* ECS writes seconds with a fraction; an absurd number becomes 0. */
static int64_t
time_of(const struct json_value *v)
{
	char text[32];
	double s;

	keep(text, sizeof(text), v);
	s = strtod(text, NULL);
	return isfinite(s) && s > 0 && s < 1e11 ? (int64_t)(s * 1000) : 0;
}

static void
on_event(struct ecs_service *s, const struct json_path *path,
    const struct json_value *v)
{
	struct ecs_service_event *event;
	size_t i = path->level[3].index;

	if (path->depth != 5 || !path->level[3].in_array ||
	    i >= ECS_SERVICE_EVENTS_MAX)
		return;
	event = &s->events[i];
	s->n_events = i + 1;
	if (json_key_is(&path->level[4], "id"))
		keep(event->id, sizeof(event->id), v);
	else if (json_key_is(&path->level[4], "message"))
		keep(event->message, sizeof(event->message), v);
	else if (json_key_is(&path->level[4], "createdAt"))
		event->created_ms = time_of(v);
}

/* The member that marks the primary deployment may come after others of it. */
static void
on_deployment(struct reader *r, const struct json_path *path,
    const struct json_value *v)
{
	struct ecs_service *s = r->service;

	if (path->depth == 4 && v->type == JSON_OBJECT) {
		s->n_deployments++;
		r->primary = false;
		r->rollout[0] = r->rollout_reason[0] = '\0';
	} else if (path->depth == 4 && v->type == JSON_OBJECT_END) {
		if (!r->primary)
			return;
		memcpy(s->rollout, r->rollout, sizeof(s->rollout));
		memcpy(s->rollout_reason, r->rollout_reason,
		    sizeof(s->rollout_reason));
	} else if (path->depth != 5) {
		return;
	} else if (json_key_is(&path->level[4], "status")) {
		r->primary = span_is(v->text, "PRIMARY");
	} else if (json_key_is(&path->level[4], "rolloutState")) {
		keep(r->rollout, sizeof(r->rollout), v);
	} else if (json_key_is(&path->level[4], "rolloutStateReason")) {
		keep(r->rollout_reason, sizeof(r->rollout_reason), v);
	}
}

static void
on_service(struct ecs_service *s, const struct json_level *key,
    const struct json_value *v)
{
	const struct {
		const char *key;
		long long *to;
	} counts[] = {
		{ "desiredCount", &s->desired },
		{ "runningCount", &s->running },
		{ "pendingCount", &s->pending },
	};
	size_t i;

	if (json_key_is(key, "status"))
		keep(s->status, sizeof(s->status), v);
	for (i = 0; i < nitems(counts); i++)
		if (json_key_is(key, counts[i].key))
			(void)json_integer(v, 0, INT32_MAX, counts[i].to);
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct reader *r = arg;

	if (path->depth == 3 && json_key_is(&path->level[0], "failures") &&
	    json_key_is(&path->level[2], "reason"))
		keep(r->service->failure, sizeof(r->service->failure), v);
	if (path->depth < 2 || !json_key_is(&path->level[0], "services") ||
	    !path->level[1].in_array || path->level[1].index != 0)
		return 0;
	if (path->depth == 2)
		r->service->found = true;
	else if (path->depth == 3)
		on_service(r->service, &path->level[2], v);
	else if (json_key_is(&path->level[2], "events"))
		on_event(r->service, path, v);
	else if (json_key_is(&path->level[2], "deployments"))
		on_deployment(r, path, v);
	return 0;
}

int
ecs_service_parse(struct span answer, struct ecs_service *ret, struct error *e)
{
	struct ecs_service *s = xcalloc(1, sizeof(*s));
	struct reader r = { .service = s };
	int result = json_parse(answer, on_value, &r, e);

	if (result == 0)
		*ret = *s;
	free(s);
	return result;
}

bool
ecs_service_is_stable(const struct ecs_service *s)
{
	return s->found && strcmp(s->status, "ACTIVE") == 0 &&
	    s->n_deployments <= 1 && s->running == s->desired &&
	    s->pending == 0 &&
	    (s->rollout[0] == '\0' || strcmp(s->rollout, "COMPLETED") == 0);
}
