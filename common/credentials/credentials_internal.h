/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Ways to get credentials that more than one source uses.  Private to
 * credentials_*.c.  Both call done exactly once, but not from within the
 * start, unless that returns NULL: then done came already.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_INTERNAL_H
#define COMMON_CREDENTIALS_CREDENTIALS_INTERNAL_H

#include "common/credentials/credentials.h"
#include "common/credentials/profile_chain.h"
#include "common/credentials/sts.h"

/* The keys of a role for the token in a file, which is read now. */
struct sts_call *
credentials_web_identity_start(const struct credentials_context *x,
    const struct profile_set *set, const struct profile_role *role,
    const char *token_file, credentials_fetched_fn *done, void *arg);

/* Runs a credential_process and reads what it prints. */
struct credentials_process;
struct credentials_process *
credentials_process_start(const struct credentials_context *x,
    const char *command, credentials_fetched_fn *done, void *arg);
void credentials_process_cancel(struct credentials_process *p);

#endif
