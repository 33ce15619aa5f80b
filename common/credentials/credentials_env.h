/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The keys in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_ENV_H
#define COMMON_CREDENTIALS_CREDENTIALS_ENV_H

#include "common/credentials/credentials_source.h"

extern const struct credentials_source credentials_env;

#endif
