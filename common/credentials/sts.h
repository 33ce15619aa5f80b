/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * AWS's Security Token Service: keys of a role, for other keys (AssumeRole) or
 * for the token of an identity provider (AssumeRoleWithWebIdentity).
 * Source: STS API Reference (AWS query protocol, XML).
 */
#ifndef COMMON_CREDENTIALS_STS_H
#define COMMON_CREDENTIALS_STS_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/credentials/credentials_source.h"
#include "common/credentials/profile_chain.h"

enum {
	STS_TOKEN_MAX = 20000 /* bytes of a web identity token */
};

struct sts_call;

/*
 * Asks for the role's keys.  Exactly one of keys and token is not NULL; both
 * are borrowed for the call.  set and profile are the profiles that may name
 * the endpoint and the region; set may be NULL.  done is called once: after
 * sts_start has returned, or within it if it returns NULL.
 */
struct sts_call *sts_start(const struct credentials_context *x,
    const struct profile_set *set, const struct profile_role *role,
    const struct credentials_keys *keys, const char *token,
    credentials_fetched_fn *done, void *arg);
void sts_cancel(struct sts_call *call);

/* ---- pure parts ---- */

/* The endpoint, and the region to sign for. */
struct sts_place {
	char url[1024];
	char region[64];
};
/* Returns -1 with *e (ERROR_OPERATOR). */
int sts_find(const struct credentials_context *x, const struct profile_set *set,
    struct sts_place *ret, struct error *e);

/* Appends the request's body; token NULL: AssumeRole.  now_real_ms names the
   session if the role does not. */
void sts_put_request(struct buf *to, const struct profile_role *role,
    const char *token, int64_t now_real_ms);

/* NULL with *e when the answer does not hold keys. */
struct credentials_keys *sts_parse(struct span answer, struct error *e);

#endif
