/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * SQS's requests and the answers to batches.  See sqs.h.
 */
#include "common/aws/sqs.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "common/aws/message_md5.h"
#include "common/base/json.h"
#include "common/base/json_write.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

/* ---- requests ---- */

static void
begin_request(struct json_write *w, const char *queue_url)
{
	json_write_object(w, NULL);
	json_write_string(w, "QueueUrl", queue_url);
}

/* "key":["value"] */
static void
put_only(struct json_write *w, const char *key, const char *value)
{
	json_write_array(w, key);
	json_write_string(w, NULL, value);
	json_write_array_end(w);
}

/* A member that may be missing: value is NULL then. */
static void
put_optional(struct json_write *w, const char *key, const char *value)
{
	if (value != NULL)
		json_write_string(w, key, value);
}

void
sqs_receive_message(struct buf *to, const char *queue_url, int max,
    int wait_time_s, int visibility_timeout_s, const char *attempt_id)
{
	struct json_write w = JSON_WRITE(to);

	begin_request(&w, queue_url);
	json_write_int(&w, "MaxNumberOfMessages", max);
	json_write_int(&w, "WaitTimeSeconds", wait_time_s);
	if (visibility_timeout_s >= 0)
		json_write_int(&w, "VisibilityTimeout", visibility_timeout_s);
	put_optional(&w, "ReceiveRequestAttemptId", attempt_id);
	put_only(&w, "MessageSystemAttributeNames", "All");
	put_only(&w, "MessageAttributeNames", "All");
	json_write_object_end(&w);
}

static void
begin_batch(struct json_write *w, const char *queue_url)
{
	begin_request(w, queue_url);
	json_write_array(w, "Entries");
}

static void
end_batch(struct json_write *w)
{
	json_write_array_end(w);
	json_write_object_end(w);
}

/* The id of an entry, which SQS answers with, is its index. */
static void
begin_entry(struct json_write *w, size_t i)
{
	json_write_object(w, NULL);
	json_write_key(w, "Id");
	buf_putc(w->to, '"');
	buf_put_int(w->to, (long long)i);
	buf_putc(w->to, '"');
}

void
sqs_delete_message_batch(struct buf *to, const char *queue_url,
    const char *const *receipt_handles, size_t n)
{
	struct json_write w = JSON_WRITE(to);
	size_t i;

	begin_batch(&w, queue_url);
	for (i = 0; i < n; i++) {
		begin_entry(&w, i);
		json_write_string(&w, "ReceiptHandle", receipt_handles[i]);
		json_write_object_end(&w);
	}
	end_batch(&w);
}

void
sqs_change_message_visibility_batch(struct buf *to, const char *queue_url,
    const char *const *receipt_handles, const int *visibility_timeouts_s,
    size_t n)
{
	struct json_write w = JSON_WRITE(to);
	size_t i;

	begin_batch(&w, queue_url);
	for (i = 0; i < n; i++) {
		begin_entry(&w, i);
		json_write_string(&w, "ReceiptHandle", receipt_handles[i]);
		json_write_int(&w, "VisibilityTimeout",
		    visibility_timeouts_s[i]);
		json_write_object_end(&w);
	}
	end_batch(&w);
}

static void
put_attributes(struct json_write *w, const struct sqs_attribute *a, size_t n)
{
	size_t i;

	json_write_object(w, "MessageAttributes");
	for (i = 0; i < n; i++) {
		json_write_object(w, a[i].name);
		json_write_string(w, "DataType", a[i].type);
		json_write_string(w, "StringValue", a[i].value);
		json_write_object_end(w);
	}
	json_write_object_end(w);
}

static void
put_entry(struct json_write *w, const struct sqs_entry *e)
{
	json_write_text(w, "MessageBody", e->body.p, e->body.len);
	if (e->delay_s >= 0)
		json_write_int(w, "DelaySeconds", e->delay_s);
	if (e->n_attributes > 0)
		put_attributes(w, e->attributes, e->n_attributes);
	put_optional(w, "MessageGroupId", e->group_id);
	put_optional(w, "MessageDeduplicationId", e->deduplication_id);
}

void
sqs_send_message_batch(struct buf *to, const char *queue_url,
    const struct sqs_entry *entries, size_t n)
{
	struct json_write w = JSON_WRITE(to);
	size_t i;

	begin_batch(&w, queue_url);
	for (i = 0; i < n; i++) {
		begin_entry(&w, i);
		put_entry(&w, &entries[i]);
		json_write_object_end(&w);
	}
	end_batch(&w);
}

static void
put_base64(struct buf *to, const char *p, size_t len)
{
	size_t size = (len + 2) / 3 * 4;
	char *room = buf_reserve(to, size + 1); /* it ends what it writes */

	if (room == NULL)
		return;
	(void)EVP_EncodeBlock((unsigned char *)room, (const unsigned char *)p,
	    (int)len);
	to->len += size;
}

static void
put_value(struct json_write *w, const struct message_attribute *a)
{
	if (a->binary) {
		json_write_key(w, "BinaryValue");
		buf_putc(w->to, '"');
		put_base64(w->to, a->value, a->value_len);
		buf_putc(w->to, '"');
	} else {
		json_write_text(w, "StringValue", a->value, a->value_len);
	}
}

static void
put_message_attributes(struct json_write *w, const struct message_attribute *a,
    size_t n)
{
	size_t i;

	json_write_object(w, "MessageAttributes");
	for (i = 0; i < n; i++) {
		json_write_object(w, a[i].name);
		json_write_string(w, "DataType", a[i].type);
		put_value(w, &a[i]);
		json_write_object_end(w);
	}
	json_write_object_end(w);
}

static void
put_trace_header(struct json_write *w, const char *trace_header)
{
	json_write_object(w, "MessageSystemAttributes");
	json_write_object(w, "AWSTraceHeader");
	json_write_string(w, "DataType", "String");
	json_write_string(w, "StringValue", trace_header);
	json_write_object_end(w);
	json_write_object_end(w);
}

void
sqs_send_message(struct buf *to, const char *queue_url,
    const struct sqs_message *m)
{
	struct json_write w = JSON_WRITE(to);

	begin_request(&w, queue_url);
	json_write_text(&w, "MessageBody", m->body.p, m->body.len);
	if (m->n_attributes > 0)
		put_message_attributes(&w, m->attributes, m->n_attributes);
	put_optional(&w, "MessageGroupId", m->group_id);
	put_optional(&w, "MessageDeduplicationId", m->deduplication_id);
	if (m->trace_header != NULL)
		put_trace_header(&w, m->trace_header);
	json_write_object_end(&w);
}

void
sqs_get_redrive_policy(struct buf *to, const char *queue_url)
{
	struct json_write w = JSON_WRITE(to);

	begin_request(&w, queue_url);
	put_only(&w, "AttributeNames", "RedrivePolicy");
	json_write_object_end(&w);
}

void
sqs_get_queue_url(struct buf *to, const char *name, const char *account)
{
	struct json_write w = JSON_WRITE(to);

	json_write_object(&w, NULL);
	json_write_string(&w, "QueueName", name);
	json_write_string(&w, "QueueOwnerAWSAccountId", account);
	json_write_object_end(&w);
}

/* ---- answers ---- */

struct lookup {
	const char *keys[2]; /* the path; NULL: it ends */
	char *to;
	size_t size;
	bool unusable;
};

static int
on_lookup(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct lookup *l = arg;
	size_t i, depth = l->keys[1] != NULL ? 2 : 1;

	if (path->depth == 0)
		return v->type == JSON_OBJECT || v->type == JSON_OBJECT_END
		    ? 0
		    : -1;
	if (path->depth != depth || v->type == JSON_NULL)
		return 0;
	for (i = 0; i < depth; i++)
		if (!json_key_is(&path->level[i], l->keys[i]))
			return 0;
	/* Half a character, escaped, is no text that a request could hold. */
	l->unusable = v->type != JSON_STRING || v->text.len >= l->size ||
	    memchr(v->text.p, '\0', v->text.len) != NULL ||
	    !span_is_utf8(v->text);
	if (!l->unusable) {
		memcpy(l->to, v->text.p, v->text.len);
		l->to[v->text.len] = '\0';
	}
	return 0;
}

/* The string at key, or at key and inner below it; "" if there is none. */
static int
find_string(struct span document, const char *key, const char *inner, char *ret,
    size_t size, struct error *e)
{
	struct lookup l = { .keys = { key, inner }, .to = ret, .size = size };

	ret[0] = '\0';
	if (json_parse(document, on_lookup, &l, e) == -1)
		return -1;
	if (l.unusable)
		return error_set(e, ERROR_RETRY, "unusable \"%s\" in an answer",
		    inner != NULL ? inner : key);
	return 0;
}

/* "arn:aws:sqs:eu-west-1:111122223333:name" */
static int
split_arn(const char *arn, struct sqs_arn *ret)
{
	const char *at[6] = { arn };
	size_t i, account_len;

	for (i = 1; i < nitems(at); i++) {
		at[i] = strchr(at[i - 1], ':');
		if (at[i] == NULL)
			return -1;
		at[i]++;
	}
	account_len = (size_t)(at[5] - 1 - at[4]);
	if (strncmp(at[2], "sqs:", 4) != 0 || account_len == 0 ||
	    account_len >= sizeof(ret->account) || at[5][0] == '\0' ||
	    strlen(at[5]) >= sizeof(ret->name))
		return -1;
	(void)snprintf(ret->account, sizeof(ret->account), "%.*s",
	    (int)account_len, at[4]);
	(void)strlcpy(ret->name, at[5], sizeof(ret->name));
	return 0;
}

int
sqs_parse_redrive_policy(struct span answer, struct sqs_arn *ret,
    struct error *e)
{
	char policy[1024], arn[256];

	memset(ret, 0, sizeof(*ret));
	if (find_string(answer, "Attributes", "RedrivePolicy", policy,
		sizeof(policy), e) == -1)
		return -1;
	if (policy[0] == '\0')
		return 0;
	if (find_string(span_of(policy), "deadLetterTargetArn", NULL, arn,
		sizeof(arn), e) == -1)
		return -1;
	if (arn[0] == '\0' || split_arn(arn, ret) == 0)
		return 0;
	return error_set(e, ERROR_OPERATOR, "\"%s\" is no queue", arn);
}

int
sqs_parse_queue_url(struct span answer, char *ret, size_t size, struct error *e)
{
	if (find_string(answer, "QueueUrl", NULL, ret, size, e) == -1)
		return -1;
	return ret[0] != '\0'
	    ? 0
	    : error_set(e, ERROR_RETRY, "an answer without a queue URL");
}

int
sqs_check_sent(struct span answer, struct span body, struct error *e)
{
	char id[128], md5[64], own[33];

	if (find_string(answer, "MessageId", NULL, id, sizeof(id), e) == -1 ||
	    find_string(answer, "MD5OfMessageBody", NULL, md5, sizeof(md5),
		e) == -1)
		return -1;
	if (id[0] == '\0')
		return error_set(e, ERROR_RETRY,
		    "an answer without a message id");
	message_md5(body.p, body.len, own);
	if (message_md5_differs(md5, own))
		return error_set(e, ERROR_RETRY,
		    "the MD5 in the answer is not that of the message sent");
	return 0;
}

struct batch_parser {
	struct sqs_entry_result *results;
	size_t n;
	size_t id; /* of the entry being read; n: not requested */
	struct sqs_entry_result entry;
	const char *problem;
};

static int
refuse(struct batch_parser *p, const char *problem)
{
	p->problem = problem;
	return -1;
}

/* The text is for the log, so it is cut to the room for it. */
static void
keep_line(char *to, size_t size, struct span s)
{
	(void)snprintf(to, size, "%.*s", (int)s.len, s.p);
	error_make_line(to);
}

static int
on_member(struct batch_parser *p, const struct json_level *key,
    const struct json_value *v)
{
	struct sqs_entry_result *entry = &p->entry;
	bool is_flag = json_key_is(key, "SenderFault");
	bool is_id = json_key_is(key, "Id");
	bool is_code = json_key_is(key, "Code");
	bool is_text = json_key_is(key, "Message");

	if (is_flag && v->type != JSON_BOOL)
		return refuse(p, "\"SenderFault\" is not a boolean");
	if ((is_id || is_code || is_text) && v->type != JSON_STRING)
		return refuse(p, "a value that should be a string is not");
	if (is_flag)
		entry->sender_fault = span_is(v->text, "true");
	else if (is_id) /* one digit: SQS_BATCH_MAX is 10 */
		p->id = v->text.len == 1 && v->text.p[0] >= '0' &&
			v->text.p[0] <= '9'
		    ? (size_t)(v->text.p[0] - '0')
		    : p->n;
	else if (is_code)
		keep_line(entry->code, sizeof(entry->code), v->text);
	else if (is_text)
		keep_line(entry->text, sizeof(entry->text), v->text);
	return 0;
}

/* An answer that contradicts itself confirms nothing. */
static void
end_entry(struct batch_parser *p)
{
	struct sqs_entry_result *result;

	if (p->id >= p->n)
		return;
	result = &p->results[p->id];
	if (!result->failed)
		*result = p->entry;
}

static int
on_entry(struct batch_parser *p, bool failed, const struct json_value *v)
{
	if (v->type == JSON_OBJECT) {
		p->id = p->n;
		p->entry = (struct sqs_entry_result){ .answered = true,
			.failed = failed };
	} else if (v->type == JSON_OBJECT_END) {
		end_entry(p);
	} else {
		return refuse(p, "an entry that is not an object");
	}
	return 0;
}

static int
on_value(void *arg, const struct json_path *path, const struct json_value *v)
{
	struct batch_parser *p = arg;
	bool failed;

	if (path->depth == 0)
		return v->type == JSON_OBJECT || v->type == JSON_OBJECT_END
		    ? 0
		    : refuse(p, "not an object");
	failed = json_key_is(&path->level[0], "Failed");
	if (!failed && !json_key_is(&path->level[0], "Successful"))
		return 0;
	if (path->depth == 2)
		return on_entry(p, failed, v);
	if (v->type == JSON_NULL)
		return 0;
	if (path->depth == 3)
		return on_member(p, &path->level[2], v);
	if (path->depth == 1 && v->type != JSON_ARRAY &&
	    v->type != JSON_ARRAY_END)
		return refuse(p, "a list of entries that is not an array");
	return 0;
}

int
sqs_parse_batch(struct span answer, struct sqs_entry_result *results, size_t n,
    struct error *e)
{
	struct batch_parser p = { .results = results, .n = n };

	memset(results, 0, n * sizeof(*results));
	if (json_parse(answer, on_value, &p, e) == 0)
		return 0;
	memset(results, 0, n * sizeof(*results));
	if (p.problem != NULL)
		(void)error_set(e, ERROR_RETRY,
		    "unusable answer to a batch: %s", p.problem);
	return -1;
}
