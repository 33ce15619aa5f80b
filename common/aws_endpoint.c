/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Regions, endpoints and partitions.  Pure.  See aws.h.
 * Sources: botocore's endpoint rule set of SQS and its partitions.json.
 */
#include "common/aws.h"

#include <stdio.h>
#include <string.h>

#include "common/xalloc.h"

#include "common/banned.h"

static const struct {
	const char *region_prefix;
	const char *suffix;
} partitions[] = { { "cn-", "amazonaws.com.cn" }, { "eusc-", "amazonaws.eu" },
	{ "us-iso-", "c2s.ic.gov" }, { "us-isob-", "sc2s.sgov.gov" },
	{ "eu-isoe-", "cloud.adc-e.uk" }, { "us-isof-", "csp.hci.ic.gov" },
	{ "", "amazonaws.com" } };

int
aws_endpoint_for_region(const char *service, const char *region, char *ret,
    size_t size)
{
	size_t i = 0;

	while (strncmp(region, partitions[i].region_prefix,
		   strlen(partitions[i].region_prefix)) != 0)
		i++;
	return (size_t)snprintf(ret, size, "https://%s.%s.%s", service, region,
		   partitions[i].suffix) < size
	    ? 0
	    : -1;
}

/* Copies a region's name, which must look like one: "eu-west-1". */
static int
keep_region(const char *p, size_t len, char *ret, size_t size)
{
	size_t i;

	if (len == 0 || len >= size || memchr(p, '-', len) == NULL)
		return -1;
	for (i = 0; i < len; i++)
		if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", p[i]) ==
		    NULL)
			return -1;
	memcpy(ret, p, len);
	ret[len] = '\0';
	return 0;
}

/* The label behind "sqs." or "sqs-fips.", at the start or after a dot. */
static const char *
behind_service(const char *host)
{
	static const char *const labels[] = { "sqs.", "sqs-fips." };
	const char *at;
	size_t i;

	for (i = 0; i < nitems(labels); i++) {
		at = strstr(host, labels[i]);
		if (at != NULL && (at == host || at[-1] == '.'))
			return at + strlen(labels[i]);
	}
	return NULL;
}

int
aws_region_of_queue_url(const char *url, char *ret, size_t size)
{
	struct http_url parts;
	const char *label, *legacy;

	if (http_split_url(url, &parts) == -1)
		return -1;
	if (strcmp(parts.host, "queue.amazonaws.com") == 0)
		return keep_region("us-east-1", 9, ret, size);
	legacy = strstr(parts.host, ".queue.amazonaws.com");
	if (legacy != NULL)
		return keep_region(parts.host, (size_t)(legacy - parts.host),
		    ret, size);
	label = behind_service(parts.host);
	if (label == NULL)
		return -1;
	return keep_region(label, strcspn(label, "."), ret, size);
}

int
aws_endpoint_for_queue(const char *queue_url, const char *region, char *ret,
    size_t size)
{
	struct http_url parts;

	if (http_split_url(queue_url, &parts) == -1)
		return -1;
	/* These names of old serve only the query protocol for certain. */
	if (strstr(parts.host, "queue.amazonaws.com") != NULL)
		return aws_endpoint_for_region("sqs", region, ret, size);
	return (size_t)snprintf(ret, size, "%s://%s", parts.scheme,
		   parts.authority) < size
	    ? 0
	    : -1;
}
