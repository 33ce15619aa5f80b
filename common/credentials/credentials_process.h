/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The keys that a program prints (credential_process).
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_PROCESS_H
#define COMMON_CREDENTIALS_CREDENTIALS_PROCESS_H

#include "common/credentials/credentials_source.h"

struct credentials_process;

/*
 * Runs the command and reads its output.  done is called once: after the start
 * has returned, or within the start if that returns NULL.
 */
struct credentials_process *
credentials_process_start(const struct credentials_context *x,
    const char *command, credentials_fetched_fn *done, void *arg);
void credentials_process_cancel(struct credentials_process *p); /* NULL-safe */

#endif
