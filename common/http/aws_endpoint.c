/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Regional endpoints.  See endpoint.h.
 */
#include "common/http/aws_endpoint.h"

#include <stdio.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/http/http.h"

#include "common/base/banned.h"

static const struct partition {
	const char *region_prefix;
	const char *suffix;
	const char *dual_suffix; /* NULL: there are none */
} partitions[] = {
	{ "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn" },
	{ "eusc-", "amazonaws.eu", "api.amazonwebservices.eu" },
	{ "us-gov-", "amazonaws.com", "api.aws" },
	{ "us-iso-", "c2s.ic.gov", NULL },
	{ "us-isob-", "sc2s.sgov.gov", NULL },
	{ "eu-isoe-", "cloud.adc-e.uk", NULL },
	{ "us-isof-", "csp.hci.ic.gov", NULL },
	{ "", "amazonaws.com", "api.aws" },
};

static const struct partition *
partition_of(const char *region)
{
	const struct partition *p = partitions;

	while (strncmp(region, p->region_prefix, strlen(p->region_prefix)) != 0)
		p++;
	return p;
}

int
aws_endpoint_of_region(const char *service, const char *region,
    struct aws_endpoint_variant variant, char *ret, size_t size)
{
	const struct partition *p = partition_of(region);
	const char *suffix = variant.dualstack ? p->dual_suffix : p->suffix;
	bool fips = variant.fips;

	/* GovCloud's plain names are FIPS ones. */
	if (!variant.dualstack && strcmp(p->region_prefix, "us-gov-") == 0)
		fips = false;
	if (suffix == NULL)
		return -1;
	return (size_t)snprintf(ret, size, "https://%s%s.%s.%s", service,
		   fips ? "-fips" : "", region, suffix) < size
	    ? 0
	    : -1;
}

int
aws_endpoint_of_bucket(const char *bucket, const char *region,
    struct aws_endpoint_variant variant, char *ret, size_t size)
{
	const struct partition *p = partition_of(region);

	if (variant.dualstack && p->dual_suffix == NULL)
		return -1;
	return (size_t)snprintf(ret, size, "https://%s%ss3%s%s.%s.%s",
		   bucket != NULL ? bucket : "", bucket != NULL ? "." : "",
		   variant.fips ? "-fips" : "",
		   variant.dualstack ? ".dualstack" : "", region,
		   p->suffix) < size
	    ? 0
	    : -1;
}

/* Names of old, which serve only the query protocol for certain. */
static bool
is_legacy(const char *host)
{
	return strstr(host, "queue.amazonaws.com") != NULL;
}

int
aws_endpoint_of_queue(const char *queue_url, const char *region,
    struct aws_endpoint_variant variant, char *ret, size_t size)
{
	struct http_url parts;

	if (http_split_url(queue_url, &parts) == -1)
		return -1;
	if (is_legacy(parts.host))
		return aws_endpoint_of_region("sqs", region, variant, ret,
		    size);
	if (variant.fips || variant.dualstack) {
		if (strncmp(parts.host, "sqs.", 4) != 0 &&
		    strncmp(parts.host, "sqs-fips.", 9) != 0)
			return -1;
		return aws_endpoint_of_region("sqs", region, variant, ret,
		    size);
	}
	return (size_t)snprintf(ret, size, "%s://%s", parts.scheme,
		   parts.authority) < size
	    ? 0
	    : -1;
}
