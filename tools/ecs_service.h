/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The state of an ECS service, for sqs-e2e: builds the JSON of the request and
 * reads that of the answer.  Pure; aws.h carries the bytes.  Source: ECS API
 * Reference, DescribeServices.
 */
#ifndef TOOLS_ECS_SERVICE_H
#define TOOLS_ECS_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/error.h"

enum {
	ECS_SERVICE_EVENTS_MAX =
	    20, /* that are kept; ECS returns the latest 100 */
	ECS_SERVICE_MESSAGE_MAX = 1024
};

struct ecs_service_event {
	int64_t created_ms; /* since the epoch; 0: not said */
	char id[64];
	char message[ECS_SERVICE_MESSAGE_MAX];
};

struct ecs_service {
	bool found;
	char failure[64]; /* why not, in ECS's words; "": not said */
	char status[16];  /* ACTIVE, DRAINING, INACTIVE */
	long long desired, running, pending;
	size_t n_deployments; /* one alone when nothing is being replaced */
	char rollout[16]; /* of the primary one: IN_PROGRESS, COMPLETED, FAILED;
			     "" if the service has none */
	char rollout_reason[256];
	struct ecs_service_event
	    events[ECS_SERVICE_EVENTS_MAX]; /* the latest first */
	size_t n_events;
};

void ecs_service_describe(struct buf *to, const char *cluster,
    const char *service);

/* Returns 0, or -1 with *e when the answer is not such a document. */
int ecs_service_parse(struct span answer, struct ecs_service *ret,
    struct error *e);

/* Has it one deployment, rolled out, with as many tasks as are wanted? */
bool ecs_service_is_stable(const struct ecs_service *s);

#endif
