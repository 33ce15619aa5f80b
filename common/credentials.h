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

/* Chooses the source; asks nothing yet. */
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
 * yet.  Then *e, if the last try failed, says why (kind ERROR_NONE: a fetch is
 * under way).  Expired sets are returned too: the service decides (static
 * stability), and it is asked once a minute at most.
 */
const struct credentials_keys *credentials_current(
    const struct credentials *c, struct error *e);

/*
 * The service refused the set with this access key id: fetch another, unless
 * that has happened already.
 */
void credentials_invalidate(struct credentials *c, const char *access_key_id,
    int64_t now_ms);

/* Called when a fetch ended, well or not, so that waiting calls can go on. */
typedef void credentials_changed_fn(void *arg);
void credentials_on_change(struct credentials *c, credentials_changed_fn *fn,
    void *arg);

/* ---- for the sources (credentials_container.c, credentials_imds.c) ---- */

/* On success keys is not NULL and ownership passes; else *e says why. */
typedef void credentials_fetched_fn(void *arg, struct credentials_keys *keys,
    const struct error *e);

struct credentials_source {
	const char *name;
	/* Is this source configured?  1 yes, 0 no. */
	int (*configured)(credentials_getenv_fn *get);
	/* Starts a fetch; returns its state, to be given to cancel. */
	void *(*fetch)(struct http *http, credentials_getenv_fn *get,
	    credentials_fetched_fn *done, void *arg);
	void (*cancel)(void *state);
};

extern const struct credentials_source credentials_env;
extern const struct credentials_source credentials_container;
extern const struct credentials_source credentials_imds;

struct credentials_keys *credentials_keys_new(const char *access_key_id,
    const char *secret_access_key, const char *session_token,
    int64_t expiration_ms);
void credentials_keys_free(struct credentials_keys *k);

/*
 * Pure.  Parses the JSON document of a container endpoint or of IMDS.  NULL
 * with *e when keys are missing, Code is not Success, or Expiration is wrong.
 */
struct credentials_keys *credentials_parse(struct span document,
    struct error *e);

/* Pure.  When to begin refreshing: the advisory window by remaining life. */
int64_t credentials_refresh_at_ms(int64_t fetched_real_ms,
    int64_t expiration_ms);

/* Pure.  May credentials be fetched from this URL over plain http? */
bool credentials_container_url_allowed(const char *url);

#endif
