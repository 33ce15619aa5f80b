/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See aws_endpoint.h. */
#include "common/http/aws_endpoint.h"

#include <stdio.h>
#include <string.h>

#include "common/base/xalloc.h"
#include "common/http/http_url.h"

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

	/* In GovCloud the plain names lead to FIPS endpoints. */
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

/*
 * The old host names of SQS, REGION.queue.amazonaws.com and queue.amazonaws.com
 * for us-east-1, which for certain serve only the query protocol.
 */
static bool
is_legacy(const char *host)
{
	const char *dot = host + strcspn(host, ".");

	return strcmp(host, "queue.amazonaws.com") == 0 ||
	    strcmp(dot, ".queue.amazonaws.com") == 0 ||
	    strcmp(dot, ".queue.amazonaws.com.cn") == 0;
}

/* The part of a name behind "sqs." or "sqs-fips." at its beginning; or NULL. */
static const char *
skip_service(const char *name)
{
	static const char *const services[] = { "sqs.", "sqs-fips." };
	size_t i;

	for (i = 0; i < nitems(services); i++)
		if (strncmp(name, services[i], strlen(services[i])) == 0)
			return name + strlen(services[i]);
	return NULL;
}

/* Is it sqs.REGION.SUFFIX or sqs-fips.REGION.SUFFIX? */
static bool
is_regional(const char *host)
{
	const char *region = skip_service(host), *suffix;
	const struct partition *p;

	if (region == NULL || (suffix = strchr(region, '.')) == NULL)
		return false;
	p = partition_of(region);
	return strcmp(suffix + 1, p->suffix) == 0 ||
	    (p->dual_suffix != NULL && strcmp(suffix + 1, p->dual_suffix) == 0);
}

bool
aws_endpoint_has_variants(const char *host)
{
	return is_legacy(host) || is_regional(host);
}

/* The label at p must look like a region: "eu-west-1". */
static int
copy_region(const char *p, char *ret, size_t size)
{
	size_t len = strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789-");

	if (p[len] != '.' || memchr(p, '-', len) == NULL || len >= size)
		return -1;
	memcpy(ret, p, len);
	ret[len] = '\0';
	return 0;
}

int
aws_endpoint_region_of_host(const char *host, char *ret, size_t size)
{
	const char *label, *region;

	if (strcmp(host, "queue.amazonaws.com") == 0)
		return strlcpy(ret, "us-east-1", size) < size ? 0 : -1;
	if (is_legacy(host))
		return copy_region(host, ret, size);
	for (label = host; label != NULL; label = strchr(label, '.')) {
		label += *label == '.';
		if ((region = skip_service(label)) != NULL)
			return copy_region(region, ret, size);
	}
	return -1;
}

int
aws_endpoint_of_queue(const char *queue_url, const char *region,
    struct aws_endpoint_variant variant, char *ret, size_t size)
{
	struct http_url parts;

	if (http_url_split_endpoint(queue_url, &parts) == -1)
		return -1;
	if (is_legacy(parts.host))
		return aws_endpoint_of_region("sqs", region, variant, ret,
		    size);
	if (variant.fips || variant.dualstack)
		return is_regional(parts.host)
		    ? aws_endpoint_of_region("sqs", region, variant, ret, size)
		    : -1;
	return (size_t)snprintf(ret, size, "%s://%s", parts.scheme,
		   parts.authority) < size
	    ? 0
	    : -1;
}
