/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Memory that held a secret is cleared before it is freed.
 */
#ifndef COMMON_CREDENTIALS_SECRET_H
#define COMMON_CREDENTIALS_SECRET_H

#include "common/base/buf.h"

void secret_free(char *s); /* NULL-safe */
void secret_release(struct buf *b);

#endif
