/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Calls to SQS, ECS and CloudWatch Logs for a program that does one thing at a
 * time: each is waited for.
 */
#ifndef TOOLS_E2E_CALL_H
#define TOOLS_E2E_CALL_H

#include <stdint.h>

#include "common/aws/aws_client.h"
#include "common/base/buf.h"
#include "common/base/error.h"
#include "common/settings/settings.h"

enum e2e_api {
	E2E_API_SQS,
	E2E_API_ECS,
	E2E_API_LOGS
};

struct e2e_calls {
	const struct settings *settings;
	const struct queue_settings *queue;
	struct aws_client sqs;
	struct aws_client other; /* its aws calls the API in use */
	enum e2e_api api;        /* the API in use; E2E_API_SQS: none yet */
	int64_t deadline_ms;     /* of every call */
};

/*
 * settings is borrowed.  Returns 0, or -1 with *e; *c is to be released in both
 * cases.
 */
int e2e_calls_open(struct e2e_calls *c, const struct settings *settings,
    struct error *e);
void e2e_calls_release(struct e2e_calls *c);

/*
 * Calls and waits, until deadline_ms at the latest.  Takes the body over.
 * Returns 0, and the answer is the caller's to release; or -1 with *e.
 */
int e2e_call(struct e2e_calls *c, enum e2e_api api, const char *operation,
    struct buf *body, struct buf *ret_answer, struct error *e);

#endif
