/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The sources know how to fetch, credentials_plan.c knows when.  At most one
 * fetch is under way, and of the processes that share credentials only the one
 * with the lease fetches.  The others take over the result of the fetch, both
 * the keys and the state of the plan, so that all plan the same; but a process
 * that has better keys does not take over a failure.  See credentials.h.
 */
#include "common/credentials/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/xalloc.h"
#include "common/credentials/credentials_container.h"
#include "common/credentials/credentials_env.h"
#include "common/credentials/credentials_imds.h"
#include "common/credentials/credentials_plan.h"
#include "common/credentials/credentials_profile.h"
#include "common/credentials/credentials_share.h"
#include "common/credentials/credentials_web_identity.h"

#include "common/base/banned.h"

enum {
	/*
	 * The time between two looks for the result of another process's fetch.
	 */
	LOOK_WITHOUT_KEYS_MS = 50,
	LOOK_WITH_KEYS_MS = 500,
	/*
	 * Each source has deadlines of its own, for a program and for each
	 * request; FETCH_MS after the program's, the fetch is given up.
	 */
	FETCH_MS = 2 * 60 * 1000
};

struct credentials {
	struct credentials_context context;
	const struct credentials_source *source;
	void *fetch; /* the source's; NULL: none under way */
	int64_t fetch_by_ms;
	struct credentials_keys *keys;
	struct credentials_state state;
	struct error error; /* of the last fetch; kind NONE: it went well */
	int64_t deadline_ms;
	struct credentials_share *share; /* NULL: none */
	struct credentials_lease lease;
	uint64_t number; /* of the share's record that was taken over */
	bool waiting;    /* until another process's fetch ends */
	credentials_changed_fn *changed;
	void *changed_arg;
};

/* ---- the sources ---- */

/* The order is that in which AWS's SDKs ask the sources. */
static const struct credentials_source *const sources[] = {
	&credentials_env, &credentials_profile, &credentials_web_identity,
	&credentials_container,
	&credentials_imds, /* the last resort is always configured */
};

struct credentials *
credentials_new(const struct credentials_context *context,
    struct credentials_share *share)
{
	struct credentials *c = xcalloc(1, sizeof(*c));
	size_t i = 0;

	while (i < nitems(sources) - 1 && !sources[i]->configured(context))
		i++;
	c->source = sources[i];
	c->context = *context;
	c->share = c->source->shared ? share : NULL;
	error_clear(&c->error);
	return c;
}

void
credentials_free(struct credentials *c)
{
	if (c == NULL)
		return;
	if (c->fetch != NULL)
		c->source->cancel(c->fetch);
	if (c->share != NULL)
		credentials_share_give_back(c->share, &c->lease);
	credentials_keys_free(c->keys);
	free(c);
}

const char *
credentials_source(const struct credentials *c)
{
	return c->source->name;
}

/* ---- what other processes fetched ---- */

static void
call_on_change(struct credentials *c)
{
	if (c->changed != NULL)
		c->changed(c->changed_arg);
}

static bool
outlives(const struct credentials_keys *a, const struct credentials_keys *b)
{
	return b->expiration_ms != 0 &&
	    (a->expiration_ms == 0 || a->expiration_ms > b->expiration_ms);
}

/*
 * A failed fetch takes no keys away.  The process that fetched may have had no
 * keys, as a child after a reload, or older keys, if this process did not
 * publish its own.
 */
static bool
has_better_keys(const struct credentials *c, const struct credentials_record *r)
{
	if (c->keys == NULL || r->error.kind == ERROR_NONE)
		return false;
	return r->keys == NULL ||
	    (!c->state.refused && outlives(c->keys, r->keys));
}

/* Returns whether there was another record, and it was taken over. */
static bool
take_over(struct credentials *c)
{
	struct credentials_record r;
	bool refused_too;

	if (c->share == NULL ||
	    credentials_share_newest(c->share) == c->number ||
	    credentials_share_read(c->share, &c->number, &r) == -1)
		return false;
	if (has_better_keys(c, &r)) {
		credentials_keys_free(r.keys);
		c->waiting = false;
		return false;
	}
	/* This process may know already that the keys are refused. */
	refused_too = c->state.refused && c->keys != NULL && r.keys != NULL &&
	    credentials_keys_same(c->keys, r.keys);
	credentials_keys_free(c->keys);
	c->keys = r.keys;
	c->state = r.state;
	c->state.refused = c->state.refused || refused_too;
	c->error = r.error;
	c->waiting = false;
	return true;
}

static void
hand_on(struct credentials *c)
{
	const struct credentials_record r = { .state = c->state,
		.error = c->error,
		.keys = c->keys };
	uint64_t number;

	if (c->share == NULL)
		return;
	number = credentials_share_publish(c->share, &c->lease, &r);
	if (number != 0)
		c->number = number;
}

/* ---- fetching ---- */

/* A fetch that brings expired or refused keys has failed too. */
static int
check_keys(const struct credentials *c, const struct credentials_keys *keys,
    int64_t now_real_ms, struct error *e)
{
	char when[32];

	if (keys->expiration_ms != 0 && keys->expiration_ms <= now_real_ms) {
		clock_format_iso(keys->expiration_ms, when, sizeof(when));
		return error_set(e, ERROR_RETRY,
		    "they have already expired, at %s", when);
	}
	if (c->state.refused && credentials_keys_same(keys, c->keys))
		return error_set(e, ERROR_RETRY,
		    "they are still those that the service refused");
	return 0;
}

static void
take_keys(struct credentials *c, struct credentials_keys *keys, int64_t now_ms,
    int64_t now_real_ms)
{
	credentials_keys_free(c->keys);
	c->keys = keys;
	error_clear(&c->error);
	credentials_plan_succeeded(&c->state, keys->expiration_ms, keys->strict,
	    now_ms, now_real_ms, backoff_random());
	log_debug("credentials_fetched", log_str("source", c->source->name));
}

static void
take_failure(struct credentials *c, const struct error *e, int64_t now_ms)
{
	credentials_plan_failed(&c->state, e->kind, now_ms, backoff_random());
	c->error = *e;
	if (c->source == &credentials_imds && c->keys == NULL) {
		/*
		 * No source is configured and no keys were ever found: outside
		 * of AWS the error must tell a person what to do.
		 */
		c->error.kind = ERROR_OPERATOR;
		(void)snprintf(c->error.text, sizeof(c->error.text),
		    "no AWS credentials: set AWS_ACCESS_KEY_ID and "
		    "AWS_SECRET_ACCESS_KEY, or give the task or instance a "
		    "role (imds: %.120s)",
		    e->text);
	} else {
		(void)snprintf(c->error.text, sizeof(c->error.text),
		    "credentials from %s: %.220s", c->source->name, e->text);
	}
	log_debug("credentials_failed", LOG_ERROR_FIELDS(&c->error));
}

static void
on_fetched(void *arg, struct credentials_keys *keys, const struct error *e)
{
	struct credentials *c = arg;
	int64_t now_ms = clock_ms();
	int64_t now_real_ms = http_real_ms(c->context.http);
	struct error problem;

	c->fetch = NULL;
	if (keys == NULL) {
		take_failure(c, e, now_ms);
	} else if (check_keys(c, keys, now_real_ms, &problem) == -1) {
		credentials_keys_free(keys);
		take_failure(c, &problem, now_ms);
	} else {
		take_keys(c, keys, now_ms, now_real_ms);
	}
	hand_on(c);
	c->deadline_ms =
	    credentials_plan_decide(&c->state, now_ms, now_real_ms).look_at_ms;
	call_on_change(c);
}

/* Takes the lease.  False: another process fetches. */
static bool
take_turn(struct credentials *c, int64_t now_ms)
{
	if (c->share == NULL)
		return true;
	c->waiting = !credentials_share_take(c->share, &c->lease, now_ms);
	if (c->waiting)
		c->deadline_ms = now_ms +
		    (c->keys != NULL ? LOOK_WITH_KEYS_MS
				     : LOOK_WITHOUT_KEYS_MS);
	return !c->waiting;
}

static void
start_fetch(struct credentials *c, int64_t now_ms)
{
	void *fetch;

	log_debug("credentials_fetch_began",
	    log_str("source", c->source->name));
	c->state.fetching = true;
	c->fetch_by_ms = now_ms + c->context.timeout_ms + FETCH_MS;
	c->deadline_ms = c->share != NULL ? now_ms + CREDENTIALS_LEASE_RENEW_MS
					  : c->fetch_by_ms;
	fetch = c->source->fetch(&c->context, on_fetched, c);
	if (c->state.fetching)
		c->fetch = fetch; /* else it has ended already */
}

static void
give_up(struct credentials *c)
{
	void *fetch = c->fetch;
	struct error e;

	c->fetch = NULL;
	c->source->cancel(fetch);
	error_set(&e, ERROR_RETRY, "nothing came in %lld s",
	    (long long)(c->context.timeout_ms + FETCH_MS) / 1000);
	on_fetched(c, NULL, &e);
}

/* While the fetch goes on, the lease is renewed; but not forever. */
static void
watch_fetch(struct credentials *c, int64_t now_ms)
{
	if (now_ms < c->deadline_ms)
		return;
	if (now_ms >= c->fetch_by_ms) {
		give_up(c);
		return;
	}
	/* If the lease was lost, the fetch is for this process alone. */
	(void)credentials_share_take(c->share, &c->lease, now_ms);
	c->deadline_ms = now_ms + CREDENTIALS_LEASE_RENEW_MS;
}

void
credentials_step(struct credentials *c, int64_t now_ms, int64_t now_real_ms)
{
	struct credentials_plan plan;

	if (c->state.fetching) {
		watch_fetch(c, now_ms);
		return;
	}
	if (take_over(c))
		call_on_change(c);
	plan = credentials_plan_decide(&c->state, now_ms, now_real_ms);
	c->deadline_ms = plan.look_at_ms;
	if (!plan.fetch || !take_turn(c, now_ms))
		return;
	/*
	 * Another process's fetch may have ended just before this process took
	 * the lease.
	 */
	if (take_over(c)) {
		credentials_share_give_back(c->share, &c->lease);
		c->deadline_ms = now_ms;
		call_on_change(c);
		return;
	}
	start_fetch(c, now_ms);
}

int64_t
credentials_deadline(const struct credentials *c)
{
	return c->deadline_ms;
}

const struct credentials_keys *
credentials_current(const struct credentials *c, struct error *e)
{
	int64_t now_real_ms = http_real_ms(c->context.http);
	bool under_way = c->state.fetching || c->waiting;
	bool usable = credentials_plan_is_usable(&c->state, now_real_ms);

	*e = c->error;
	if (!usable && under_way)
		error_clear(e);
	if (usable && under_way && c->state.failures == 0 &&
	    credentials_plan_is_critical(&c->state, now_real_ms)) {
		error_clear(e);
		usable = false;
	}
	return usable ? c->keys : NULL;
}

const struct signing_keys *
credentials_to_sign(const struct credentials *c, struct signing_keys *ret,
    struct error *why)
{
	const struct credentials_keys *k = credentials_current(c, why);

	if (k == NULL)
		return NULL;
	*ret = credentials_keys_to_sign(k);
	return ret;
}

void
credentials_invalidate(struct credentials *c, const char *access_key_id,
    int64_t now_ms)
{
	if (c->keys == NULL ||
	    strcmp(c->keys->access_key_id, access_key_id) != 0)
		return;
	c->state.refused = true;
	if (!c->state.fetching)
		c->deadline_ms = now_ms;
}

void
credentials_on_change(struct credentials *c, credentials_changed_fn *fn,
    void *arg)
{
	c->changed = fn;
	c->changed_arg = arg;
}
