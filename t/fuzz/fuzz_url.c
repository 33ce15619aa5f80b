/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * URLs of any bytes: their parts make the same URL again, and what is taken for
 * an endpoint is one.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/loopback.h"
#include "common/base/xalloc.h"
#include "common/http/aws_endpoint.h"
#include "common/http/http_url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *url = xmemdup0(data, size);
	static const struct aws_endpoint_variant variants[] = {
		{ false, false }, { true, false }, { true, true }
	};
	char endpoint[512];
	struct http_url parts, second;
	char *again;
	size_t i;

	if (http_url_split(url, &parts) == 0) {
		assert(parts.host[0] != '\0');
		assert(strpbrk(parts.authority, "\r\n @/?#\\") == NULL);
		assert(parts.path[0] == '/');
		assert(http_url_is_confidential(&parts) ||
		    strcmp(parts.scheme, "http") == 0);
		(void)loopback_is_host(parts.host);
		(void)aws_endpoint_has_variants(parts.host);
		again = xasprintf("%s://%s%s", parts.scheme, parts.authority,
		    parts.path);
		assert(http_url_split(again, &second) == 0);
		assert(strcmp(second.authority, parts.authority) == 0 &&
		    strcmp(second.host, parts.host) == 0 &&
		    strcmp(second.path, parts.path) == 0);
		free(again);
	}
	for (i = 0; i < nitems(variants); i++)
		if (aws_endpoint_of_queue(url, "us-east-1", variants[i],
			endpoint, sizeof(endpoint)) == 0)
			assert(http_url_split(endpoint, &parts) == 0);
	free(url);
	return 0;
}
