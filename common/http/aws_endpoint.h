/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The names of AWS's endpoints, by service, region and partition.  Pure.
 * Sources: botocore's endpoint rule sets of SQS, STS and S3, and its
 * partitions.json.
 */
#ifndef COMMON_HTTP_AWS_ENDPOINT_H
#define COMMON_HTTP_AWS_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

struct aws_endpoint_variant {
	bool fips;
	bool dualstack; /* IPv6 as well */
};

/*
 * "https://sqs.eu-west-1.amazonaws.com".  Returns -1 if it does not fit, or
 * the region's partition has no dual-stack endpoints.
 */
int aws_endpoint_of_region(const char *service, const char *region,
    struct aws_endpoint_variant variant, char *ret, size_t size);

/*
 * "https://s3.eu-west-1.amazonaws.com", or with a bucket
 * "https://BUCKET.s3.eu-west-1.amazonaws.com"; S3 has variants of its own.
 * bucket NULL: none.  Returns -1 as above.
 */
int aws_endpoint_of_bucket(const char *bucket, const char *region,
    struct aws_endpoint_variant variant, char *ret, size_t size);

/*
 * The region in the name of an SQS host that the AWS General Reference lists,
 * or in a name of the same form, such as VPC endpoints and some local servers
 * have.  host is in lower case.  Returns -1 if the name holds no region.
 */
int aws_endpoint_region_of_host(const char *host, char *ret, size_t size);
/*
 * Is the host one of SQS's own, which have FIPS and dual-stack variants?  VPC
 * endpoints and other servers have none.
 */
bool aws_endpoint_has_variants(const char *host);

/*
 * The endpoint of calls about a queue when none is configured: the host of the
 * queue's URL, so that VPC endpoints and local servers just work.  Returns -1
 * if there is no such endpoint, or no such variant of it.
 */
int aws_endpoint_of_queue(const char *queue_url, const char *region,
    struct aws_endpoint_variant variant, char *ret, size_t size);

#endif
