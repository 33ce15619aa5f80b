/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See e2e_call.h. */
#include "tools/e2e_call.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/aws/sqs.h"
#include "common/base/clock.h"
#include "common/http/aws_endpoint.h"

#include "common/base/banned.h"

struct answer {
	bool over;
	int result;
	struct buf body;
	struct error error;
};

static void
on_answer(void *arg, struct span body, const struct error *e)
{
	struct answer *a = arg;

	a->over = true;
	a->result = e == NULL ? 0 : -1;
	if (e != NULL)
		a->error = *e;
	else
		buf_append(&a->body, body.p, body.len);
}

static const struct {
	const char *service, *target, *endpoint_variable;
} apis[] = {
	[E2E_API_ECS] = { "ecs", "AmazonEC2ContainerServiceV20141113",
	    "AWS_ENDPOINT_URL_ECS" },
	[E2E_API_LOGS] = { "logs", "Logs_20140328",
	    "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" },
};

static int
endpoint_of(const struct e2e_calls *c, enum e2e_api api, char *ret, size_t size)
{
	const struct aws_endpoint_variant plain = { false, false };
	const char *url = getenv(apis[api].endpoint_variable);

	if (url == NULL || url[0] == '\0')
		url = getenv("AWS_ENDPOINT_URL");
	if (url != NULL && url[0] != '\0')
		return strlcpy(ret, url, size) < size ? 0 : -1;
	return aws_endpoint_of_region(apis[api].service, c->queue->region,
	    plain, ret, size);
}

/*
 * Makes the aws of the API anew: credentials report changes to one aws at a
 * time, the last that was made.
 */
static int
use_api(struct e2e_calls *c, enum e2e_api api, struct error *e)
{
	const struct settings *s = c->settings;
	char endpoint[1024];
	const struct aws_options options = { .service = apis[api].service,
		.target = apis[api].target,
		.json_1_1 = true,
		.region = c->queue->region,
		.endpoint_url = endpoint,
		.connect_timeout_ms = s->connect_timeout_ms,
		.request_timeout_ms = s->request_timeout_ms,
		.max_attempts = (unsigned)s->max_attempts };

	if (c->api == api)
		return 0;
	if (endpoint_of(c, api, endpoint, sizeof(endpoint)) == -1)
		return error_set(e, ERROR_INVALID, "no endpoint for \"%s\"",
		    apis[api].service);
	aws_free(c->other.aws);
	c->other.aws = aws_new(c->other.http, c->other.credentials, &options);
	c->api = api;
	return 0;
}

int
e2e_call(struct e2e_calls *c, enum e2e_api api, const char *operation,
    struct buf *body, struct buf *ret_answer, struct error *e)
{
	struct aws_client *client = api == E2E_API_SQS ? &c->sqs : &c->other;
	struct answer a = { .body = BUF_INIT(SQS_ANSWER_MAX) };
	struct aws_call *under_way;
	int64_t now_ms;

	if (api != E2E_API_SQS && use_api(c, api, e) == -1) {
		buf_release(body);
		return -1;
	}
	under_way = aws_start(client->aws, operation, body, 0, on_answer, &a);
	while (now_ms = clock_ms(), aws_step(client->aws, now_ms), !a.over) {
		if (now_ms >= c->deadline_ms) {
			aws_cancel(under_way);
			return error_set(e, ERROR_RETRY, "the time is over");
		}
		http_wait(client->http, NULL, 0,
		    clock_timeout_ms(now_ms,
			clock_earlier(aws_deadline(client->aws),
			    c->deadline_ms),
			1000));
	}
	if (a.result == -1) {
		*e = a.error;
		buf_release(&a.body);
	} else {
		*ret_answer = a.body;
	}
	return a.result;
}

int
e2e_calls_open(struct e2e_calls *c, const struct settings *settings,
    struct error *e)
{
	*c = (struct e2e_calls){ .settings = settings,
		.queue = &settings->queues[0] };
	if (aws_client_open(&c->sqs, settings, c->queue, NULL, e) == -1)
		return -1;
	return aws_client_open(&c->other, settings, c->queue, NULL, e);
}

void
e2e_calls_release(struct e2e_calls *c)
{
	aws_client_close(&c->other);
	aws_client_close(&c->sqs);
}
