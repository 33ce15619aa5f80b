/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See loopback.h. */
#include "common/base/loopback.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "common/base/banned.h"

static bool
is_name(const char *host)
{
	static const char name[] = "localhost";
	size_t len = strlen(host), own = strlen(name);

	return len >= own && strcasecmp(host + len - own, name) == 0 &&
	    (len == own || (len > own + 1 && host[len - own - 1] == '.'));
}

bool
loopback_is_host(const char *host)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (is_name(host))
		return true;
	/* inet_aton ignores a blank and all that follows it. */
	if (strpbrk(host, " \t\r\n\v\f") == NULL && inet_aton(host, &v4) != 0)
		return ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}
