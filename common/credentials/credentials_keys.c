/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See credentials_keys.h. */
#include "common/credentials/credentials_keys.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/clock.h"
#include "common/base/json.h"
#include "common/base/xalloc.h"
#include "common/credentials/secret.h"

#include "common/base/banned.h"

struct credentials_keys *
credentials_keys_new(const char *access_key_id, const char *secret_access_key,
    const char *session_token, int64_t expiration_ms)
{
	struct credentials_keys *k = xcalloc(1, sizeof(*k));

	k->access_key_id = xstrdup(access_key_id);
	k->secret_access_key = xstrdup(secret_access_key);
	if (session_token != NULL)
		k->session_token = xstrdup(session_token);
	k->expiration_ms = expiration_ms;
	return k;
}

void
credentials_keys_free(struct credentials_keys *k)
{
	if (k == NULL)
		return;
	secret_free(k->access_key_id);
	secret_free(k->secret_access_key);
	secret_free(k->session_token);
	free(k);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

struct signing_keys
credentials_keys_to_sign(const struct credentials_keys *k)
{
	return (struct signing_keys){ k->access_key_id, k->secret_access_key,
		k->session_token };
}

bool
credentials_keys_same(const struct credentials_keys *a,
    const struct credentials_keys *b)
{
	return same_text(a->access_key_id, b->access_key_id) &&
	    same_text(a->secret_access_key, b->secret_access_key) &&
	    same_text(a->session_token, b->session_token);
}

/* ---- the documents ---- */

bool
credentials_keys_is_visible(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s <= ' ' || *s > '~')
			return false;
	return true;
}

enum field {
	FIELD_ID,
	FIELD_SECRET,
	FIELD_TOKEN,
	FIELD_EXPIRATION,
	FIELD_CODE,
	FIELD_MESSAGE,
	FIELDS
};

/* The container endpoint and IMDS differ in the case of "code". */
static const struct {
	const char *name;
	enum field field;
} field_names[] = {
	{ "AccessKeyId", FIELD_ID },
	{ "SecretAccessKey", FIELD_SECRET },
	{ "Token", FIELD_TOKEN },
	{ "SessionToken", FIELD_TOKEN },
	{ "Expiration", FIELD_EXPIRATION },
	{ "Code", FIELD_CODE },
	{ "Message", FIELD_MESSAGE },
};

struct document {
	char *field[FIELDS]; /* NULL: absent, empty or not a string */
};

static int
on_value(void *arg, const struct json_path *path,
    const struct json_value *value)
{
	struct document *d = arg;
	const struct json_level *level = &path->level[0];
	size_t i;

	/* No valid value holds a NUL. */
	if (path->depth != 1 || level->in_array || value->type != JSON_STRING ||
	    value->text.len == 0 ||
	    memchr(value->text.p, '\0', value->text.len) != NULL)
		return 0;
	for (i = 0; i < nitems(field_names); i++) {
		char **to = &d->field[field_names[i].field];

		if (strcasecmp(level->key, field_names[i].name) != 0)
			continue;
		secret_free(*to);
		*to = xmemdup0(value->text.p, value->text.len);
	}
	return 0;
}

static void
document_release(struct document *d)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		secret_free(d->field[i]);
}

static int
report_code(const char *code, const char *message, struct error *e)
{
	/* The role's trust policy does not let EC2 assume it. */
	bool policy = strcmp(code, "AssumeRoleUnauthorizedAccess") == 0;

	error_set(e, policy ? ERROR_OPERATOR : ERROR_RETRY, "%s%s%s", code,
	    message != NULL ? ": " : "", message != NULL ? message : "");
	(void)strlcpy(e->code, code, sizeof(e->code));
	error_make_line(e->code);
	return -1;
}

static int
check_document(const struct document *d, struct error *e)
{
	const char *code = d->field[FIELD_CODE];
	const char *token = d->field[FIELD_TOKEN];

	if (code != NULL && strcmp(code, "Success") != 0)
		return report_code(code, d->field[FIELD_MESSAGE], e);
	if (d->field[FIELD_ID] == NULL)
		return error_set(e, ERROR_RETRY, "answer has no AccessKeyId");
	if (d->field[FIELD_SECRET] == NULL)
		return error_set(e, ERROR_RETRY,
		    "answer has no SecretAccessKey");
	if (!credentials_keys_is_visible(d->field[FIELD_ID]) ||
	    (token != NULL && !credentials_keys_is_visible(token)))
		return error_set(e, ERROR_RETRY,
		    "answer has an AccessKeyId or Token that no header can "
		    "hold");
	return 0;
}

int
credentials_keys_parse_expiration(const char *text, int64_t *ret_ms,
    struct error *e)
{
	int64_t ms = 0;

	if (text != NULL && clock_parse_iso(text, &ms) == -1)
		return error_set(e, ERROR_RETRY,
		    "answer has an Expiration that is not a time");
	/* 0 would mean that the keys never expire. */
	*ret_ms = text != NULL && ms <= 0 ? 1 : ms;
	return 0;
}

struct credentials_keys *
credentials_keys_parse(struct span document, struct error *e)
{
	struct document d = { { NULL } };
	struct credentials_keys *keys = NULL;
	int64_t expiration_ms = 0;

	if (json_parse(document, on_value, &d, e) == 0 &&
	    check_document(&d, e) == 0 &&
	    credentials_keys_parse_expiration(d.field[FIELD_EXPIRATION],
		&expiration_ms, e) == 0)
		keys = credentials_keys_new(d.field[FIELD_ID],
		    d.field[FIELD_SECRET], d.field[FIELD_TOKEN], expiration_ms);
	document_release(&d);
	return keys;
}

static int
on_version(void *arg, const struct json_path *path, const struct json_value *v)
{
	bool *is_version_1 = arg;

	if (path->depth == 1 && json_key_is(&path->level[0], "Version"))
		*is_version_1 = v->type == JSON_NUMBER && span_is(v->text, "1");
	return 0;
}

struct credentials_keys *
credentials_keys_parse_process(struct span document, struct error *e)
{
	bool is_version_1 = false;

	if (json_parse(document, on_version, &is_version_1, e) == -1)
		return NULL;
	if (!is_version_1) {
		error_set(e, ERROR_RETRY, "output does not have Version 1");
		return NULL;
	}
	return credentials_keys_parse(document, e);
}

static enum error_kind
kind_of_status(int status)
{
	if (status == 429)
		return ERROR_THROTTLED;
	return status >= 500 || status == 408 ? ERROR_RETRY : ERROR_OPERATOR;
}

void
credentials_keys_refusal(const struct http_answer *answer,
    const struct error *why, struct error *ret)
{
	struct error detail;

	if (answer == NULL) {
		*ret = *why;
		if (ret->kind != ERROR_RETRY)
			ret->kind = ERROR_OPERATOR;
		return;
	}
	error_clear(&detail);
	credentials_keys_free(credentials_keys_parse(answer->body, &detail));
	error_set(ret, kind_of_status(answer->status), "HTTP %d%s%s",
	    answer->status, detail.code[0] != '\0' ? ": " : "",
	    detail.code[0] != '\0' ? detail.text : "");
	ret->http_status = answer->status;
	memcpy(ret->code, detail.code, sizeof(ret->code));
}
