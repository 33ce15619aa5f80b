/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Addresses to listen on.
 */
#include "common/base/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "t/unit/tap.h"

#include "common/base/banned.h"

int
main(void)
{
	static const char *const wrong[] = { "", ":", "9464", ":9464",
		"127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1",
		"127.0.0.1:65536", "127.0.0.1: 80", "127.0.0.1:80 ",
		"localhost:80", "127.0.0.256:80", "::1:80", "[::1]", "[::1]80",
		"[::1:80", "[127.0.0.1]:80", "[]:80", "]:80", "[:80",
		"[::1%lo]:80", "*:80" };
	struct listen_address a;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	char longest[200];
	size_t i;

	is_int(listen_address_parse("127.0.0.1:9464", &a), 0,
	    "an address and a port");
	memcpy(&v4, &a.address, sizeof(v4));
	is_int(a.len, sizeof(v4), "of IPv4");
	is_int(v4.sin_family, AF_INET, "is of its family");
	is_int(ntohs(v4.sin_port), 9464, "the port");
	is_int(ntohl(v4.sin_addr.s_addr), INADDR_LOOPBACK, "the address");
	is_int(listen_address_parse("[::1]:0", &a), 0, "an address of IPv6");
	memcpy(&v6, &a.address, sizeof(v6));
	is_int(v6.sin6_family, AF_INET6, "is of its family");
	is_int(v6.sin6_port, 0, "any port");
	ok(IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr), "the address");
	is_int(listen_address_parse("[::]:65535", &a), 0, "every address");
	is_int(listen_address_parse(
		   "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535", &a),
	    0, "the longest");
	ok(listen_address_check("off") == NULL, "nowhere");
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		is_int(listen_address_parse(wrong[i], &a), -1, wrong[i]);
		ok(listen_address_check(wrong[i]) != NULL,
		    "is said to be wrong");
	}
	memset(longest, '1', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	is_int(listen_address_parse(longest, &a), -1, "something long");
	return tap_done();
}
