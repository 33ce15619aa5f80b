/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Scale-in protection: what is asked for and when, and all answers of the
 * agent.
 */
#include "child/reporter/ecs_protection.h"

#include "t/unit/tap.h"

#include "common/base/banned.h"

enum {
	MINUTE = 60 * 1000
};

static const struct ecs_protection_answer good = { .ok = true };
static const struct ecs_protection_answer bad = { .code = "TASK_NOT_VALID" };

static void
test_life(void)
{
	struct ecs_protection p = { .until_ms = 0 };
	int64_t now_ms = 1000;

	is_int(ecs_protection_decide(&p, 0, now_ms), ECS_PROTECTION_NO_WISH,
	    "an idle task wants nothing");
	now_ms += 100 * MINUTE;
	is_int(ecs_protection_decide(&p, 0, now_ms), ECS_PROTECTION_NO_WISH,
	    "however long it is idle");
	is_int(ecs_protection_decide(&p, 1, now_ms), ECS_PROTECTION_ON,
	    "a message in hand wants protection");
	(void)ecs_protection_answered(&p, ECS_PROTECTION_ON, &good, now_ms,
	    now_ms + 10, 0.5);
	is_int(p.until_ms, now_ms + 30 * MINUTE, "which holds from the asking");
	is_int(ecs_protection_decide(&p, 1, now_ms + 20),
	    ECS_PROTECTION_NO_WISH, "once is enough");
	is_int(ecs_protection_decide(&p, 1, now_ms + 15 * MINUTE - 1),
	    ECS_PROTECTION_NO_WISH, "until half of it is over");
	now_ms += 15 * MINUTE;
	is_int(ecs_protection_decide(&p, 1, now_ms - 1), ECS_PROTECTION_NO_WISH,
	    "not before");
	is_int(ecs_protection_decide(&p, 1, now_ms), ECS_PROTECTION_ON,
	    "then again");
	(void)ecs_protection_answered(&p, ECS_PROTECTION_ON, &good, now_ms,
	    now_ms, 0.5);
	now_ms += MINUTE;
	is_int(ecs_protection_decide(&p, 0, now_ms), ECS_PROTECTION_NO_WISH,
	    "who has just become idle stays protected");
	is_int(ecs_protection_decide(&p, 0, now_ms + 9999),
	    ECS_PROTECTION_NO_WISH, "for a time");
	is_int(ecs_protection_decide(&p, 1, now_ms + 9000),
	    ECS_PROTECTION_NO_WISH, "more work");
	is_int(ecs_protection_decide(&p, 0, now_ms + 9500),
	    ECS_PROTECTION_NO_WISH, "begins that time anew");
	is_int(ecs_protection_decide(&p, 0, now_ms + 19499),
	    ECS_PROTECTION_NO_WISH, "which is not over");
	is_int(ecs_protection_decide(&p, 0, now_ms + 19500), ECS_PROTECTION_OFF,
	    "and then is");
	(void)ecs_protection_answered(&p, ECS_PROTECTION_OFF, &good, now_ms,
	    now_ms, 0.5);
	is_int(ecs_protection_decide(&p, 0, now_ms + 99999),
	    ECS_PROTECTION_NO_WISH, "once is enough here, too");
	is_int(ecs_protection_decide(&p, 0, now_ms + 1000 * MINUTE),
	    ECS_PROTECTION_NO_WISH, "nothing is due");
}

static void
test_failures(void)
{
	struct ecs_protection p = { .until_ms = 0 };
	struct ecs_protection_answer other = { .code = "ThrottlingException" };
	int64_t now_ms = 1000, longest = 0;
	int i;

	is_int(ecs_protection_decide(&p, 3, now_ms), ECS_PROTECTION_ON,
	    "asked for");
	ok(ecs_protection_answered(&p, ECS_PROTECTION_ON, &bad, now_ms, now_ms,
	       0),
	    "a first failure is told");
	is_int(ecs_protection_decide(&p, 3, now_ms + 999),
	    ECS_PROTECTION_NO_WISH, "it is not asked again at once");
	is_int(ecs_protection_decide(&p, 3, now_ms + 1000), ECS_PROTECTION_ON,
	    "but later");
	ok(!ecs_protection_answered(&p, ECS_PROTECTION_ON, &bad, now_ms, now_ms,
	       0),
	    "the same again is not told");
	ok(ecs_protection_answered(&p, ECS_PROTECTION_ON, &other, now_ms,
	       now_ms, 0),
	    "another is");
	ok(ecs_protection_answered(&p, ECS_PROTECTION_ON, &bad, now_ms, now_ms,
	       0),
	    "and the first again, then");
	for (i = 0; i < 100; i++) {
		(void)ecs_protection_answered(&p, ECS_PROTECTION_ON, &bad,
		    now_ms, now_ms, 0.999);
		longest = p.retry_at_ms - now_ms > longest
		    ? p.retry_at_ms - now_ms
		    : longest;
	}
	ok(longest <= 5 * MINUTE && longest > 4 * MINUTE,
	    "pauses grow to five minutes");
	ok(ecs_protection_answered(&p, ECS_PROTECTION_ON, &bad, now_ms,
	       now_ms + 10 * MINUTE, 0.5),
	    "after ten minutes it is told again");
	is_int(p.complaints.unlogged, 100, "how often it was not is known");
	now_ms += 60 * MINUTE;
	is_int(ecs_protection_decide(&p, 0, now_ms), ECS_PROTECTION_NO_WISH,
	    "without work there is nothing to ask for");
	is_int(ecs_protection_decide(&p, 1, now_ms), ECS_PROTECTION_ON,
	    "with it there is");
	(void)ecs_protection_answered(&p, ECS_PROTECTION_ON, &good, now_ms,
	    now_ms, 0.5);
	ok(ecs_protection_answered(&p, ECS_PROTECTION_OFF, &bad, now_ms, now_ms,
	       0.5),
	    "after a success a failure is told again");
	is_int(p.until_ms, now_ms + 30 * MINUTE,
	    "who could not be freed is still protected");
	is_int(ecs_protection_decide(&p, 0, now_ms + 30 * MINUTE),
	    ECS_PROTECTION_NO_WISH, "until that ends by itself");
	is_int(p.until_ms, 0, "as it does");
}

static void
test_answers(void)
{
	static const struct {
		const char *name;
		int status;
		const char *body;
		enum ecs_protection_wish wish;
		bool ok;
		const char *code;
	} cases[] = {
		{ "protected", 200,
		    "{\"protection\":{\"ExpirationDate\":"
		    "\"2022-10-06T02:29:16Z\",\"ProtectionEnabled\":true,"
		    "\"TaskArn\":\"arn\"}}",
		    ECS_PROTECTION_ON, true, "" },
		{ "not protected any more", 200,
		    "{\"protection\":{\"ExpirationDate\":null,"
		    "\"ProtectionEnabled\":false,\"TaskArn\":\"arn\"}}",
		    ECS_PROTECTION_OFF, true, "" },
		{ "protected, when that was not asked for", 200,
		    "{\"protection\":{\"ProtectionEnabled\":true}}",
		    ECS_PROTECTION_OFF, false, "status 200" },
		{ "the opposite", 200,
		    "{\"protection\":{\"ProtectionEnabled\":false}}",
		    ECS_PROTECTION_ON, false, "status 200" },
		{ "a failure with a status of 200", 200,
		    "{\"failure\":{\"Arn\":\"arn\",\"Detail\":null,"
		    "\"Reason\":\"TASK_NOT_VALID\"}}",
		    ECS_PROTECTION_ON, false, "TASK_NOT_VALID" },
		{ "a deployment is blocked", 200,
		    "{\"failure\":{\"Arn\":\"arn\",\"Detail\":\"too many\","
		    "\"Reason\":\"DEPLOYMENT_BLOCKED\"}}",
		    ECS_PROTECTION_ON, false, "DEPLOYMENT_BLOCKED" },
		{ "a failure beside a protection", 200,
		    "{\"protection\":{\"ProtectionEnabled\":true},"
		    "\"failure\":{\"Reason\":\"MISSING\"}}",
		    ECS_PROTECTION_ON, false, "MISSING" },
		{ "a bad body", 400,
		    "{\"error\":{\"Code\":\"InvalidParameterException\","
		    "\"Message\":\"no\"}}",
		    ECS_PROTECTION_ON, false, "InvalidParameterException" },
		{ "no permission", 403,
		    "{\"requestID\":\"r\",\"error\":{\"Arn\":\"arn\","
		    "\"Code\":\"AccessDeniedException\",\"Message\":\"no\"}}",
		    ECS_PROTECTION_ON, false, "AccessDeniedException" },
		{ "no such task", 404,
		    "{\"error\":{\"Code\":\"ResourceNotFoundException\"}}",
		    ECS_PROTECTION_ON, false, "ResourceNotFoundException" },
		{ "a server in trouble", 500,
		    "{\"error\":{\"Code\":\"ServerException\"}}",
		    ECS_PROTECTION_ON, false, "ServerException" },
		{ "ECS did not answer the agent", 504,
		    "{\"error\":{\"Code\":\"RequestCanceled\"}}",
		    ECS_PROTECTION_ON, false, "RequestCanceled" },
		{ "a protection that is an error", 500,
		    "{\"protection\":{\"ProtectionEnabled\":true}}",
		    ECS_PROTECTION_ON, false, "status 500" },
		{ "too many requests, in words", 429, "slow down",
		    ECS_PROTECTION_ON, false, "status 429" },
		{ "nothing", 200, "", ECS_PROTECTION_ON, false, "status 200" },
		{ "an empty object", 200, "{}", ECS_PROTECTION_ON, false,
		    "status 200" },
		{ "something else", 200, "[{\"protection\":1}]",
		    ECS_PROTECTION_ON, false, "status 200" },
		{ "a protection that is a word", 200,
		    "{\"protection\":{\"ProtectionEnabled\":\"true\"}}",
		    ECS_PROTECTION_ON, false, "status 200" },
		{ "null", 200, "null", ECS_PROTECTION_ON, false, "status 200" },
		{ "a protection that says nothing of it", 200,
		    "{\"protection\":true}", ECS_PROTECTION_ON, false,
		    "status 200" },
		{ "one deeper than it should be", 200,
		    "{\"a\":{\"protection\":{\"ProtectionEnabled\":true}}}",
		    ECS_PROTECTION_ON, false, "status 200" },
		{ "both", 200,
		    "{\"protection\":{\"ProtectionEnabled\":true,"
		    "\"ProtectionEnabled\":false}}",
		    ECS_PROTECTION_ON, false, "status 200" },
		{ "a redirect", 307,
		    "{\"protection\":{\"ProtectionEnabled\":true}}",
		    ECS_PROTECTION_ON, false, "status 307" },
		{ "a code of several lines", 400,
		    "{\"error\":{\"Code\":\"A\\r\\nB\\u001b[2J\"}}",
		    ECS_PROTECTION_ON, false, "A  B [2J" },
		{ "half of it", 200,
		    "{\"protection\":{\"ProtectionEnabled\":true}",
		    ECS_PROTECTION_ON, false, "status 200" },
	};
	struct ecs_protection_answer a;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ecs_protection_parse(cases[i].status, span_of(cases[i].body),
		    cases[i].wish, &a);
		ok(a.ok == cases[i].ok, cases[i].name);
		is_str(a.code, cases[i].code, "and why");
	}
}

static void
test_wishes(void)
{
	struct buf b = BUF_INIT(200);

	ecs_protection_put_wish(&b, ECS_PROTECTION_ON);
	is_str(buf_str(&b),
	    "{\"ProtectionEnabled\":true,\"ExpiresInMinutes\":30}",
	    "a wish, with its end");
	buf_reset(&b);
	ecs_protection_put_wish(&b, ECS_PROTECTION_OFF);
	is_str(buf_str(&b), "{\"ProtectionEnabled\":false}", "the other wish");
	buf_release(&b);
}

static void
test_told(void)
{
	int64_t now_ms = 1000 * MINUTE;

	is_int(ecs_protection_until(now_ms + 30 * MINUTE, now_ms),
	    now_ms + 30 * MINUTE,
	    "what another reporter has asked for holds on");
	is_int(ecs_protection_until(now_ms, now_ms), 0, "until it is over");
	is_int(ecs_protection_until(now_ms + 30 * MINUTE + 1, now_ms), 0,
	    "nobody asks for longer");
	is_int(ecs_protection_until(INT64_MAX, now_ms), 0, "nor forever");
	is_int(ecs_protection_until(INT64_MIN, now_ms), 0, "garbage is none");
}

int
main(void)
{
	test_told();
	test_life();
	test_failures();
	test_answers();
	test_wishes();
	return tap_done();
}
