/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS credentials: the first configured source of environment, container
 * endpoint (ECS, EKS) and EC2 instance metadata (IMDSv2) is asked, refreshed
 * ahead of expiry in the background, and kept when a refresh fails.  Nothing
 * here blocks: sources that need HTTP use the process's own struct http.
 * Source: AWS SDKs and Tools Reference Guide, "Standardized credential
 * providers".
 */
#ifndef COMMON_CREDENTIALS_H
#define COMMON_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/buf.h"
#include "common/error.h"
#include "common/http.h"

/* One set of keys.  Freed by freezero; never logged. */
struct credentials_keys {
	char *access_key_id;
	char *secret_access_key;
	char *session_token;   /* NULL: none */
	int64_t expiration_ms; /* epoch; 0: does not expire */
};

struct credentials;

/*
 * Reads an environment variable; NULL: unset.  Passed in so that tests need
 * not change their own environment.
 */
typedef const char *credentials_getenv_fn(const char *name);

/* Chooses the source; asks nothing yet.  Borrows http. */
struct credentials *credentials_new(struct http *http,
    credentials_getenv_fn *get);
void credentials_free(struct credentials *c);

/* "environment", "container", "imds". */
const char *credentials_source(const struct credentials *c);

/*
 * Starts what is due (a first fetch, a refresh, a retry).  Call it from the
 * loop whenever credentials_deadline has passed; cheap otherwise.
 */
void credentials_step(struct credentials *c, int64_t now_ms,
    int64_t now_real_ms);
int64_t credentials_deadline(const struct credentials *c); /* monotonic ms */

/*
 * What to sign with now, borrowed until the next step or http_wait; NULL: none
 * yet.  Expired and refused sets are returned too, because a source that is
 * down for an hour should not stop a worker before the service does (static
 * stability).
 * *e is always filled: the failure of the last fetch, kind ERROR_RETRY or
 * ERROR_OPERATOR, or kind ERROR_NONE: it went well, or there is no set and a
 * fetch is under way or about to start.
 */
const struct credentials_keys *credentials_current(const struct credentials *c,
    struct error *e);

/*
 * The service refused the set with this access key id: fetch another at the
 * next step, unless that has happened already or a failure is too recent.
 */
void credentials_invalidate(struct credentials *c, const char *access_key_id,
    int64_t now_ms);

/* Called when a fetch ended, well or not, so that waiting calls can go on. */
typedef void credentials_changed_fn(void *arg);
void credentials_on_change(struct credentials *c, credentials_changed_fn *fn,
    void *arg);

/* ---- when to fetch: pure ---- */

/* What the rules look at.  Zero it to begin. */
struct credentials_state {
	bool have_keys;
	bool fetching;
	bool refused;            /* by the service: these keys must go */
	int64_t fetched_real_ms; /* epoch */
	int64_t expiration_ms;   /* epoch; 0: never */
	int64_t not_before_ms;   /* monotonic: no fetch until then */
	unsigned failures;       /* in a row */
};

struct credentials_plan {
	bool fetch;         /* now */
	int64_t look_at_ms; /* monotonic: when to plan again */
};

/*
 * Plans are made anew at least once a minute while keys have an expiration,
 * so that a jump of the wall clock is noticed.
 */
struct credentials_plan credentials_decide(const struct credentials_state *s,
    int64_t now_ms, int64_t now_real_ms);

/* A fetch ended.  unit: random in [0,1). */
void credentials_fetch_succeeded(struct credentials_state *s,
    int64_t expiration_ms, int64_t now_ms, int64_t now_real_ms);
void credentials_fetch_failed(struct credentials_state *s, enum error_kind kind,
    int64_t now_ms, double unit);

/* Epoch: when to begin refreshing, by the life that is left at the fetch. */
int64_t credentials_refresh_at_ms(int64_t fetched_real_ms,
    int64_t expiration_ms);

/* ---- for the sources (credentials_env.c, _container.c, _imds.c) ---- */

/*
 * On success keys is not NULL and ownership passes; else *e says why, without
 * naming the source: ERROR_RETRY or ERROR_THROTTLED, or ERROR_OPERATOR for
 * what only a person can put right.
 */
typedef void credentials_fetched_fn(void *arg, struct credentials_keys *keys,
    const struct error *e);

struct credentials_source {
	const char *name;
	/* Is this source configured?  1 yes, 0 no. */
	int (*configured)(credentials_getenv_fn *get);
	/*
	 * Starts a fetch; returns its state, to be given to cancel until done
	 * was called.  May call done at once, and then returns NULL.
	 */
	void *(*fetch)(struct http *http, credentials_getenv_fn *get,
	    credentials_fetched_fn *done, void *arg);
	void (*cancel)(void *state);
};

extern const struct credentials_source credentials_env;
extern const struct credentials_source credentials_container;
extern const struct credentials_source credentials_imds;

/* The value of an environment variable; NULL: unset or blank. */
const char *credentials_setting(credentials_getenv_fn *get, const char *name);

struct credentials_keys *credentials_keys_new(const char *access_key_id,
    const char *secret_access_key, const char *session_token,
    int64_t expiration_ms);
void credentials_keys_free(struct credentials_keys *k);
/* Clears and frees a string. */
void credentials_free_secret(char *s);

/* A transfer that did not end with HTTP 200, as a source reports it. */
void credentials_refusal(const struct http_answer *answer,
    const struct error *why, struct error *ret);

/*
 * Pure.  May this be sent in a header?  False if it holds blanks, control
 * characters or anything else that is not visible ASCII.
 */
bool credentials_is_visible(const char *s);

/*
 * Pure.  Parses the JSON document of a container endpoint or of IMDS.  NULL
 * with *e when keys are missing or unusable, Code is not Success, or
 * Expiration is wrong.  Token and Expiration may be absent.
 */
struct credentials_keys *credentials_parse(struct span document,
    struct error *e);

/* Pure.  May credentials be fetched from this URL? */
bool credentials_container_url_allowed(const char *url);

/*
 * Pure.  What the sources ask, to be freed: the container endpoint's URL, and
 * the metadata service's without a slash at its end.  NULL with *e when a
 * variable is wrong.
 */
char *credentials_container_url(credentials_getenv_fn *get, struct error *e);
char *credentials_imds_base(credentials_getenv_fn *get, struct error *e);

#endif
