/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The keys of an ECS task or of EKS Pod Identity.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_CONTAINER_H
#define COMMON_CREDENTIALS_CREDENTIALS_CONTAINER_H

#include <stdbool.h>

#include "common/base/error.h"
#include "common/credentials/credentials_source.h"

extern const struct credentials_source credentials_container;

/* ---- pure parts ---- */

/*
 * May credentials be fetched from this URL?  Only over https, or at an address
 * that no network reaches.
 */
bool credentials_container_url_allowed(const char *url);

/* The endpoint's URL, to be freed; NULL with *e when a variable is wrong. */
char *credentials_container_url(credentials_getenv_fn *get, struct error *e);

#endif
