/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Which credentials to sign with, and when to fetch others.  The rules of
 * refreshing are pure functions over struct credentials_state; the sources
 * know how to fetch and nothing about when.  At most one fetch is under way.
 * See credentials.h.
 */
#include "common/credentials.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/backoff.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/log.h"
#include "common/xalloc.h"

#include "common/banned.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS INT64_C(60000)

/* Never fetch more often, whatever lifetimes a source hands out. */
#define PAUSE_MS SECOND_MS
/* How long a plan that hangs on the wall clock may stand. */
#define LOOK_MS MINUTE_MS
/* With nothing to sign with all work waits, so the first retries are quick. */
#define RETRY_BASE_MS INT64_C(200)
#define RETRY_CAP_MS  (10 * SECOND_MS)
/* What is cached will do for a while: spare a source that is in trouble. */
#define FAILURE_MIN_MS (300 * SECOND_MS)
#define FAILURE_MAX_MS (600 * SECOND_MS)
/* Waiting does not cure a wrong setting, but a person may. */
#define OPERATOR_MIN_MS (1 * SECOND_MS)
#define OPERATOR_MAX_MS (5 * SECOND_MS)

enum {
	TRIES = 3 /* in quick succession, before a long pause */
};

struct credentials {
	struct http *http;
	credentials_getenv_fn *get;
	const struct credentials_source *source;
	void *fetch; /* the source's; NULL: none under way */
	struct credentials_keys *keys;
	struct credentials_state state;
	struct error error; /* of the last fetch; kind NONE: it went well */
	int64_t deadline_ms;
	credentials_changed_fn *changed;
	void *changed_arg;
};

/* ---- when to fetch ---- */

static int64_t
advisory_window_ms(int64_t life_ms)
{
	/* A life shorter than its window would be refreshed at once, and so
	   again and again. */
	if (life_ms < 10 * MINUTE_MS)
		return life_ms / 2;
	if (life_ms <= 20 * MINUTE_MS)
		return 5 * MINUTE_MS;
	return life_ms < 90 * MINUTE_MS ? 15 * MINUTE_MS : 60 * MINUTE_MS;
}

int64_t
credentials_refresh_at_ms(int64_t fetched_real_ms, int64_t expiration_ms)
{
	return expiration_ms -
	    advisory_window_ms(expiration_ms - fetched_real_ms);
}

/* How long what is cached will do, as far as the wall clock tells. */
static int64_t
fresh_for_ms(const struct credentials_state *s, int64_t now_real_ms)
{
	int64_t left_ms;

	if (!s->have_keys || s->refused)
		return 0;
	if (s->expiration_ms == 0)
		return CLOCK_NEVER;
	left_ms =
	    credentials_refresh_at_ms(s->fetched_real_ms, s->expiration_ms) -
	    now_real_ms;
	if (left_ms < 0)
		return 0;
	return left_ms < LOOK_MS ? left_ms : LOOK_MS;
}

struct credentials_plan
credentials_decide(const struct credentials_state *s, int64_t now_ms,
    int64_t now_real_ms)
{
	struct credentials_plan plan = { false, CLOCK_NEVER };
	int64_t fresh_ms = fresh_for_ms(s, now_real_ms);

	if (s->fetching || fresh_ms == CLOCK_NEVER)
		return plan;
	plan.look_at_ms = now_ms + fresh_ms;
	if (plan.look_at_ms < s->not_before_ms)
		plan.look_at_ms = s->not_before_ms;
	plan.fetch = fresh_ms == 0 && plan.look_at_ms <= now_ms;
	return plan;
}

void
credentials_fetch_succeeded(struct credentials_state *s, int64_t expiration_ms,
    int64_t now_ms, int64_t now_real_ms)
{
	s->have_keys = true;
	s->fetching = false;
	s->refused = false;
	s->fetched_real_ms = now_real_ms;
	s->expiration_ms = expiration_ms;
	s->not_before_ms = now_ms + PAUSE_MS;
	s->failures = 0;
}

static int64_t
between_ms(int64_t min_ms, int64_t max_ms, double unit)
{
	return min_ms + (int64_t)((double)(max_ms - min_ms) * unit);
}

void
credentials_fetch_failed(struct credentials_state *s, enum error_kind kind,
    int64_t now_ms, double unit)
{
	int64_t delay_ms;

	s->fetching = false;
	s->failures++;
	if (kind == ERROR_OPERATOR)
		delay_ms = between_ms(OPERATOR_MIN_MS, OPERATOR_MAX_MS, unit);
	else if (s->have_keys && s->failures % TRIES == 0)
		delay_ms = between_ms(FAILURE_MIN_MS, FAILURE_MAX_MS, unit);
	else
		delay_ms =
		    backoff_full_jitter_ms(backoff_limit_ms(s->failures,
					       RETRY_BASE_MS, RETRY_CAP_MS),
			unit);
	s->not_before_ms = now_ms + delay_ms;
}

/* ---- the keys ---- */

void
credentials_free_secret(char *s)
{
	if (s != NULL)
		freezero(s, strlen(s));
}

struct credentials_keys *
credentials_keys_new(const char *access_key_id, const char *secret_access_key,
    const char *session_token, int64_t expiration_ms)
{
	struct credentials_keys *k = xcalloc(1, sizeof(*k));

	k->access_key_id = xstrdup(access_key_id);
	k->secret_access_key = xstrdup(secret_access_key);
	if (session_token != NULL)
		k->session_token = xstrdup(session_token);
	k->expiration_ms = expiration_ms;
	return k;
}

void
credentials_keys_free(struct credentials_keys *k)
{
	if (k == NULL)
		return;
	credentials_free_secret(k->access_key_id);
	credentials_free_secret(k->secret_access_key);
	credentials_free_secret(k->session_token);
	free(k);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
same_keys(const struct credentials_keys *a, const struct credentials_keys *b)
{
	return same_text(a->access_key_id, b->access_key_id) &&
	    same_text(a->secret_access_key, b->secret_access_key) &&
	    same_text(a->session_token, b->session_token);
}

/* ---- the documents ---- */

bool
credentials_is_visible(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

enum field {
	FIELD_ID,
	FIELD_SECRET,
	FIELD_TOKEN,
	FIELD_EXPIRATION,
	FIELD_CODE,
	FIELD_MESSAGE,
	FIELDS
};

/* The container endpoint and IMDS differ in the case of "code". */
static const struct {
	const char *name;
	enum field field;
} field_names[] = {
	{ "AccessKeyId", FIELD_ID },
	{ "SecretAccessKey", FIELD_SECRET },
	{ "Token", FIELD_TOKEN },
	{ "SessionToken", FIELD_TOKEN },
	{ "Expiration", FIELD_EXPIRATION },
	{ "Code", FIELD_CODE },
	{ "Message", FIELD_MESSAGE },
};

struct document {
	char *field[FIELDS]; /* NULL: absent, empty or not a string */
};

static int
on_value(void *arg, const struct json_path *path,
    const struct json_value *value)
{
	struct document *d = arg;
	const struct json_level *level = &path->level[0];
	size_t i;

	/* No valid value holds a NUL. */
	if (path->depth != 1 || level->in_array || value->type != JSON_STRING ||
	    value->text.len == 0 ||
	    memchr(value->text.p, '\0', value->text.len) != NULL)
		return 0;
	for (i = 0; i < nitems(field_names); i++) {
		char **to = &d->field[field_names[i].field];

		if (strcasecmp(level->key, field_names[i].name) != 0)
			continue;
		credentials_free_secret(*to);
		*to = xmemdup0(value->text.p, value->text.len);
	}
	return 0;
}

static void
document_release(struct document *d)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		credentials_free_secret(d->field[i]);
}

/* Error texts are lines. */
static void
replace_controls(char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7F)
			*s = ' ';
}

static int
report_code(const char *code, const char *message, struct error *e)
{
	/* EC2 may not assume the instance's role: the role's trust policy. */
	bool policy = strcmp(code, "AssumeRoleUnauthorizedAccess") == 0;

	error_set(e, policy ? ERROR_OPERATOR : ERROR_RETRY, "%s%s%s", code,
	    message != NULL ? ": " : "", message != NULL ? message : "");
	replace_controls(e->text);
	(void)strlcpy(e->code, code, sizeof(e->code));
	replace_controls(e->code);
	return -1;
}

static int
check_document(const struct document *d, struct error *e)
{
	const char *code = d->field[FIELD_CODE];
	const char *token = d->field[FIELD_TOKEN];

	if (code != NULL && strcmp(code, "Success") != 0)
		return report_code(code, d->field[FIELD_MESSAGE], e);
	if (d->field[FIELD_ID] == NULL)
		return error_set(e, ERROR_RETRY, "answer has no AccessKeyId");
	if (d->field[FIELD_SECRET] == NULL)
		return error_set(e, ERROR_RETRY,
		    "answer has no SecretAccessKey");
	if (!credentials_is_visible(d->field[FIELD_ID]) ||
	    (token != NULL && !credentials_is_visible(token)))
		return error_set(e, ERROR_RETRY,
		    "answer has an AccessKeyId or Token that no header can "
		    "hold");
	return 0;
}

static int
parse_expiration(const char *text, int64_t *ret_ms, struct error *e)
{
	int64_t ms = 0;

	if (text != NULL && clock_parse_iso(text, &ms) == -1)
		return error_set(e, ERROR_RETRY,
		    "answer has an Expiration that is not a time");
	/* 0 would mean: never. */
	*ret_ms = text != NULL && ms <= 0 ? 1 : ms;
	return 0;
}

struct credentials_keys *
credentials_parse(struct span document, struct error *e)
{
	struct document d = { { NULL } };
	struct credentials_keys *keys = NULL;
	int64_t expiration_ms = 0;

	if (json_parse(document, on_value, &d, e) == 0 &&
	    check_document(&d, e) == 0 &&
	    parse_expiration(d.field[FIELD_EXPIRATION], &expiration_ms, e) == 0)
		keys = credentials_keys_new(d.field[FIELD_ID],
		    d.field[FIELD_SECRET], d.field[FIELD_TOKEN], expiration_ms);
	document_release(&d);
	return keys;
}

static enum error_kind
kind_of_status(int status)
{
	if (status == 429)
		return ERROR_THROTTLED;
	return status >= 500 || status == 408 ? ERROR_RETRY : ERROR_OPERATOR;
}

void
credentials_refusal(const struct http_answer *answer, const struct error *why,
    struct error *ret)
{
	struct error detail;

	if (answer == NULL) {
		*ret = *why;
		if (ret->kind != ERROR_RETRY)
			ret->kind = ERROR_OPERATOR;
		return;
	}
	error_clear(&detail);
	credentials_keys_free(credentials_parse(answer->body, &detail));
	error_set(ret, kind_of_status(answer->status), "HTTP %d%s%s",
	    answer->status, detail.code[0] != '\0' ? ": " : "",
	    detail.code[0] != '\0' ? detail.text : "");
	ret->http_status = answer->status;
	memcpy(ret->code, detail.code, sizeof(ret->code));
}

/* ---- the sources ---- */

const char *
credentials_setting(credentials_getenv_fn *get, const char *name)
{
	const char *value = get(name);

	return value != NULL && value[strspn(value, " \t")] != '\0' ? value
								    : NULL;
}

/* In the order in which AWS's SDKs ask them. */
static const struct credentials_source *const sources[] = {
	&credentials_env, &credentials_container,
	&credentials_imds, /* the last resort is always configured */
};

struct credentials *
credentials_new(struct http *http, credentials_getenv_fn *get)
{
	struct credentials *c = xcalloc(1, sizeof(*c));
	size_t i = 0;

	while (i < nitems(sources) - 1 && !sources[i]->configured(get))
		i++;
	c->source = sources[i];
	c->http = http;
	c->get = get;
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
	credentials_keys_free(c->keys);
	free(c);
}

const char *
credentials_source(const struct credentials *c)
{
	return c->source->name;
}

/* ---- fetching ---- */

/* A set that came but does not help is a failed fetch too. */
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
	if (c->state.refused && same_keys(keys, c->keys))
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
	credentials_fetch_succeeded(&c->state, keys->expiration_ms, now_ms,
	    now_real_ms);
	log_debug("credentials_fetched", log_str("source", c->source->name));
}

static void
take_failure(struct credentials *c, const struct error *e, int64_t now_ms)
{
	const char *before = "credentials from ", *after = "";

	credentials_fetch_failed(&c->state, e->kind, now_ms, backoff_random());
	c->error = *e;
	if (c->source == &credentials_imds && c->keys == NULL) {
		/* Nothing is configured and nothing was ever found: who runs
		   this outside of AWS needs to know what to do. */
		c->error.kind = ERROR_OPERATOR;
		before = "no AWS credentials: set AWS_ACCESS_KEY_ID and "
			 "AWS_SECRET_ACCESS_KEY, or give the task or "
			 "instance a role (";
		after = ")";
	}
	(void)snprintf(c->error.text, sizeof(c->error.text), "%s%s: %.120s%s",
	    before, c->source->name, e->text, after);
	log_debug("credentials_failed", LOG_ERROR_FIELDS(&c->error));
}

static void
on_fetched(void *arg, struct credentials_keys *keys, const struct error *e)
{
	struct credentials *c = arg;
	int64_t now_ms = clock_ms(), now_real_ms = clock_real_ms();
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
	c->deadline_ms =
	    credentials_decide(&c->state, now_ms, now_real_ms).look_at_ms;
	if (c->changed != NULL)
		c->changed(c->changed_arg);
}

void
credentials_step(struct credentials *c, int64_t now_ms, int64_t now_real_ms)
{
	struct credentials_plan plan =
	    credentials_decide(&c->state, now_ms, now_real_ms);
	void *fetch;

	c->deadline_ms = plan.look_at_ms;
	if (!plan.fetch)
		return;
	c->state.fetching = true;
	c->deadline_ms = CLOCK_NEVER;
	fetch = c->source->fetch(c->http, c->get, on_fetched, c);
	if (c->state.fetching)
		c->fetch = fetch; /* else it has ended already */
}

int64_t
credentials_deadline(const struct credentials *c)
{
	return c->deadline_ms;
}

const struct credentials_keys *
credentials_current(const struct credentials *c, struct error *e)
{
	*e = c->error;
	if (c->keys == NULL && c->state.fetching)
		error_clear(e);
	return c->keys;
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
