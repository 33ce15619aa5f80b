/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Is a host this machine itself?  Plain text that is sent there reaches no
 * network.
 */
#ifndef COMMON_BASE_LOOPBACK_H
#define COMMON_BASE_LOOPBACK_H

#include <stdbool.h>

/*
 * Pure: names are not resolved.  A host of a URL, without brackets: an address
 * in any form that inet_aton(3) takes, an IPv6 address, "localhost" or a name
 * below it, which RFC 6761 keeps for loopback.
 */
bool loopback_is_host(const char *host);

#endif
