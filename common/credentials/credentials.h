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

#include "common/base/error.h"
#include "common/credentials/credentials_keys.h"
#include "common/credentials/credentials_source.h"
#include "common/http/signed_request.h"

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

#endif
