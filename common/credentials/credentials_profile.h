/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The keys of the chosen profile of AWS's shared files.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_PROFILE_H
#define COMMON_CREDENTIALS_CREDENTIALS_PROFILE_H

#include "common/credentials/credentials_source.h"

extern const struct credentials_source credentials_profile;

#endif
