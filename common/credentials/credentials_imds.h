/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The keys of an EC2 instance's role, from its metadata service.
 */
#ifndef COMMON_CREDENTIALS_CREDENTIALS_IMDS_H
#define COMMON_CREDENTIALS_CREDENTIALS_IMDS_H

#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/credentials/credentials_source.h"

extern const struct credentials_source credentials_imds;

/*
 * The URL of the metadata service without a slash at its end, to be freed; NULL
 * with *e when a variable or a profile is wrong.  Reads the profiles.
 */
char *credentials_imds_base(credentials_getenv_fn *get, struct error *e);

/* ---- pure parts ---- */

/*
 * The first line of an answer, to be freed: as a token, which must fit a
 * header, or as the name of a role, which must fit the last part of a path.
 * NULL if the line does not fit.
 */
char *credentials_imds_token(struct span body);
char *credentials_imds_role(struct span body);

#endif
