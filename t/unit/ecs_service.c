/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * DescribeServices: what is asked, and what is read of the answer.
 */
#include "tools/ecs_service.h"

#include "t/unit/tap.h"

#include "common/base/banned.h"

static struct ecs_service service;

static int
parse(const char *text)
{
	struct error e;

	return ecs_service_parse(span_of(text), &service, &e);
}

static void
test_request(void)
{
	struct buf b = BUF_INIT(1024);

	ecs_service_describe(&b, "arn:aws:ecs:x:1:cluster/\"c\"", "jobs");
	is_str(buf_str(&b),
	    "{\"cluster\":\"arn:aws:ecs:x:1:cluster/\\\"c\\\"\","
	    "\"services\":[\"jobs\"]}",
	    "one service is asked for");
	buf_release(&b);
}

static void
test_stable(void)
{
	is_int(parse("{\"services\":[{\"serviceName\":\"jobs\","
		     "\"status\":\"ACTIVE\",\"desiredCount\":2,"
		     "\"runningCount\":2,\"pendingCount\":0,"
		     "\"deployments\":[{\"status\":\"PRIMARY\","
		     "\"rolloutState\":\"COMPLETED\","
		     "\"rolloutStateReason\":\"done\",\"runningCount\":7}],"
		     "\"events\":[{\"id\":\"b\",\"createdAt\":1764041001.25,"
		     "\"message\":\"later\"},{\"id\":\"a\","
		     "\"createdAt\":1.764041e9,\"message\":\"earlier\"}]}],"
		     "\"failures\":[]}"),
	    0, "a service is read");
	ok(service.found, "it is found");
	is_str(service.status, "ACTIVE", "its status");
	is_int(service.desired, 2, "the tasks that are wanted");
	is_int(service.running, 2, "those that run, not the deployment's");
	is_int(service.n_deployments, 1, "its deployments");
	is_str(service.rollout, "COMPLETED", "the state of the rollout");
	is_str(service.rollout_reason, "done", "and the reason");
	is_int(service.n_events, 2, "its events");
	is_str(service.events[0].message, "later", "the latest first");
	is_int(service.events[0].created_ms, 1764041001250, "with their time");
	is_int(service.events[1].created_ms, 1764041000000,
	    "however it is written");
	ok(ecs_service_is_stable(&service), "it is stable");
}

static void
test_unstable(void)
{
	static const struct {
		const char *name, *text;
	} cases[] = {
		{ "a task is missing",
		    "{\"services\":[{\"status\":\"ACTIVE\",\"desiredCount\":2,"
		    "\"runningCount\":1,\"deployments\":[{}]}]}" },
		{ "one is about to start",
		    "{\"services\":[{\"status\":\"ACTIVE\",\"desiredCount\":1,"
		    "\"runningCount\":1,\"pendingCount\":1,"
		    "\"deployments\":[{}]}]}" },
		{ "an older deployment is still there",
		    "{\"services\":[{\"status\":\"ACTIVE\",\"desiredCount\":1,"
		    "\"runningCount\":1,\"deployments\":[{\"rolloutState\":"
		    "\"COMPLETED\",\"status\":\"PRIMARY\"},"
		    "{\"status\":\"ACTIVE\",\"rolloutState\":\"COMPLETED\"}]}]}" },
		{ "the rollout goes on",
		    "{\"services\":[{\"status\":\"ACTIVE\",\"desiredCount\":1,"
		    "\"runningCount\":1,\"deployments\":[{\"rolloutState\":"
		    "\"IN_PROGRESS\",\"status\":\"PRIMARY\"}]}]}" },
		{ "it is being deleted",
		    "{\"services\":[{\"status\":\"DRAINING\","
		    "\"desiredCount\":0,\"runningCount\":0}]}" },
		{ "it is not there",
		    "{\"services\":[],\"failures\":["
		    "{\"arn\":\"a\",\"reason\":\"MISSING\"}]}" },
		{ "the answer is empty", "{}" },
		{ "services is no list",
		    "{\"services\":{\"x\":{\"status\":\"ACTIVE\"}}}" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok(parse(cases[i].text) == 0 &&
			!ecs_service_is_stable(&service),
		    cases[i].name);
	(void)parse(cases[5].text);
	is_str(service.failure, "MISSING", "the reason is kept");
	(void)parse(cases[2].text);
	is_str(service.rollout, "COMPLETED", "the rollout is the primary's");
}

static void
test_bad(void)
{
	struct buf b = BUF_INIT(65536);
	int i;

	service.desired = 42;
	is_int(parse("{\"services\":["), -1, "half an answer is an error");
	is_int(service.desired, 42, "which changes nothing");
	buf_puts(&b, "{\"services\":[{\"events\":[");
	for (i = 0; i < 100; i++)
		buf_printf(&b, "%s{\"id\":\"%d\",\"createdAt\":-1e300}",
		    i > 0 ? "," : "", i);
	buf_puts(&b, "],\"desiredCount\":-5}]}");
	is_int(parse(buf_str(&b)), 0, "a hundred events");
	is_int(service.n_events, ECS_SERVICE_EVENTS_MAX,
	    "are cut to the latest");
	is_int(service.events[0].created_ms, 0, "an absurd time is none");
	is_int(service.desired, 0, "and an absurd count is 0");
	buf_release(&b);
}

int
main(void)
{
	test_request();
	test_stable();
	test_unstable();
	test_bad();
	return tap_done();
}
