/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The credential endpoints: the container provider (/creds), IMDSv2
 * (/latest/...) and STS (/sts).  Every fetch hands out a new key, AKIDFAKE<n>.
 */

#include "fakesqs_creds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fakesqs_conn.h"
#include "fakesqs_fault_answer.h"

#define TIME_OFF_MAX_MS 300000

#define KEY_PREFIX   "AKIDFAKE"
#define TOKEN_PREFIX "IMDSFAKE=="
#define ROLE         "test-role"

int64_t creds_lifetime_s = 3600;
int64_t creds_expires = 1;
int64_t creds_enforce;
int64_t creds_fail;
int64_t creds_hang;
int64_t creds_bad_json;
char *creds_token;
char *sts_token;
int64_t imds_off;
int64_t imds_no_role;
int64_t imds_ttl_s;
char *imds_code;
char *imds_spot;
char *imds_asg;

/*
 * The keys or tokens that were handed out, in order, and until when each is
 * valid.
 */
struct grants {
	int64_t *until_ms;
	uint64_t count;
	uint64_t cap;
};

static struct grants keys;     /* by the wall clock */
static struct grants tokens;   /* of IMDS, by the monotonic clock */
static uint64_t refused_up_to; /* these keys were revoked */
static const char *region = "us-east-1";

void
creds_set_region(const char *name)
{
	region = name;
}

static uint64_t
grant(struct grants *g, int64_t until_ms)
{
	if (g->count == g->cap) {
		g->cap = g->cap == 0 ? 16 : g->cap * 2;
		g->until_ms =
		    xreallocarray(g->until_ms, g->cap, sizeof(*g->until_ms));
	}
	g->until_ms[g->count++] = until_ms;
	return g->count;
}

/* The number that follows prefix in text, 0 when it was not granted. */
static uint64_t
granted(const struct grants *g, const char *prefix, struct span text)
{
	char number[21];
	size_t skip = strlen(prefix);
	uint64_t n;

	if (!span_starts(text, prefix) || text.len - skip >= sizeof(number))
		return 0;
	memcpy(number, text.p + skip, text.len - skip);
	number[text.len - skip] = '\0';
	n = strtoull(number, NULL, 10);
	return n <= g->count ? n : 0;
}

uint64_t
creds_handed_out(void)
{
	return keys.count;
}

void
creds_revoke(void)
{
	refused_up_to = keys.count;
}

bool
creds_accepts(const struct conn *c)
{
	const struct call *call = conn_call(c);
	uint64_t n;

	if (creds_enforce == 0 || call == NULL)
		return creds_enforce == 0;
	n = granted(&keys, KEY_PREFIX,
	    (struct span){ call->key_id, strlen(call->key_id) });
	return n > refused_up_to && keys.until_ms[n - 1] > clock_wall_ms() &&
	    (creds_enforce != 1 || n == keys.count);
}

bool
creds_time_is_right(const struct conn *c)
{
	int64_t signed_ms, off_ms;
	char text[17];
	struct tm tm = { 0 };

	if (c->req.amz_date.len != 16)
		return true;
	memcpy(text, c->req.amz_date.p, 16);
	text[16] = '\0';
	if (strptime(text, "%Y%m%dT%H%M%SZ", &tm) == NULL)
		return false;
	signed_ms = (int64_t)timegm(&tm) * 1000;
	off_ms = signed_ms - clock_wall_ms();
	return off_ms < TIME_OFF_MAX_MS && off_ms > -TIME_OFF_MAX_MS;
}

void
creds_release(void)
{
	free(keys.until_ms);
	free(tokens.until_ms);
	free(creds_token);
	free(sts_token);
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

/*
 * Answers with a new key; IMDS adds members that the container provider does
 * not have.
 */
static void
answer_keys(struct conn *c, bool imds)
{
	struct reply r = { .status = 200, .type = "application/json" };
	unsigned long long n;
	int64_t now_ms = clock_wall_ms(), until_ms = INT64_MAX;

	/* Expiration is in whole seconds. */
	if (creds_expires)
		until_ms = (now_ms / 1000 + creds_lifetime_s) * 1000;
	n = grant(&keys, until_ms);
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
		add_time(&r.body, "Expiration", until_ms);
	buf_addstr(&r.body, "}");
	conn_reply(c, &r);
	buf_release(&r.body);
}

/*
 * Injects the faults that all of these endpoints have in common; returns
 * whether one of them was the answer.
 */
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
	ttl_s =
	    c->req.imds_ttl.len == 0 ? 0 : strtoll(c->req.imds_ttl.p, NULL, 10);
	if (!span_is(c->req.method, "PUT") || imds_off || ttl_s < 1 ||
	    ttl_s > 21600) {
		answer(c,
		    imds_off                            ? 403
			: span_is(c->req.method, "PUT") ? 400
							: 405,
		    "text/plain", "");
		return;
	}
	if (imds_ttl_s > 0 && imds_ttl_s < ttl_s)
		ttl_s = imds_ttl_s;
	buf_addf(&r.head, "X-aws-ec2-metadata-token-ttl-seconds: %lld\r\n",
	    (long long)ttl_s);
	buf_addf(&r.body, TOKEN_PREFIX "%llu",
	    (unsigned long long)grant(&tokens, clock_ms() + ttl_s * 1000));
	conn_reply(c, &r);
	buf_release(&r.head);
	buf_release(&r.body);
}

static bool
imds_token_valid(const struct conn *c)
{
	uint64_t n = granted(&tokens, TOKEN_PREFIX, c->req.imds_token);

	return n > 0 && clock_ms() < tokens.until_ms[n - 1];
}

static void
imds_get(struct conn *c, const char *item)
{
	struct span path = { item,
		(size_t)(c->req.path.p + c->req.path.len - item) };
	bool role = span_is(path, "iam/security-credentials/") ||
	    span_is(path, "iam/security-credentials");
	bool set = span_is(path, "iam/security-credentials/" ROLE);

	if (open_call(c,
		role      ? OP_IMDS_ROLE
		    : set ? OP_IMDS_CREDS
			  : OP_IMDS_OTHER))
		return;
	if (imds_off)
		answer(c, 403, "text/plain", "");
	else if (!imds_token_valid(c))
		answer(c, 401, "text/plain", "");
	else if ((role || set) && imds_no_role)
		answer(c, 404, "text/plain", "");
	else if (role)
		answer(c, 200, "text/plain", ROLE);
	else if (set)
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

/* ---- STS ---- */

static void
answer_sts_error(struct conn *c, int status, const char *code)
{
	struct reply r = { .status = status, .type = "text/xml" };

	buf_addf(&r.body,
	    "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
	    "<Error><Type>Sender</Type><Code>%s</Code>"
	    "<Message>%s (fakesqs)</Message></Error>"
	    "<RequestId>r-sts</RequestId></ErrorResponse>",
	    code, code);
	conn_reply(c, &r);
	buf_release(&r.body);
}

static void
answer_sts_keys(struct conn *c, const char *action)
{
	struct reply r = { .status = 200, .type = "text/xml" };
	int64_t until_ms = (clock_wall_ms() / 1000 + creds_lifetime_s) * 1000;
	unsigned long long n = grant(&keys, until_ms);
	time_t t = (time_t)(until_ms / 1000);
	char when[32] = "";
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	buf_addf(&r.body,
	    "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
	    "<%sResult><Credentials><AccessKeyId>" KEY_PREFIX
	    "%llu</AccessKeyId><SecretAccessKey>secret/fake+%llu"
	    "</SecretAccessKey><SessionToken>token/fake+%llu==</SessionToken>"
	    "<Expiration>%s</Expiration></Credentials></%sResult></%sResponse>",
	    action, action, n, n, n, when, action, action);
	conn_reply(c, &r);
	buf_release(&r.body);
}

/* "WebIdentityToken=TOKEN" and nothing behind it but another parameter. */
static bool
has_sts_token(struct span body)
{
	static const char name[] = "&WebIdentityToken=";
	const char *p = memmem(body.p, body.len, name, sizeof(name) - 1);
	size_t left, len = strlen(sts_token);

	if (p == NULL)
		return false;
	p += sizeof(name) - 1;
	left = (size_t)(body.p + body.len - p);
	return left >= len && memcmp(p, sts_token, len) == 0 &&
	    (left == len || p[len] == '&');
}

static void
sts(struct conn *c)
{
	static const char web[] = "Action=AssumeRoleWithWebIdentity&";
	static const char role[] = "Action=AssumeRole&";
	bool is_signed = span_starts(c->req.authorization, "AWS4-HMAC-SHA256 ");

	if (open_call(c, OP_STS))
		return;
	if (span_starts(c->req.body, web) && is_signed)
		answer_sts_error(c, 400, "SignedWithoutNeed");
	else if (span_starts(c->req.body, web) && sts_token != NULL &&
	    !has_sts_token(c->req.body))
		answer_sts_error(c, 400, "InvalidIdentityToken");
	else if (span_starts(c->req.body, web))
		answer_sts_keys(c, "AssumeRoleWithWebIdentity");
	else if (!span_starts(c->req.body, role))
		answer_sts_error(c, 400, "InvalidAction");
	else if (!is_signed)
		answer_sts_error(c, 403, "MissingAuthenticationToken");
	else if (!creds_time_is_right(c))
		answer_sts_error(c, 403, "SignatureDoesNotMatch");
	else
		answer_sts_keys(c, "AssumeRole");
}

bool
creds_request(struct conn *c)
{
	static const char meta[] = "/latest/meta-data/";
	struct span path = c->req.path;

	if (span_is(path, "/creds") || span_starts(path, "/creds/"))
		container(c);
	else if (span_is(path, "/sts"))
		sts(c);
	else if (span_is(path, "/latest/api/token"))
		imds_new_token(c);
	else if (span_starts(path, meta))
		imds_get(c, path.p + sizeof(meta) - 1);
	else
		return false;
	return true;
}
