/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * "127.0.0.1:9464" or "[::1]:9464": where to listen.  An address, not a name,
 * so that no name server has to be asked.  Pure.
 */
#ifndef COMMON_BASE_LISTEN_ADDRESS_H
#define COMMON_BASE_LISTEN_ADDRESS_H

#include <sys/socket.h>

struct listen_address {
	struct sockaddr_storage address;
	socklen_t len;
};

/* Returns 0, or -1.  Port 0 lets the kernel choose one. */
int listen_address_parse(const char *text, struct listen_address *ret);

/*
 * Returns the reason that text is no such address, as the end of a sentence; or
 * NULL if it is one.
 */
const char *listen_address_check(const char *text);

#endif
