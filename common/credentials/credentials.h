/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS credentials come from the first source that is configured: environment,
 * profile, web identity, container endpoint (ECS, EKS) or EC2 instance metadata
 * (IMDSv2).  They are refreshed ahead of their end, and kept when a refresh
 * fails.  No function blocks: sources that need HTTP or a program use the
 * process's own struct http.  If processes have a credentials_share, one of
 * them refreshes for all.
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
 * Chooses the source.  Reads the profiles, but asks no server yet.  Borrows the
 * share; NULL: there is none.
 */
struct credentials *credentials_new(const struct credentials_context *context,
    struct credentials_share *share);
void credentials_free(struct credentials *c);

/* "environment", "profile", "web identity", "container", "imds". */
const char *credentials_source(const struct credentials *c);

/*
 * Starts what is due (a first fetch, a refresh, a retry), and takes over what
 * another process fetched.  To be called when credentials_deadline has
 * passed, or more often.
 */
void credentials_step(struct credentials *c, int64_t now_ms,
    int64_t now_real_ms);
int64_t credentials_deadline(const struct credentials *c); /* monotonic ms */

/*
 * The keys to sign with now, borrowed until the next step or http_wait.  NULL:
 * there are none yet, or they are about to end and a fetch is under way.
 * Expired and refused keys are returned too, because a source that is down for
 * an hour should not stop a child before the service does (static stability).
 * *e is always filled: with the failure of the last fetch, ERROR_RETRY or
 * ERROR_OPERATOR; or with ERROR_NONE if it went well, or if there are no keys
 * and a fetch is under way or about to start.
 */
const struct credentials_keys *credentials_current(const struct credentials *c,
    struct error *e);

/*
 * The same keys in the form of signed_call.h: returns ret, or NULL with *why.
 */
const struct signing_keys *credentials_to_sign(const struct credentials *c,
    struct signing_keys *ret, struct error *why);

/*
 * The service refused the keys with this id.  The next step fetches others,
 * unless others are there already or the last fetch failed too recently.
 */
void credentials_invalidate(struct credentials *c, const char *access_key_id,
    int64_t now_ms);

/* For tests: called when a fetch ended, well or not. */
typedef void credentials_changed_fn(void *arg);
void credentials_on_change(struct credentials *c, credentials_changed_fn *fn,
    void *arg);

#endif
