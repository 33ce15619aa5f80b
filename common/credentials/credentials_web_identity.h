/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The keys of a role for the token of an identity provider.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_WEB_IDENTITY_H
#define COMMON_CREDENTIALS_CREDENTIALS_WEB_IDENTITY_H

#include "common/credentials/credentials_source.h"
#include "common/credentials/profile_chain.h"
#include "common/credentials/sts.h"

extern const struct credentials_source credentials_web_identity;

/*
 * Asks for the role's keys with the token in a file, which is read now.  done
 * is called once: after the start has returned, or within the start if that
 * returns NULL.
 */
struct sts_call *
credentials_web_identity_start(const struct credentials_context *x,
    const struct profile_set *set, const struct profile_role *role,
    const char *token_file, credentials_fetched_fn *done, void *arg);

#endif
