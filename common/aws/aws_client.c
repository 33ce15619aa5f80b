/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See aws_client.h. */
#include "common/aws/aws_client.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/xalloc.h"
#include "common/credentials/profile.h"
#include "common/credentials/profile_files.h"
#include "common/credentials/profile_parse.h"
#include "common/http/aws_endpoint.h"
#include "common/http/http_url.h"

#include "common/base/banned.h"

static const char *
environment(const char *name)
{
	return getenv(name);
}

/*
 * The endpoint of the profile, to be freed; NULL: it names none, or its
 * endpoints are ignored.
 */
static char *
profile_endpoint(const struct profile_set *set, const char *service)
{
	const char *profile = profile_name(environment);
	const char *url;
	char *of_service;

	if (profile_flag(environment, set,
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
		"ignore_configured_endpoint_urls"))
		return NULL;
	of_service = profile_get_service(set, profile, service, "endpoint_url");
	if (of_service != NULL)
		return of_service;
	url = profile_get(set, profile, "endpoint_url");
	return url != NULL ? xstrdup(url) : NULL;
}

static int
use_profile_endpoint(const struct settings *s, const char *url, char *ret,
    size_t size, struct error *e)
{
	struct http_url parts;

	if (http_url_split_endpoint(url, &parts) == -1 ||
	    strlcpy(ret, url, size) >= size)
		return error_set(e, ERROR_INVALID,
		    "the profile's endpoint_url is not an http or https URL");
	if (!s->allow_http && !http_url_is_confidential(&parts))
		return error_set(e, ERROR_INVALID,
		    "the profile's endpoint_url is not https (see allow_http)");
	return 0;
}

/*
 * The setting if it is given, or else the profile's property of the same name.
 */
static bool
choose_flag(const struct settings *s, const struct profile_set *set,
    const char *name, bool setting)
{
	const char *value = profile_get(set, profile_name(environment), name);

	return settings_is_given(s, name) || value == NULL
	    ? setting
	    : strcasecmp(value, "true") == 0;
}

static struct aws_endpoint_variant
choose_variant(const struct settings *s, const struct profile_set *set)
{
	return (struct aws_endpoint_variant){
		.fips = choose_flag(s, set, "use_fips_endpoint",
		    s->use_fips_endpoint),
		.dualstack = choose_flag(s, set, "use_dualstack_endpoint",
		    s->use_dualstack_endpoint),
	};
}

/* Only AWS's own endpoints have FIPS and dual-stack variants. */
static int
check_variant(struct aws_endpoint_variant variant, const char *url,
    struct error *e)
{
	if (!variant.fips && !variant.dualstack)
		return 0;
	return error_set(e, ERROR_INVALID,
	    "%s: there is no such variant of an endpoint of your own, "
	    "\"%.100s\"",
	    variant.fips ? "use_fips_endpoint" : "use_dualstack_endpoint", url);
}

/*
 * The endpoint of the setting, or else the profile's for that service.  Returns
 * 1; 0 with "" if there is none; -1 with *e.
 */
static int
choose_own_endpoint(const struct settings *s, const struct profile_set *set,
    const char *setting, const char *service,
    struct aws_endpoint_variant variant, char *ret, size_t size,
    struct error *e)
{
	char *url;
	int result = 0;

	ret[0] = '\0';
	if (setting == NULL || strlcpy(ret, setting, size) >= size) {
		if ((url = profile_endpoint(set, service)) == NULL)
			return 0;
		result = use_profile_endpoint(s, url, ret, size, e);
		free(url);
	}
	if (result == -1 || check_variant(variant, ret, e) == -1)
		return -1;
	return 1;
}

static int
choose_endpoint(const struct settings *s, const struct queue_settings *q,
    const struct profile_set *set, struct aws_endpoint_variant variant,
    char *ret, size_t size, struct error *e)
{
	int result = choose_own_endpoint(s, set, q->endpoint_url, "sqs",
	    variant, ret, size, e);

	if (result != 0)
		return result == 1 ? 0 : -1;
	if (aws_endpoint_of_queue(q->queue_url, q->region, variant, ret,
		size) == 0)
		return 0;
	return error_set(e, ERROR_INVALID,
	    "no %sendpoint can be made from \"%s\"",
	    variant.fips            ? "FIPS "
		: variant.dualstack ? "dual-stack "
				    : "",
	    q->queue_url);
}

/*
 * A broken file is not an error here: credentials.c returns that error, if it
 * matters.
 */
static struct profile_set *
load_profiles(void)
{
	const struct span nothing = { "", 0 };
	struct profile_set *set = profile_files_load(environment, NULL);

	return set != NULL ? set : profile_parse(nothing, nothing);
}

/* The setting's, or the profile's. */
static char *
choose_ca_bundle(const struct settings *s, const struct profile_set *set)
{
	const char *path = s->ca_bundle;

	if (path == NULL)
		path = profile_get(set, profile_name(environment), "ca_bundle");
	return path != NULL ? xstrdup(path) : NULL;
}

static void
put_together(struct aws_client *c, const struct settings *s,
    const struct queue_settings *q, const char *endpoint,
    struct aws_endpoint_variant variant, struct credentials_share *share)
{
	const struct http_options http_options = { .ca_bundle = c->ca_bundle,
		.user_agent = "sqsherd/" SQSHERD_VERSION };
	const struct aws_options options = { .service = "sqs",
		.target = "AmazonSQS",
		.query_mode = true,
		.region = q->region,
		.endpoint_url = endpoint,
		.connect_timeout_ms = s->connect_timeout_ms,
		.request_timeout_ms = s->request_timeout_ms,
		.max_attempts = (unsigned)s->max_attempts };
	struct credentials_context context = { .get = environment,
		.region = q->region,
		.variant = variant,
		.allow_http = s->allow_http,
		.timeout_ms = s->request_timeout_ms };

	context.http = c->http = http_new(&http_options);
	c->credentials = credentials_new(&context, share);
	c->aws = aws_new(c->http, c->credentials, &options);
}

static void
open_s3(struct aws_client *c, const struct settings *s,
    const struct queue_settings *q, const char *endpoint,
    struct aws_endpoint_variant variant)
{
	const struct s3_options options = { .region = q->region,
		.endpoint_url = endpoint[0] != '\0' ? endpoint : NULL,
		.variant = variant,
		.connect_timeout_ms = s->connect_timeout_ms,
		.stall_timeout_ms = s->request_timeout_ms,
		.max_attempts = (unsigned)s->max_attempts };

	c->s3 = s3_new(c->http, c->credentials, &options);
}

int
aws_client_open(struct aws_client *c, const struct settings *s,
    const struct queue_settings *q, struct credentials_share *share,
    struct error *e)
{
	static bool initialised;
	char endpoint[1024], s3_endpoint[1024] = "";
	struct aws_endpoint_variant variant;
	struct profile_set *set;
	int result;

	memset(c, 0, sizeof(*c));
	set = load_profiles();
	variant = choose_variant(s, set);
	result =
	    choose_endpoint(s, q, set, variant, endpoint, sizeof(endpoint), e);
	if (result == 0 && q->s3_buckets != NULL)
		result = choose_own_endpoint(s, set, q->s3_endpoint_url, "s3",
		    variant, s3_endpoint, sizeof(s3_endpoint), e);
	c->ca_bundle = choose_ca_bundle(s, set);
	profile_free(set);
	if (result == -1)
		return -1;
	if (!initialised && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(e, ERROR_INVALID, "cannot initialise libcurl");
	initialised = true;
	put_together(c, s, q, endpoint, variant, share);
	if (q->s3_buckets != NULL)
		open_s3(c, s, q, s3_endpoint, variant);
	return 0;
}

void
aws_client_close(struct aws_client *c)
{
	if (c == NULL)
		return;
	s3_free(c->s3);
	aws_free(c->aws);
	credentials_free(c->credentials);
	http_free(c->http);
	free(c->ca_bundle);
	memset(c, 0, sizeof(*c));
}
