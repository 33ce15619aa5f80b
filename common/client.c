/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The parts of a client put together.  See client.h.
 */
#include "common/client.h"

#include <stdlib.h>
#include <string.h>

#include "common/banned.h"

static int
choose_endpoint(const struct queue_settings *q, char *ret, size_t size)
{
	if (q->endpoint_url == NULL)
		return aws_endpoint_for_queue(q->queue_url, q->region, ret,
		    size);
	return strlcpy(ret, q->endpoint_url, size) < size ? 0 : -1;
}

static const char *
environment(const char *name)
{
	return getenv(name);
}

int
client_open(struct client *c, const struct settings *s,
    const struct queue_settings *q, struct error *e)
{
	static bool initialised;
	char endpoint[1024];
	const struct http_options http_options = { .ca_bundle = s->ca_bundle,
		.user_agent = "sqsherd/" SQSHERD_VERSION };
	struct aws_options options = { .service = "sqs",
		.target = "AmazonSQS",
		.query_mode = true,
		.region = q->region,
		.endpoint_url = endpoint,
		.connect_timeout_ms = s->connect_timeout_ms,
		.request_timeout_ms = s->request_timeout_ms,
		.max_attempts = (unsigned)s->max_attempts };

	memset(c, 0, sizeof(*c));
	if (choose_endpoint(q, endpoint, sizeof(endpoint)) == -1)
		return error_set(e, ERROR_INVALID,
		    "no endpoint can be made from \"%s\"", q->queue_url);
	if (!initialised && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(e, ERROR_INVALID, "cannot initialise libcurl");
	initialised = true;
	c->http = http_new(&http_options);
	c->credentials = credentials_new(c->http, environment);
	c->aws = aws_new(c->http, c->credentials, &options);
	return 0;
}

void
client_close(struct client *c)
{
	if (c == NULL || c->http == NULL)
		return;
	aws_free(c->aws);
	credentials_free(c->credentials);
	http_free(c->http);
	memset(c, 0, sizeof(*c));
}
