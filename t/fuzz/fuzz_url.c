/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Queue URLs of any bytes: splitting them, and their endpoints.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/aws/sqs.h"
#include "common/base/loopback.h"
#include "common/base/xalloc.h"
#include "common/http/aws_endpoint.h"
#include "common/http/http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *url = xmemdup0(data, size);
	static const struct aws_endpoint_variant variants[] = {
		{ false, false }, { true, false }, { true, true }
	};
	char endpoint[512];
	struct http_url parts;
	size_t i;

	if (http_split_url(url, &parts) == 0) {
		assert(parts.host[0] != '\0');
		assert(strpbrk(parts.authority, "\r\n @/") == NULL);
		(void)loopback_is_host(parts.host);
	}
	for (i = 0; i < nitems(variants); i++)
		if (aws_endpoint_of_queue(url, "us-east-1", variants[i],
			endpoint, sizeof(endpoint)) == 0)
			assert(http_split_url(endpoint, &parts) == 0);
	(void)sqs_queue_name(url);
	(void)sqs_queue_is_fifo(url);
	free(url);
	return 0;
}
