/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Parses the address to listen on.  See listen_address.h.
 */
#include "common/base/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

static int
parse_port(const char *text, in_port_t *ret)
{
	const char *error;
	long long port;

	if (text[strspn(text, "0123456789")] != '\0')
		return -1;
	port = strtonum(text, 0, 65535, &error);
	if (error != NULL)
		return -1;
	*ret = htons((in_port_t)port);
	return 0;
}

static int
parse_v4(const char *host, in_port_t port, struct listen_address *ret)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = port };

	if (inet_pton(AF_INET, host, &a.sin_addr) != 1)
		return -1;
	memcpy(&ret->address, &a, sizeof(a));
	ret->len = sizeof(a);
	return 0;
}

static int
parse_v6(const char *host, in_port_t port, struct listen_address *ret)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_port = port };

	if (inet_pton(AF_INET6, host, &a.sin6_addr) != 1)
		return -1;
	memcpy(&ret->address, &a, sizeof(a));
	ret->len = sizeof(a);
	return 0;
}

int
listen_address_parse(const char *text, struct listen_address *ret)
{
	struct listen_address a = { .len = 0 };
	char copy[INET6_ADDRSTRLEN + sizeof("[]:65535")];
	char *colon, *end;
	in_port_t port;
	int result;

	if (strlcpy(copy, text, sizeof(copy)) >= sizeof(copy))
		return -1;
	colon = strrchr(copy, ':');
	if (colon == NULL || parse_port(colon + 1, &port) == -1)
		return -1;
	*colon = '\0';
	end = colon - 1;
	if (copy[0] == '[' && end > copy && *end == ']') {
		*end = '\0';
		result = parse_v6(copy + 1, port, &a);
	} else
		result = parse_v4(copy, port, &a);
	if (result == 0)
		*ret = a;
	return result;
}

const char *
listen_address_check(const char *text)
{
	struct listen_address a;

	if (strcmp(text, "off") == 0 || listen_address_parse(text, &a) == 0)
		return NULL;
	return "is not an address and a port such as 127.0.0.1:9464 or "
	       "[::1]:9464, nor off";
}
