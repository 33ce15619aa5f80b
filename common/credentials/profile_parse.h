/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The text of AWS's shared files.  Pure.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials
 * files", and the parser tests that the SDKs share.
 */
#ifndef COMMON_CREDENTIALS_PROFILE_PARSE_H
#define COMMON_CREDENTIALS_PROFILE_PARSE_H

#include "common/base/buf.h"
#include "common/credentials/profile.h"

/*
 * Both files as one; either may be empty.  If both have a property, that of the
 * credentials file counts.  A wrong line is a fault of its section, which
 * profile_check reports.  Release with profile_free.
 */
struct profile_set *profile_parse(struct span config, struct span credentials);

/*
 * The value of the key in a property that holds lines, "\nkey = value\nother =
 * value"; to be freed.  NULL: there is none.
 */
char *profile_parse_nested(const char *lines, const char *key);

#endif
