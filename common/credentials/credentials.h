/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS credentials: the first configured source of environment, profile, web
 * identity, container endpoint (ECS, EKS) and EC2 instance metadata (IMDSv2)
 * is asked, refreshed ahead of expiry in the background, and kept when a
 * refresh fails.  Nothing here blocks: sources that need HTTP or a program use
 * the process's own struct http.  Processes that have a credentials_share
 * refresh once for all of them.
 * Source: AWS SDKs and Tools Reference Guide, "Standardized credential
 * providers".
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_H
#define COMMON_CREDENTIALS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/credentials/profile.h"
#include "common/http/aws_endpoint.h"
#include "common/http/http.h"
#include "common/http/signed_request.h"

/* One set of keys.  Freed by freezero; never logged. */
struct credentials_keys {
	char *access_key_id;
	char *secret_access_key;
	char *session_token;   /* NULL: none */
	int64_t expiration_ms; /* epoch; 0: does not expire */
	bool strict;           /* useless from its expiration on: of a program
				  that knows better than we do when to ask it */
};

/*
 * An environment variable; NULL: unset.  Passed in so that tests need not
 * change their own environment.
 */
typedef profile_getenv_fn credentials_getenv_fn;

/* What sources work with. */
struct credentials_context {
	struct http *http; /* borrowed */
	credentials_getenv_fn *get;
	const char *region; /* for STS, where nobody names one; borrowed */
	struct aws_endpoint_variant variant; /* of STS's endpoint, whatever a
					    profile says */
	bool allow_http;    /* to an STS that is not on this machine */
	int64_t timeout_ms; /* of a credential_process */
};

struct credentials;
struct credentials_share;

/*
 * Chooses the source; asks nothing yet, but reads the profiles.  Borrows the
 * share; NULL: there is none.
 */
struct credentials *credentials_new(const struct credentials_context *context,
    struct credentials_share *share);
void credentials_free(struct credentials *c);

/* "environment", "profile", "web identity", "container", "imds". */
const char *credentials_source(const struct credentials *c);

/*
 * Starts what is due (a first fetch, a refresh, a retry), and takes over what
 * another process fetched.  Call it from the loop whenever
 * credentials_deadline has passed; cheap otherwise.
 */
void credentials_step(struct credentials *c, int64_t now_ms,
    int64_t now_real_ms);
int64_t credentials_deadline(const struct credentials *c); /* monotonic ms */

/*
 * What to sign with now, borrowed until the next step or http_wait; NULL: none
 * yet, or those at hand are about to end and others under way.  Expired and
 * refused sets are returned too, because a source that is down for an hour
 * should not stop a worker before the service does (static stability).
 * *e is always filled: the failure of the last fetch, kind ERROR_RETRY or
 * ERROR_OPERATOR, or kind ERROR_NONE: it went well, or there is no set and a
 * fetch is under way or about to start.
 */
const struct credentials_keys *credentials_current(const struct credentials *c,
    struct error *e);

/*
 * The same as a signed call takes them: ret, or NULL with *why (signed_call.h).
 */
const struct signing_keys *credentials_to_sign(const struct credentials *c,
    struct signing_keys *ret, struct error *why);

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

/* ---- when to fetch: pure (credentials_plan.c) ---- */

/* What the rules look at.  Zero it to begin. */
struct credentials_state {
	bool have_keys;
	bool fetching;
	bool refused;             /* by the service: these keys must go */
	bool strict;              /* the keys are */
	int64_t expiration_ms;    /* epoch; 0: never */
	int64_t refresh_real_ms;  /* epoch: fetch others from then on */
	int64_t critical_real_ms; /* epoch: and wait for them */
	int64_t not_before_ms;    /* monotonic: no fetch until then */
	unsigned failures;        /* in a row */
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

/* Are the keys so near to their end that a fetch under way is waited for? */
bool credentials_are_critical(const struct credentials_state *s,
    int64_t now_real_ms);
/* May they be signed with, at least if there are no better? */
bool credentials_are_usable(const struct credentials_state *s,
    int64_t now_real_ms);

/* A fetch ended.  unit: random in [0,1). */
void credentials_fetch_succeeded(struct credentials_state *s,
    int64_t expiration_ms, bool strict, int64_t now_ms, int64_t now_real_ms,
    double unit);
void credentials_fetch_failed(struct credentials_state *s, enum error_kind kind,
    int64_t now_ms, double unit);

/* Epoch: when to begin refreshing, by the life that is left at the fetch. */
int64_t credentials_refresh_at_ms(int64_t fetched_real_ms,
    int64_t expiration_ms, bool strict, double unit);

/* ---- for the sources (credentials_env.c, _profile.c, ...) ---- */

/*
 * On success keys is not NULL and ownership passes; else *e says why, without
 * naming the source: ERROR_RETRY or ERROR_THROTTLED, or ERROR_OPERATOR for
 * what only a person can put right.
 */
typedef void credentials_fetched_fn(void *arg, struct credentials_keys *keys,
    const struct error *e);

struct credentials_source {
	const char *name;
	bool shared; /* worth sharing: a fetch is more than a look */
	/* Is this source configured?  1 yes, 0 no. */
	int (*configured)(const struct credentials_context *x);
	/*
	 * Starts a fetch; returns its state, to be given to cancel until done
	 * was called.  May call done at once, and then returns NULL.  x is
	 * borrowed until then.
	 */
	void *(*fetch)(const struct credentials_context *x,
	    credentials_fetched_fn *done, void *arg);
	void (*cancel)(void *state);
};

extern const struct credentials_source credentials_env;
extern const struct credentials_source credentials_profile;
extern const struct credentials_source credentials_web_identity;
extern const struct credentials_source credentials_container;
extern const struct credentials_source credentials_imds;

/* ---- keys and documents: pure (credentials_keys.c) ---- */

struct credentials_keys *credentials_keys_new(const char *access_key_id,
    const char *secret_access_key, const char *session_token,
    int64_t expiration_ms);
void credentials_keys_free(struct credentials_keys *k);
/* The same keys, borrowed, as they are signed with. */
struct signing_keys credentials_keys_to_sign(const struct credentials_keys *k);
bool credentials_keys_same(const struct credentials_keys *a,
    const struct credentials_keys *b);

/* A transfer that did not end with HTTP 200, as a source reports it. */
void credentials_refusal(const struct http_answer *answer,
    const struct error *why, struct error *ret);

/*
 * May this be sent in a header?  False if it holds blanks, control characters
 * or anything else that is not visible ASCII.
 */
bool credentials_is_visible(const char *s);

/*
 * Parses the JSON document of a container endpoint or of IMDS.  NULL with *e
 * when keys are missing or unusable, Code is not Success, or Expiration is
 * wrong.  Token and Expiration may be absent.
 */
struct credentials_keys *credentials_parse(struct span document,
    struct error *e);
/* The same of what a credential_process prints: it has a Version, too. */
struct credentials_keys *credentials_parse_process(struct span document,
    struct error *e);
/* Reads a time into ms; NULL is 0, never. */
int credentials_parse_expiration(const char *text, int64_t *ret_ms,
    struct error *e);

/* May credentials be fetched from this URL? */
bool credentials_container_url_allowed(const char *url);

/*
 * What the sources ask, to be freed: the container endpoint's URL, and the
 * metadata service's without a slash at its end.  NULL with *e when a variable
 * or a profile is wrong.  The latter reads the profiles.
 */
char *credentials_container_url(credentials_getenv_fn *get, struct error *e);
char *credentials_imds_base(credentials_getenv_fn *get, struct error *e);
/*
 * What the metadata service names in the first line of an answer, to be freed:
 * a token that a header can hold, and a role that can be the last part of a
 * path.  NULL if it is neither.
 */
char *credentials_imds_token(struct span body);
char *credentials_imds_role(struct span body);

#endif
