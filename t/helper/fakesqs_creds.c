/* SPDX-License-Identifier: MIT */
/*
 * The two credential endpoints: the container provider (/creds) and
 * IMDSv2 (/latest/...).  Every fetch hands out a new key, AKIDFAKE<n>.
 */

#include "fakesqs_creds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fakesqs_conn.h"

#define KEY_PREFIX "AKIDFAKE"
#define ROLE	   "test-role"

int64_t creds_lifetime_s = 3600;
int64_t creds_expires = 1;
int64_t creds_enforce;
int64_t creds_fail;
int64_t creds_hang;
int64_t creds_bad_json;
char *creds_token;
int64_t imds_off;
int64_t imds_no_role;
int64_t imds_ttl_s;
char *imds_code;
char *imds_spot;
char *imds_asg;

static uint64_t newest;		 /* n of the newest key */
static uint64_t refused_up_to;	 /* revoked */
static int64_t newest_until_ms;	 /* wall clock */
static int64_t tokens_until_ms; /* of the newest IMDS token */
static uint64_t imds_tokens;
static const char *region = "us-east-1";

void
creds_set_region(const char *name)
{
	region = name;
}

uint64_t
creds_handed_out(void)
{
	return newest;
}

void
creds_revoke(void)
{
	refused_up_to = newest;
}

bool
creds_accepts(const struct conn *c)
{
	const struct call *call = conn_call(c);
	char want[32];

	if (!creds_enforce)
		return true;
	(void)snprintf(want, sizeof(want), KEY_PREFIX "%llu",
	    (unsigned long long)newest);
	return call != NULL && strcmp(call->key_id, want) == 0 &&
	    newest > refused_up_to && newest_until_ms > clock_wall_ms();
}

void
creds_release(void)
{
	free(creds_token);
	free(imds_code);
	free(imds_spot);
	free(imds_asg);
}

static void
answer(struct conn *c, int status, const char *type, const char *body)
{
	struct reply r = { .status = status, .type = type };

	buf_addstr(&r.body, body);
	conn_reply(c, &r);
	buf_release(&r.body);
}

static void
answer_error(struct conn *c, int status, const char *code)
{
	struct reply r = { .status = status, .type = "application/json" };

	buf_addf(&r.body, "{\"code\":\"%s\",\"message\":\"%s (fakesqs)\"}",
	    code, code);
	conn_reply(c, &r);
	buf_release(&r.body);
}

static void
add_time(struct buf *out, const char *key, int64_t wall_ms)
{
	time_t t = (time_t)(wall_ms / 1000);
	char text[32];
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return;
	buf_addf(out, ",\"%s\":\"%s\"", key, text);
}

/* A new key; IMDS adds members that the container provider has not. */
static void
answer_keys(struct conn *c, bool imds)
{
	struct reply r = { .status = 200, .type = "application/json" };
	unsigned long long n = ++newest;
	int64_t now_ms = clock_wall_ms();

	/* Expiration is told in whole seconds. */
	newest_until_ms = creds_expires
	    ? (now_ms + creds_lifetime_s * 1000) / 1000 * 1000
	    : INT64_MAX;
	if (creds_bad_json) {
		buf_addf(&r.body, "{\"AccessKeyId\":\"" KEY_PREFIX "%llu\",",
		    n);
		conn_reply(c, &r);
		buf_release(&r.body);
		return;
	}
	buf_addstr(&r.body, "{");
	if (imds) {
		buf_addstr(&r.body, "\"Code\":");
		buf_jsonstr(&r.body, imds_code == NULL ? "Success" : imds_code);
		buf_addstr(&r.body, ",\"Type\":\"AWS-HMAC\"");
		add_time(&r.body, "LastUpdated", now_ms);
	} else {
		buf_addstr(&r.body,
		    "\"RoleArn\":\"arn:aws:iam::000000000000:role/" ROLE "\"");
	}
	buf_addf(&r.body,
	    ",\"AccessKeyId\":\"" KEY_PREFIX "%llu\""
	    ",\"SecretAccessKey\":\"secret/fake+%llu\""
	    ",\"Token\":\"token/fake+%llu==\"",
	    n, n, n);
	if (creds_expires)
		add_time(&r.body, "Expiration", newest_until_ms);
	buf_addstr(&r.body, "}");
	conn_reply(c, &r);
	buf_release(&r.body);
}

/* What all of these endpoints have in common; true when it answered. */
static bool
open_call(struct conn *c, enum op op)
{
	conn_call_open(c, op);
	if (fault_answer(c))
		return true;
	if (creds_hang) {
		conn_hang(c, 0);
		return true;
	}
	if (creds_fail != 0) {
		answer_error(c, (int)creds_fail, "Scripted");
		return true;
	}
	return false;
}

static void
container(struct conn *c)
{
	if (open_call(c, OP_CREDS))
		return;
	if (creds_token != NULL && !span_is(c->req.authorization, creds_token))
		answer_error(c, 401, "AccessDenied");
	else
		answer_keys(c, false);
}

static void
imds_new_token(struct conn *c)
{
	struct reply r = { .status = 200, .type = "text/plain" };
	int64_t ttl_s;

	if (open_call(c, OP_IMDS_TOKEN))
		return;
	ttl_s = c->req.imds_ttl.len == 0
	    ? 0
	    : strtoll(c->req.imds_ttl.p, NULL, 10);
	if (!span_is(c->req.method, "PUT") || imds_off || ttl_s < 1 ||
	    ttl_s > 21600) {
		answer(c,
		    imds_off				 ? 403
			: span_is(c->req.method, "PUT") ? 400
							 : 405,
		    "text/plain", "");
		return;
	}
	if (imds_ttl_s > 0 && imds_ttl_s < ttl_s)
		ttl_s = imds_ttl_s;
	tokens_until_ms = clock_ms() + ttl_s * 1000;
	buf_addf(&r.head, "X-aws-ec2-metadata-token-ttl-seconds: %lld\r\n",
	    (long long)ttl_s);
	buf_addf(&r.body, "IMDSFAKE%llu==",
	    (unsigned long long)++imds_tokens);
	conn_reply(c, &r);
	buf_release(&r.head);
	buf_release(&r.body);
}

static bool
imds_token_valid(const struct conn *c)
{
	char want[40];

	(void)snprintf(want, sizeof(want), "IMDSFAKE%llu==",
	    (unsigned long long)imds_tokens);
	return imds_tokens > 0 && span_is(c->req.imds_token, want) &&
	    clock_ms() < tokens_until_ms;
}

static void
imds_get(struct conn *c, const char *item)
{
	struct span path = { item,
		(size_t)(c->req.path.p + c->req.path.len - item) };
	static const char role_path[] = "iam/security-credentials/";
	bool role = span_is(path, "iam/security-credentials/") ||
	    span_is(path, "iam/security-credentials");
	bool keys = span_is(path, "iam/security-credentials/" ROLE);

	if (open_call(c,
		role		? OP_IMDS_ROLE
		    : keys	? OP_IMDS_CREDS
				: OP_IMDS_OTHER))
		return;
	(void)role_path;
	if (imds_off)
		answer(c, 403, "text/plain", "");
	else if (!imds_token_valid(c))
		answer(c, 401, "text/plain", "");
	else if ((role || keys) && imds_no_role)
		answer(c, 404, "text/plain", "");
	else if (role)
		answer(c, 200, "text/plain", ROLE);
	else if (keys)
		answer_keys(c, true);
	else if (span_is(path, "placement/region"))
		answer(c, 200, "text/plain", region);
	else if (span_is(path, "spot/instance-action") && imds_spot != NULL)
		answer(c, 200, "application/json", imds_spot);
	else if (span_is(path, "autoscaling/target-lifecycle-state") &&
	    imds_asg != NULL)
		answer(c, 200, "text/plain", imds_asg);
	else
		answer(c, 404, "text/plain", "");
}

bool
creds_request(struct conn *c)
{
	static const char meta[] = "/latest/meta-data/";
	struct span path = c->req.path;

	if (span_is(path, "/creds") || span_starts(path, "/creds/"))
		container(c);
	else if (span_is(path, "/latest/api/token"))
		imds_new_token(c);
	else if (span_starts(path, meta))
		imds_get(c, path.p + sizeof(meta) - 1);
	else
		return false;
	return true;
}
