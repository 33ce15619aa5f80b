/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Which hosts are this machine.
 */
#include "common/base/loopback.h"

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

#include "common/base/banned.h"

int
main(void)
{
	static const struct {
		const char *host;
		bool local;
	} cases[] = {
		{ "127.0.0.1", true },
		{ "127.8.9.10", true },
		{ "127.1", true },
		{ "127.0.1", true },
		{ "0177.0.0.1", true },
		{ "0x7f.1", true },
		{ "0x7f000001", true },
		{ "2130706433", true },
		{ "localhost", true },
		{ "LOCALHOST", true },
		{ "sqs.us-east-1.localhost", true },
		{ "a.LocalHost", true },
		{ "::1", true },
		{ "0:0:0:0:0:0:0:1", true },
		{ "128.0.0.1", false },
		{ "128.1", false },
		{ "2130706432000", false },
		{ "127.0.0.1.example", false },
		{ "127.0.0.256", false },
		{ "127.0.0.0.1", false },
		{ "127.1 x", false },
		{ "127.", false },
		{ ".localhost", false },
		{ "xlocalhost", false },
		{ "localhost.example", false },
		{ "localhost.", false }, /* libcurl asks name servers */
		{ "::ffff:127.0.0.1", false },
		{ "a-localhost", false },
		{ "10.0.0.1", false },
		{ "0", false },
		{ "::", false },
		{ "::2", false },
		{ "[::1]", false },
		{ "", false },
	};
	size_t i;

	for (i = 0; i < nitems(cases); i++)
		is_int(loopback_is_host(cases[i].host), cases[i].local,
		    cases[i].host);
	return tap_done();
}
