/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The operations of SQS: JSON in, the queue model asked, JSON out, and the
 * long polls that wait for a message.
 *
 * An operation returns NULL with its answer in *out (nothing written: an
 * empty body), or the code of an error with its text in problem_text, or
 * WAITING when the answer comes later.
 */

#include "fakesqs_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakesqs_attributes.h"
#include "fakesqs_conn.h"
#include "fakesqs_creds.h"
#include "fakesqs_error.h"
#include "fakesqs_fault_answer.h"
#include "fakesqs_json.h"
#include "fakesqs_message.h"
#include "fakesqs_queue.h"

#define BATCH_MAX     10
#define BAD_VALUE     "InvalidParameterValueException"
#define MISSING       "MissingRequiredParameterException"
#define BAD_TYPE      "SerializationException"
#define TARGET_PREFIX "AmazonSQS."

/* A receive that waits for messages. */
struct poll {
	TAILQ_ENTRY(poll) link;
	struct conn *conn;
	struct queue *queue;
	const struct json *in; /* in the connection's arena */
	struct receive receive;
	struct timer timer;
};

typedef const char *op_fn(struct conn *c, const struct json *in,
    struct queue *q, struct buf *out);
typedef const char *entry_fn(struct conn *c, struct queue *q,
    const struct json *entry, struct buf *out);

struct api_stats api_stats;
bool api_auth_wanted = true;
int64_t api_purge_interval_s = 60;
int64_t api_stale_change_ok;

static const char waiting_text[] = "waiting";
#define WAITING waiting_text

static int listen_port;
static const char *account;
static const char *region;

void
api_init(int port, const char *account_id, const char *region_name)
{
	listen_port = port;
	account = account_id;
	region = region_name;
}

static const char *
get_int(const struct json *in, const char *name, int64_t min, int64_t max,
    int64_t *ret_n)
{
	const struct json *j = json_get(in, name);

	if (j == NULL)
		return NULL;
	if (j->type != JSON_INT)
		return problem(BAD_TYPE, "%s is no integer.", name);
	if (j->num < min || j->num > max)
		return problem(BAD_VALUE,
		    "Value %lld for parameter %s is invalid. Reason: Must be "
		    ">= %lld and <= %lld, if provided.",
		    (long long)j->num, name, (long long)min, (long long)max);
	*ret_n = j->num;
	return NULL;
}

static const char *
get_string(const struct json *in, const char *name, bool needed,
    struct span *ret_s)
{
	const struct json *j = json_get(in, name);

	*ret_s = (struct span){ NULL, 0 };
	if (j != NULL && j->type != JSON_STRING)
		return problem(BAD_TYPE, "%s is no string.", name);
	if (needed && (j == NULL || j->str.len == 0))
		return problem(MISSING,
		    "The request must contain the parameter %s.", name);
	if (j != NULL)
		*ret_s = j->str;
	return NULL;
}

static void
write_url(struct buf *out, const struct queue *q)
{
	buf_addf(out, "\"http://127.0.0.1:%d/%s/%s\"", listen_port, account,
	    q->name);
}

/* ---- queues ---- */

static bool
name_valid(struct span name)
{
	size_t i, len = name.len;

	if (len == 0 || len > 80)
		return false;
	if (len > 5 && memcmp(name.p + len - 5, ".fifo", 5) == 0)
		len -= 5;
	for (i = 0; i < len; i++) {
		char c = name.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return true;
}

static bool
name_fifo(struct span name)
{
	return name.len > 5 && memcmp(name.p + name.len - 5, ".fifo", 5) == 0;
}

static const char *
op_create_queue(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	const struct json *map = json_get(in, "Attributes");
	const struct json *fifo = json_get(map, "FifoQueue");
	struct buf arn = { 0 };
	struct span name;
	const char *code;

	(void)c;
	if ((code = get_string(in, "QueueName", true, &name)) != NULL)
		return code;
	if (!name_valid(name) || (name_fifo(name) && fifo == NULL))
		return problem(BAD_VALUE,
		    "Can only include alphanumeric characters, hyphens, or "
		    "underscores. 1 to 80 in length");
	if (fifo != NULL && !name_fifo(name) && span_is(fifo->str, "true"))
		return problem(BAD_VALUE,
		    "The name of a FIFO queue can only include alphanumeric "
		    "characters, hyphens, or underscores, must end with .fifo "
		    "suffix and be 1 to 80 in length.");
	code = attributes_check(NULL, map, name_fifo(name));
	if (code != NULL)
		return code;
	q = queue_find(name);
	if (q != NULL && !attributes_equal(q, map))
		return problem("QueueNameExists",
		    "A queue already exists with the same name and a "
		    "different value for an attribute");
	if (q == NULL) {
		buf_addf(&arn, "arn:aws:sqs:%s:%s:%s", region, account, name.p);
		q = queue_new(name.p, arn.data, name_fifo(name));
		attributes_default(q);
		attributes_apply(q, map);
		buf_release(&arn);
	}
	buf_addstr(out, "{\"QueueUrl\":");
	write_url(out, q);
	buf_addbyte(out, '}');
	return NULL;
}

static const char *
op_get_queue_url(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	struct span name;
	const char *code;

	(void)c;
	if ((code = get_string(in, "QueueName", true, &name)) != NULL)
		return code;
	if ((q = queue_find(name)) == NULL)
		return problem("QueueDoesNotExist",
		    "The specified queue does not exist.");
	buf_addstr(out, "{\"QueueUrl\":");
	write_url(out, q);
	buf_addbyte(out, '}');
	return NULL;
}

static const char *
op_get_queue_attributes(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	const char *code;

	(void)c;
	buf_addbyte(out, '{');
	code = attributes_write(out, q, json_get(in, "AttributeNames"));
	buf_addbyte(out, '}');
	return code;
}

static const char *
op_set_queue_attributes(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	const struct json *map = json_get(in, "Attributes");
	const char *code;

	(void)c;
	(void)out;
	if (map == NULL)
		return problem(MISSING,
		    "The request must contain the parameter Attributes.");
	if ((code = attributes_check(q, map, q->fifo)) == NULL)
		attributes_apply(q, map);
	return code;
}

static const char *
op_list_queues(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	struct span prefix;
	const char *code, *sep = "{\"QueueUrls\":[";
	bool any = false;

	(void)c;
	code = get_string(in, "QueueNamePrefix", false, &prefix);
	if (code != NULL)
		return code;
	TAILQ_FOREACH(q, &queues, link) {
		if (prefix.p != NULL &&
		    !span_starts((struct span){ q->name, strlen(q->name) },
			prefix.p))
			continue;
		buf_addstr(out, sep);
		write_url(out, q);
		sep = ",";
		any = true;
	}
	buf_addstr(out, any ? "]}" : "{}");
	return NULL;
}

static const char *
op_purge_queue(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	int64_t now_ms = clock_ms();

	(void)c;
	(void)in;
	(void)out;
	if (now_ms - q->purged_at_ms < api_purge_interval_s * 1000)
		return problem("PurgeQueueInProgress",
		    "Only one PurgeQueue operation on %s is allowed every 60 "
		    "seconds.",
		    q->name);
	q->purged_at_ms = now_ms;
	queue_purge(q);
	return NULL;
}

static const char *
op_delete_queue(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	struct poll *p;

	(void)c;
	(void)in;
	(void)out;
	/* Each poll that waits gets an answer; conn_reply() frees nothing of
	   ours. */
	while ((p = TAILQ_FIRST(&q->polls)) != NULL) {
		struct conn *waiter = p->conn;

		TAILQ_REMOVE(&q->polls, p, link);
		timer_clear(&p->timer);
		api_stats.polling--;
		free(p);
		error_reply(waiter, "QueueDoesNotExist", 0, NULL);
	}
	queue_free(q);
	return NULL;
}

/* ---- receiving ---- */

static void
log_receive(struct conn *c, int n)
{
	struct call *call = conn_call(c);

	if (n == 0)
		api_stats.receives_empty++;
	op_counts[OP_RECEIVE_MESSAGE].entries += (uint64_t)n;
	if (call != NULL)
		call->messages = n;
}

static void
write_received(struct conn *c, const struct json *in,
    struct message *const *messages, int n, struct buf *out)
{
	int i;

	log_receive(c, n);
	if (n == 0 || c->fault.kind == FAULT_LOST) {
		buf_addstr(out, "{}");
		return;
	}
	for (i = 0; i < n; i++) {
		buf_addstr(out, i == 0 ? "{\"Messages\":[" : ",");
		message_write(out, messages[i], in, &c->fault);
	}
	buf_addstr(out, "]}");
}

/* Spoils the answer of an operation that was performed, as a fault asks. */
static void
spoil_body(struct conn *c, struct buf *body)
{
	struct buf spoilt = { 0 };
	struct arena arena = { 0 };
	const struct json *j;

	if (c->fault.kind == FAULT_BAD_JSON) {
		if (body->len < 4)
			buf_addstr(body, "{\"Messages\":[{\"Body\":");
		else
			body->len = body->len * 2 / 3;
	}
	if (c->fault.kind != FAULT_UNKNOWN_FIELDS)
		return;
	if (body->len == 0)
		buf_addstr(body, "{}");
	if ((j = json_parse(&arena, body->data, body->len)) != NULL) {
		json_write(&spoilt, j, true);
		buf_release(body);
		*body = spoilt;
	}
	arena_release(&arena);
}

static void
reply_success(struct conn *c, struct reply *r)
{
	r->status = 200;
	spoil_body(c, &r->body);
	conn_reply(c, r);
}

static void
poll_end(struct poll *p)
{
	TAILQ_REMOVE(&p->queue->polls, p, link);
	timer_clear(&p->timer);
	api_stats.polling--;
	free(p);
}

static void
poll_answer(struct poll *p, struct message *const *messages, int n)
{
	struct reply r = { 0 };
	struct conn *c = p->conn;

	write_received(c, p->in, messages, n, &r.body);
	poll_end(p);
	reply_success(c, &r);
	buf_release(&r.body);
}

static void
poll_timeout(void *arg, int64_t now_ms)
{
	(void)now_ms;
	poll_answer(arg, NULL, 0);
}

static void
poll_cancel(struct conn *c)
{
	api_stats.polls_aborted++;
	poll_end(c->waiting);
}

static const char *
poll_start(struct conn *c, const struct json *in, struct queue *q,
    const struct receive *r, int64_t wait_s)
{
	struct poll *p = xcalloc(1, sizeof(*p));

	p->conn = c;
	p->queue = q;
	p->in = in;
	p->receive = *r;
	p->timer.fire = poll_timeout;
	p->timer.arg = p;
	timer_set(&p->timer, clock_ms() + wait_s * 1000);
	TAILQ_INSERT_TAIL(&q->polls, p, link);
	if (++api_stats.polling > api_stats.polling_max)
		api_stats.polling_max = api_stats.polling;
	conn_wait(c, p, poll_cancel);
	return WAITING;
}

static void
queue_serve(struct queue *q)
{
	struct message *messages[RECEIVE_MAX];
	struct poll *p;
	int n;

	while ((p = TAILQ_FIRST(&q->polls)) != NULL) {
		n = queue_receive(q, &p->receive, messages);
		if (n == 0)
			break;
		poll_answer(p, messages, n);
	}
}

void
api_serve(void)
{
	struct queue *q;
	bool again;

	/* To serve a queue may put messages into another, its dead-letter
	   queue. */
	do {
		again = false;
		TAILQ_FOREACH(q, &queues, link) {
			if (!q->dirty)
				continue;
			q->dirty = false;
			queue_serve(q);
			again = true;
		}
	} while (again);
}

uint64_t
api_polling(const struct queue *q)
{
	const struct poll *p;
	uint64_t n = 0;

	TAILQ_FOREACH(p, &q->polls, link)
		n++;
	return n;
}

static void
log_wish(struct conn *c, const struct json *in, int64_t wait_s, int64_t max)
{
	const struct json *timeout = json_get(in, "VisibilityTimeout");
	struct call *call = conn_call(c);

	if (call == NULL)
		return;
	if (json_get(in, "WaitTimeSeconds") != NULL)
		call->wait_s = wait_s;
	if (json_get(in, "MaxNumberOfMessages") != NULL)
		call->max = max;
	if (timeout != NULL)
		call->timeouts_s[call->ntimeouts++] = timeout->num;
}

static const char *
op_receive_message(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	struct message *messages[RECEIVE_MAX];
	struct receive r = { .conn_id = c->id,
		.duplicate = c->fault.kind == FAULT_DUP };
	int64_t max = 1, wait_s = q->numbers[QUEUE_WAIT_TIME_S];
	const char *code;
	int n;

	r.timeout_s = q->numbers[QUEUE_VISIBILITY_TIMEOUT_S];
	if ((code = get_int(in, "MaxNumberOfMessages", 1, 10, &max)) != NULL ||
	    (code = get_int(in, "WaitTimeSeconds", 0, 20, &wait_s)) != NULL ||
	    (code = get_int(in, "VisibilityTimeout", 0, 43200, &r.timeout_s)) !=
		NULL ||
	    (code = get_string(in, "ReceiveRequestAttemptId", false,
		 &r.attempt_id)) != NULL ||
	    (code = message_names_check(in)) != NULL)
		return code;
	if (r.attempt_id.p != NULL &&
	    (!q->fifo || !message_id_valid(r.attempt_id)))
		return problem(BAD_VALUE,
		    "Value for parameter ReceiveRequestAttemptId is invalid.");
	log_wish(c, in, wait_s, max);
	r.max = (int)max;
	/* A poll that waits already goes first. */
	n = TAILQ_EMPTY(&q->polls) || wait_s == 0
	    ? queue_receive(q, &r, messages)
	    : 0;
	if (n == 0 && wait_s > 0) {
		q->dirty = true;
		return poll_start(c, in, q, &r, wait_s);
	}
	if (n == 0 && !q->fifo &&
	    q->counts.in_flight >= (uint64_t)queue_in_flight_max)
		return problem("OverLimit", "Too many messages in flight.");
	write_received(c, in, messages, n, out);
	return NULL;
}

/* ---- deleting and changing ---- */

static const char *
handle_problem(struct span handle, const char *reason)
{
	return problem(BAD_VALUE,
	    "Value %.*s for parameter ReceiptHandle is invalid. Reason: %s",
	    (int)(handle.len > 200 ? 200 : handle.len), handle.p, reason);
}

static const char *
handle_find(struct queue *q, const struct json *in, struct span *ret_handle,
    enum handle_status *ret_status, struct message **ret_m,
    struct record **ret_record)
{
	const char *code = get_string(in, "ReceiptHandle", true, ret_handle);

	if (code != NULL)
		return code;
	*ret_status = queue_handle(q, *ret_handle, ret_m, ret_record);
	if (*ret_status == HANDLE_INVALID)
		return problem("ReceiptHandleIsInvalid",
		    "The input receipt handle \"%.*s\" is not a valid receipt "
		    "handle.",
		    (int)(ret_handle->len > 200 ? 200 : ret_handle->len),
		    ret_handle->p);
	return NULL;
}

static const char *
delete_entry(struct conn *c, struct queue *q, const struct json *in,
    struct buf *out)
{
	enum handle_status status;
	struct message *m;
	struct record *r;
	struct span handle;
	const char *code;

	(void)out;
	code = handle_find(q, in, &handle, &status, &m, &r);
	if (code != NULL || status == HANDLE_GONE)
		return code;
	if (q->fifo &&
	    (status == HANDLE_STALE || m->state != MESSAGE_IN_FLIGHT) &&
	    !m->duplicate_pending)
		return handle_problem(handle,
		    "The receipt handle has expired.");
	if (status == HANDLE_STALE) {
		record_event(r, EVENT_DELETE_IGNORED, 0, c->id);
		q->counts.delete_ignored++;
		queue_totals.delete_ignored++;
		return NULL;
	}
	message_delete(m, c->id);
	return NULL;
}

static const char *
change_entry(struct conn *c, struct queue *q, const struct json *in,
    struct buf *out)
{
	struct call *call = conn_call(c);
	enum handle_status status;
	struct message *m;
	struct record *r;
	struct span handle;
	int64_t timeout_s = -1;
	const char *code;

	(void)out;
	code = get_int(in, "VisibilityTimeout", 0, 43200, &timeout_s);
	if (code != NULL ||
	    (code = handle_find(q, in, &handle, &status, &m, &r)) != NULL)
		return code;
	if (timeout_s == -1)
		return problem(MISSING,
		    "The request must contain the "
		    "parameter VisibilityTimeout.");
	if (call != NULL && call->ntimeouts < CALL_TIMEOUTS)
		call->timeouts_s[call->ntimeouts++] = timeout_s;
	if (status == HANDLE_STALE && api_stale_change_ok)
		return NULL;
	if (status != HANDLE_CURRENT)
		return handle_problem(handle,
		    "Message does not exist or is not available for "
		    "visibility timeout change.");
	if (q->fifo && m->state != MESSAGE_IN_FLIGHT)
		return handle_problem(handle,
		    "The receipt handle has expired.");
	if (clock_ms() - m->received_at_ms + timeout_s * 1000 >
	    queue_limit_12h_s * 1000)
		return problem(BAD_VALUE,
		    "Value %lld for parameter VisibilityTimeout is invalid. "
		    "Reason: Total VisibilityTimeout for the message is beyond "
		    "the limit [%lld seconds].",
		    (long long)timeout_s, (long long)queue_limit_12h_s);
	message_change(m, timeout_s, c->id);
	return NULL;
}

static void
log_single(struct conn *c)
{
	struct call *call = conn_call(c);

	op_counts[c->op].entries++;
	if (call != NULL)
		call->entries = 1;
}

static const char *
op_delete_message(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	log_single(c);
	return delete_entry(c, q, in, out);
}

static const char *
op_change_visibility(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	log_single(c);
	return change_entry(c, q, in, out);
}

/* ---- sending ---- */

static const char *
send_entry(struct conn *c, struct queue *q, const struct json *in,
    struct buf *out)
{
	struct message_input input;
	struct sent sent;
	const char *code;

	code = message_parse(&c->arena, q, in, &input);
	if (code != NULL)
		return code;
	queue_send(q, &input.send, &sent);
	message_write_sent(out, q, &input, &sent, &c->fault);
	return NULL;
}

static const char *
op_send_message(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	const char *code;

	log_single(c);
	buf_addbyte(out, '{');
	code = send_entry(c, q, in, out);
	buf_addbyte(out, '}');
	return code;
}

/* ---- batches ---- */

static bool
entry_id_valid(struct span id)
{
	size_t i;

	if (id.len == 0 || id.len > 80)
		return false;
	for (i = 0; i < id.len; i++) {
		char c = id.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			(c >= '0' && c <= '9') || c == '-' || c == '_'))
			return false;
	}
	return true;
}

static const char *
batch_ids_check(const struct json *entries)
{
	const struct json *e, *other;
	struct span id, other_id;
	const char *code;

	for (e = entries->child; e != NULL; e = e->next) {
		if (e->type != JSON_OBJECT)
			return problem(BAD_TYPE, "An entry is no structure.");
		if ((code = get_string(e, "Id", true, &id)) != NULL)
			return code;
		if (!entry_id_valid(id))
			return problem("InvalidBatchEntryId", "%s",
			    error_message("InvalidBatchEntryId"));
		for (other = entries->child; other != e; other = other->next) {
			(void)get_string(other, "Id", true, &other_id);
			if (span_is(id, other_id.p))
				return problem("BatchEntryIdsNotDistinct",
				    "Id %s repeated.", id.p);
		}
	}
	return NULL;
}

static const char *
batch_check(const struct json *entries)
{
	if (entries != NULL && entries->type != JSON_ARRAY)
		return problem(BAD_TYPE, "Entries is no list.");
	if (entries == NULL || entries->count == 0)
		return problem("EmptyBatchRequest", "%s",
		    error_message("EmptyBatchRequest"));
	if (entries->count > BATCH_MAX)
		return problem("TooManyEntriesInBatchRequest",
		    "Maximum number of entries per request are 10. You have "
		    "sent %zu.",
		    entries->count);
	return batch_ids_check(entries);
}

static void
write_failed(struct buf *out, struct span id, bool sender, const char *code,
    const char *message)
{
	buf_addstr(out, out->len == 0 ? "\"Failed\":[" : ",");
	buf_addstr(out, "{\"Id\":");
	buf_json(out, id.p, id.len);
	buf_addf(out,
	    ",\"SenderFault\":%s,\"Code\":", sender ? "true" : "false");
	buf_jsonstr(out, error_query_code(code));
	buf_addstr(out, ",\"Message\":");
	buf_jsonstr(out, message);
	buf_addbyte(out, '}');
}

static void
write_successful(struct buf *out, struct span id, const struct buf *members)
{
	buf_addstr(out, out->len == 0 ? "\"Successful\":[" : ",");
	buf_addstr(out, "{\"Id\":");
	buf_json(out, id.p, id.len);
	if (members->len > 0)
		buf_addbyte(out, ',');
	buf_add(out, members->data, members->len);
	buf_addbyte(out, '}');
}

/*
 * Performs one entry of a batch, with the faults that single entries can have.
 */
static void
batch_entry(struct conn *c, struct queue *q, const struct json *entry, size_t i,
    entry_fn *perform, struct buf *ok, struct buf *failed)
{
	const struct fault *f = &c->fault;
	bool fails = fault_hits(f, FAULT_ENTRY_FAIL, i);
	bool missing = fault_hits(f, FAULT_ENTRY_MISSING, i);
	struct span id = json_get(entry, "Id")->str;
	struct buf members = { 0 };
	const char *code = NULL;
	bool performed = !fails && !missing;

	if (fails)
		performed = f->perform == 1;
	if (missing)
		performed = f->perform != 0;
	if (performed)
		code = perform(c, q, entry, &members);
	if (fails)
		write_failed(failed, id, f->sender,
		    f->code[0] == '\0' ? "InternalError" : f->code,
		    "Scripted.");
	else if (!missing && code != NULL)
		write_failed(failed, id, true, code, problem_text);
	else if (!missing)
		write_successful(ok, id, &members);
	buf_release(&members);
}

static const char *
batch(struct conn *c, const struct json *in, struct queue *q, struct buf *out,
    entry_fn *perform)
{
	const struct json *entries = json_get(in, "Entries"), *e;
	const char *code = batch_check(entries);
	struct call *call = conn_call(c);
	struct buf ok = { 0 }, failed = { 0 };
	size_t i = 0;

	if (code != NULL)
		return code;
	op_counts[c->op].entries += entries->count;
	if (call != NULL)
		call->entries = (int)entries->count;
	for (e = entries->child; e != NULL; e = e->next)
		batch_entry(c, q, e, i++, perform, &ok, &failed);
	buf_addbyte(out, '{');
	buf_add(out, ok.data, ok.len);
	buf_addstr(out, ok.len > 0 ? "]" : "");
	buf_addstr(out, ok.len > 0 && failed.len > 0 ? "," : "");
	buf_add(out, failed.data, failed.len);
	buf_addstr(out, failed.len > 0 ? "]" : "");
	buf_addbyte(out, '}');
	buf_release(&ok);
	buf_release(&failed);
	return NULL;
}

static const char *
op_delete_message_batch(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	return batch(c, in, q, out, delete_entry);
}

static const char *
op_change_visibility_batch(struct conn *c, const struct json *in,
    struct queue *q, struct buf *out)
{
	return batch(c, in, q, out, change_entry);
}

static const char *
op_send_message_batch(struct conn *c, const struct json *in, struct queue *q,
    struct buf *out)
{
	size_t size = message_batch_size(&c->arena, json_get(in, "Entries"));

	if (size > MESSAGE_MAX_SIZE)
		return problem("BatchRequestTooLong",
		    "Batch requests cannot be longer than %d bytes. You have "
		    "sent %zu bytes.",
		    MESSAGE_MAX_SIZE, size);
	return batch(c, in, q, out, send_entry);
}

/* ---- dispatch ---- */

static const struct {
	op_fn *perform;
	bool on_queue;
} ops[OP_UNKNOWN] = {
	[OP_CREATE_QUEUE] = { op_create_queue, false },
	[OP_GET_QUEUE_URL] = { op_get_queue_url, false },
	[OP_GET_QUEUE_ATTRIBUTES] = { op_get_queue_attributes, true },
	[OP_SET_QUEUE_ATTRIBUTES] = { op_set_queue_attributes, true },
	[OP_RECEIVE_MESSAGE] = { op_receive_message, true },
	[OP_DELETE_MESSAGE] = { op_delete_message, true },
	[OP_DELETE_MESSAGE_BATCH] = { op_delete_message_batch, true },
	[OP_CHANGE_VISIBILITY] = { op_change_visibility, true },
	[OP_CHANGE_VISIBILITY_BATCH] = { op_change_visibility_batch, true },
	[OP_SEND_MESSAGE] = { op_send_message, true },
	[OP_SEND_MESSAGE_BATCH] = { op_send_message_batch, true },
	[OP_PURGE_QUEUE] = { op_purge_queue, true },
	[OP_LIST_QUEUES] = { op_list_queues, false },
	[OP_DELETE_QUEUE] = { op_delete_queue, true },
};

static const char *
queue_of(struct conn *c, const struct json *in, struct queue **ret_q)
{
	struct call *call = conn_call(c);
	struct span url, name;
	const char *code, *slash;

	if ((code = get_string(in, "QueueUrl", false, &url)) != NULL)
		return code;
	slash = url.len == 0 ? NULL : memrchr(url.p, '/', url.len);
	name = url;
	if (slash != NULL)
		name = (struct span){ slash + 1,
			(size_t)(url.p + url.len - slash - 1) };
	if (call != NULL && name.len < sizeof(call->queue))
		(void)strlcpy(call->queue, name.len == 0 ? "" : name.p,
		    sizeof(call->queue));
	if (name.len == 0 || (*ret_q = queue_find(name)) == NULL)
		return problem("QueueDoesNotExist",
		    "The specified queue does not exist.");
	return NULL;
}

static const char *
perform(struct conn *c, struct buf *out)
{
	const struct json *in;
	struct queue *q = NULL;
	const char *code;

	if (api_auth_wanted &&
	    !span_starts(c->req.authorization, "AWS4-HMAC-SHA256 "))
		return problem("MissingAuthenticationTokenException",
		    "Request is missing Authentication Token");
	if (!creds_time_is_right(c))
		return problem("InvalidSignatureException",
		    "Signature expired, or not yet current");
	if (!creds_accepts(c))
		return problem("ExpiredTokenException",
		    "The security token included in the request is expired");
	if (c->op == OP_UNKNOWN ||
	    !span_starts(c->req.content_type, "application/x-amz-json-1.0"))
		return problem("UnknownOperationException",
		    c->op == OP_UNKNOWN
			? "The X-Amz-Target is missing or unknown."
			: "The Content-Type is not "
			  "application/x-amz-json-1.0.");
	in = json_parse(&c->arena, c->req.body.p, c->req.body.len);
	if (in == NULL || in->type != JSON_OBJECT)
		return problem(BAD_TYPE, "The body is not a JSON object.");
	if (ops[c->op].on_queue && (code = queue_of(c, in, &q)) != NULL)
		return code;
	return ops[c->op].perform(c, in, q, out);
}

const char *
api_admin_call(struct conn *c, enum op op, const struct buf *json,
    struct buf *out)
{
	const struct json *in;
	struct queue *q = NULL;
	const char *code;

	arena_reset(&c->arena);
	in = json_parse(&c->arena, json->data, json->len);
	if (in == NULL)
		return problem(BAD_TYPE, "This makes no JSON.");
	if (op == OP_CREATE_QUEUE)
		return op_create_queue(c, in, NULL, out);
	code = queue_of(c, in, &q);
	return code != NULL ? code : send_entry(c, q, in, out);
}

static enum op
target_op(struct span target)
{
	size_t skip = sizeof(TARGET_PREFIX) - 1;
	int op;

	if (!span_starts(target, TARGET_PREFIX))
		return OP_UNKNOWN;
	op = op_find((struct span){ target.p + skip, target.len - skip });
	return op == -1 || op > OP_UNKNOWN ? OP_UNKNOWN : (enum op)op;
}

void
api_request(struct conn *c)
{
	struct reply r = { 0 };
	const char *code;

	conn_call_open(c, target_op(c->req.target));
	if (fault_answer(c))
		return;
	code = perform(c, &r.body);
	if (code == NULL)
		reply_success(c, &r);
	else if (code != WAITING)
		error_reply(c, code, 0, problem_text);
	buf_release(&r.body);
}
