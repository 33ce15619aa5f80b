/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Queue URLs of any bytes: splitting them, their region and their endpoint.
 */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "common/aws.h"
#include "common/sqs.h"
#include "common/xalloc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *url = xmemdup0(data, size);
	char region[64], endpoint[512];
	struct http_url parts;

	if (http_split_url(url, &parts) == 0) {
		assert(parts.host[0] != '\0');
		assert(strpbrk(parts.authority, "\r\n @/") == NULL);
		(void)http_host_is_loopback(parts.host);
	}
	if (aws_region_of_queue_url(url, region, sizeof(region)) == 0)
		assert(strlen(region) > 0);
	(void)aws_endpoint_for_queue(url, "us-east-1", endpoint,
	    sizeof(endpoint));
	(void)sqs_queue_name(url);
	(void)sqs_queue_is_fifo(url);
	free(url);
	return 0;
}
