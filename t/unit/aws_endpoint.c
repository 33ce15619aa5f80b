/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Endpoints by region, partition and variant.  Source of what is wanted:
 * botocore's endpoint rule sets and partitions.json.
 */
#include "common/http/aws_endpoint.h"

#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static const struct aws_endpoint_variant plain, fips = { .fips = true },
						dual = { .dualstack = true },
						both = { true, true };

static void
test_regions(void)
{
	static const struct {
		const char *service, *region;
		const struct aws_endpoint_variant *variant;
		const char *endpoint; /* NULL: there is none */
	} cases[] = {
		{ "sqs", "eu-west-1", &plain,
		    "https://sqs.eu-west-1.amazonaws.com" },
		{ "sqs", "us-east-1", &fips,
		    "https://sqs-fips.us-east-1.amazonaws.com" },
		{ "sqs", "us-east-1", &dual, "https://sqs.us-east-1.api.aws" },
		{ "sts", "us-east-1", &both,
		    "https://sts-fips.us-east-1.api.aws" },
		{ "sqs", "cn-north-1", &plain,
		    "https://sqs.cn-north-1.amazonaws.com.cn" },
		{ "sts", "cn-northwest-1", &dual,
		    "https://sts.cn-northwest-1.api.amazonwebservices.com.cn" },
		{ "sqs", "us-gov-east-1", &plain,
		    "https://sqs.us-gov-east-1.amazonaws.com" },
		{ "sqs", "us-gov-east-1", &fips,
		    "https://sqs.us-gov-east-1.amazonaws.com" },
		{ "sts", "us-gov-west-1", &fips,
		    "https://sts.us-gov-west-1.amazonaws.com" },
		{ "sqs", "us-gov-east-1", &both,
		    "https://sqs-fips.us-gov-east-1.api.aws" },
		{ "sqs", "eusc-de-east-1", &plain,
		    "https://sqs.eusc-de-east-1.amazonaws.eu" },
		{ "sqs", "eusc-de-east-1", &dual,
		    "https://sqs.eusc-de-east-1.api.amazonwebservices.eu" },
		{ "sqs", "us-iso-east-1", &plain,
		    "https://sqs.us-iso-east-1.c2s.ic.gov" },
		{ "sqs", "us-isob-east-1", &plain,
		    "https://sqs.us-isob-east-1.sc2s.sgov.gov" },
		{ "sqs", "eu-isoe-west-1", &plain,
		    "https://sqs.eu-isoe-west-1.cloud.adc-e.uk" },
		{ "sqs", "us-isof-south-1", &plain,
		    "https://sqs.us-isof-south-1.csp.hci.ic.gov" },
		{ "sqs", "us-iso-east-1", &dual, NULL },
	};
	char to[256];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		int result = aws_endpoint_of_region(cases[i].service,
		    cases[i].region, *cases[i].variant, to, sizeof(to));

		is_str(result == 0 ? to : NULL, cases[i].endpoint,
		    cases[i].endpoint != NULL ? cases[i].endpoint
					      : cases[i].region);
	}
	is_int(aws_endpoint_of_region("sqs", "eu-west-1", plain, to, 20), -1,
	    "an endpoint that does not fit is refused, not cut");
}

static void
test_queues(void)
{
	static const struct {
		const char *url;
		const struct aws_endpoint_variant *variant;
		const char *endpoint; /* NULL: there is none */
	} cases[] = {
		{ "http://127.0.0.1:4566/1/q", &plain,
		    "http://127.0.0.1:4566" },
		{ "https://sqs.us-east-1.amazonaws.com/1/q", &plain,
		    "https://sqs.us-east-1.amazonaws.com" },
		{ "https://sqs.us-east-1.amazonaws.com/1/q", &fips,
		    "https://sqs-fips.us-east-1.amazonaws.com" },
		{ "https://sqs-fips.us-east-1.amazonaws.com/1/q", &both,
		    "https://sqs-fips.us-east-1.api.aws" },
		{ "https://queue.amazonaws.com/1/q", &plain,
		    "https://sqs.us-east-1.amazonaws.com" },
		{ "https://us-east-1.queue.amazonaws.com/1/q", &dual,
		    "https://sqs.us-east-1.api.aws" },
		{ "https://vpce-1a-2b.sqs.us-east-1.vpce.amazonaws.com/1/q",
		    &plain,
		    "https://vpce-1a-2b.sqs.us-east-1.vpce.amazonaws.com" },
		{ "https://vpce-1a-2b.sqs.us-east-1.vpce.amazonaws.com/1/q",
		    &fips, NULL },
		{ "http://127.0.0.1:4566/1/q", &dual, NULL },
		{ "HTTPS://SQS.US-EAST-1.AMAZONAWS.COM/1/q", &plain,
		    "https://sqs.us-east-1.amazonaws.com" },
		{ "HTTPS://SQS.US-EAST-1.AMAZONAWS.COM/1/q", &fips,
		    "https://sqs-fips.us-east-1.amazonaws.com" },
		{ "https://sqs.us-east-1.localhost:4566/1/q", &fips, NULL },
		{ "https://queue.amazonaws.com.example/1/q", &plain,
		    "https://queue.amazonaws.com.example" },
		{ "nonsense", &plain, NULL },
	};
	char to[256];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		int result = aws_endpoint_of_queue(cases[i].url, "us-east-1",
		    *cases[i].variant, to, sizeof(to));

		is_str(result == 0 ? to : NULL, cases[i].endpoint,
		    cases[i].url);
	}
}

static void
test_hosts(void)
{
	static const struct {
		const char *host, *region; /* NULL: it names none */
		bool has_variants;
	} cases[] = {
		{ "sqs.eu-west-1.amazonaws.com", "eu-west-1", true },
		{ "sqs-fips.us-east-1.amazonaws.com", "us-east-1", true },
		{ "sqs.us-east-1.api.aws", "us-east-1", true },
		{ "sqs.cn-north-1.amazonaws.com.cn", "cn-north-1", true },
		{ "sqs.cn-north-1.amazonaws.com", "cn-north-1", false },
		{ "queue.amazonaws.com", "us-east-1", true },
		{ "eu-west-1.queue.amazonaws.com", "eu-west-1", true },
		{ "cn-north-1.queue.amazonaws.com.cn", "cn-north-1", true },
		{ "vpce-1.sqs.us-east-1.vpce.amazonaws.com", "us-east-1",
		    false },
		{ "sqs.us-east-1.localhost", "us-east-1", false },
		{ "queue.amazonaws.com.example", NULL, false },
		{ "sqs.amazonaws.com", NULL, false },
		{ "sqs.", NULL, false },
		{ "localhost", NULL, false },
		{ "", NULL, false },
	};
	char region[64];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		int result = aws_endpoint_region_of_host(cases[i].host, region,
		    sizeof(region));

		is_str(result == 0 ? region : NULL, cases[i].region,
		    cases[i].host);
		is_int(aws_endpoint_has_variants(cases[i].host),
		    cases[i].has_variants,
		    cases[i].has_variants ? "has variants" : "has none");
	}
	is_int(aws_endpoint_region_of_host("sqs.eu-west-1.amazonaws.com",
		   region, 9),
	    -1, "a region that does not fit is refused, not cut");
}

static void
test_buckets(void)
{
	static const struct {
		const char *bucket, *region;
		const struct aws_endpoint_variant *variant;
		const char *endpoint; /* NULL: there is none */
	} cases[] = {
		{ "b", "eu-west-1", &plain,
		    "https://b.s3.eu-west-1.amazonaws.com" },
		{ NULL, "us-east-1", &plain,
		    "https://s3.us-east-1.amazonaws.com" },
		{ "b", "us-east-1", &fips,
		    "https://b.s3-fips.us-east-1.amazonaws.com" },
		{ "b", "us-east-1", &dual,
		    "https://b.s3.dualstack.us-east-1.amazonaws.com" },
		{ NULL, "us-gov-west-1", &both,
		    "https://s3-fips.dualstack.us-gov-west-1.amazonaws.com" },
		{ "b", "cn-north-1", &plain,
		    "https://b.s3.cn-north-1.amazonaws.com.cn" },
		{ "b", "us-iso-east-1", &dual, NULL },
	};
	char to[256];
	size_t i;

	for (i = 0; i < nitems(cases); i++) {
		int result = aws_endpoint_of_bucket(cases[i].bucket,
		    cases[i].region, *cases[i].variant, to, sizeof(to));

		is_str(result == 0 ? to : NULL, cases[i].endpoint,
		    cases[i].endpoint != NULL ? cases[i].endpoint
					      : cases[i].region);
	}
}

int
main(void)
{
	test_regions();
	test_hosts();
	test_buckets();
	test_queues();
	return tap_done();
}
