/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The admin interface of the tests: scripted faults, knobs, and questions.
 * fakesqs.c's head comment is its manual.
 */

#include "fakesqs_admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakesqs_api.h"
#include "fakesqs_attributes.h"
#include "fakesqs_conn.h"
#include "fakesqs_creds.h"
#include "fakesqs_queue.h"

#define BODY_SHOWN_MAX 200

/* A /_wait that waits. */
struct watch {
	TAILQ_ENTRY(watch) link;
	struct conn *conn;
	struct timer timer;
	int cond;
	enum op op;
	char queue[CALL_QUEUE_SIZE];
	uint64_t value;
};

TAILQ_HEAD(watch_list, watch);

static struct watch_list watches = TAILQ_HEAD_INITIALIZER(watches);

typedef void admin_fn(struct conn *c);

static void
answer(struct conn *c, int status, struct buf *body)
{
	struct reply r = { .status = status, .type = "application/json" };

	r.body = *body;
	*body = (struct buf){ 0 };
	conn_reply(c, &r);
	buf_release(&r.body);
}

static void
answer_ok(struct conn *c)
{
	struct buf body = { 0 };

	buf_addstr(&body, "{\"ok\":true}\n");
	answer(c, 200, &body);
}

static void
answer_bad(struct conn *c, int status, const char *what, const char *value)
{
	struct buf body = { 0 };

	buf_addstr(&body, "{\"ok\":false,\"error\":");
	buf_jsonstr(&body, what);
	buf_addstr(&body, ",\"value\":");
	buf_jsonstr(&body, value);
	buf_addstr(&body, "}\n");
	answer(c, status, &body);
}

/* The next key=value of the query; keys are not decoded. */
static bool
next_param(struct span *rest, struct span *ret_key, struct buf *value)
{
	const char *end, *eq;
	size_t len;

	if (rest->len == 0)
		return false;
	end = memchr(rest->p, '&', rest->len);
	len = end == NULL ? rest->len : (size_t)(end - rest->p);
	eq = memchr(rest->p, '=', len);
	*ret_key =
	    (struct span){ rest->p, eq == NULL ? len : (size_t)(eq - rest->p) };
	buf_reset(value);
	if (eq != NULL)
		url_decode((struct span){ eq + 1,
			       (size_t)(rest->p + len - eq - 1) },
		    value);
	else
		buf_addstr(value, "1");
	rest->p += end == NULL ? len : len + 1;
	rest->len -= end == NULL ? len : len + 1;
	return true;
}

static bool
param(const struct conn *c, const char *name, struct buf *value)
{
	struct span rest = c->req.query, key;

	while (next_param(&rest, &key, value)) {
		if (span_is(key, name))
			return true;
	}
	buf_reset(value);
	return false;
}

static int64_t
param_int(const struct conn *c, const char *name, int64_t otherwise)
{
	struct buf value = { 0 };
	int64_t n = otherwise;

	if (param(c, name, &value))
		n = strtoll(value.data, NULL, 10);
	buf_release(&value);
	return n;
}

static void
param_copy(const struct conn *c, const char *name, char *to, size_t size)
{
	struct buf value = { 0 };

	to[0] = '\0';
	if (param(c, name, &value))
		(void)strlcpy(to, value.data, size);
	buf_release(&value);
}

/* The queue of ?name=, or an answer that there is none. */
static struct queue *
param_queue(struct conn *c)
{
	char name[CALL_QUEUE_SIZE];
	struct queue *q;

	param_copy(c, "name", name, sizeof(name));
	q = queue_find((struct span){ name, strlen(name) });
	if (q == NULL)
		answer_bad(c, 404, "no such queue", name);
	return q;
}

/* ---- faults and knobs ---- */

static bool
fault_op(const char *name, int *ret_op)
{
	if (name[0] == '\0' || strcmp(name, "*") == 0) {
		*ret_op = -1;
		return true;
	}
	*ret_op = op_find((struct span){ name, strlen(name) });
	return *ret_op != -1;
}

static void
admin_fault(struct conn *c)
{
	struct fault f = { 0 };
	char op[CALL_TEXT_SIZE], kind[CALL_TEXT_SIZE];

	param_copy(c, "op", op, sizeof(op));
	param_copy(c, "kind", kind, sizeof(kind));
	param_copy(c, "code", f.code, sizeof(f.code));
	f.kind = fault_kind(kind);
	if (f.kind == FAULT_NONE) {
		answer_bad(c, 400, "no such kind", kind);
		return;
	}
	if (!fault_op(op, &f.op)) {
		answer_bad(c, 400, "no such operation", op);
		return;
	}
	f.skip = param_int(c, "skip", 0);
	f.rate = param_int(c, "rate", 100);
	f.count = param_int(c, "count", f.rate < 100 ? -1 : 1);
	f.ms = param_int(c, "ms", f.kind == FAULT_DRIP ? 1 : 0);
	f.retry_after_ms = param_int(c, "retry_after", -1);
	f.entry = param_int(c, "entry", -1);
	f.status = (int)param_int(c, "status", 0);
	f.sender = param_int(c, "sender", 0) != 0;
	f.perform = (int)param_int(c, "perform", -1);
	f.raw = c->req.body;
	fault_add(&f);
	answer_ok(c);
}

static void
admin_clear(struct conn *c)
{
	fault_clear();
	answer_ok(c);
}

static const struct {
	const char *name;
	int64_t *number;
	bool *flag;
	char **text;
} knobs[] = {
	{ "limit_12h_s", &queue_limit_12h_s, NULL, NULL },
	{ "dedup_s", &queue_dedup_s, NULL, NULL },
	{ "in_flight_max", &queue_in_flight_max, NULL, NULL },
	{ "history", NULL, &queue_keep_history, NULL },
	{ "auth", NULL, &api_auth_wanted, NULL },
	{ "purge_interval_s", &api_purge_interval_s, NULL, NULL },
	{ "stale_change_ok", &api_stale_change_ok, NULL, NULL },
	{ "creds_lifetime_s", &creds_lifetime_s, NULL, NULL },
	{ "creds_expires", &creds_expires, NULL, NULL },
	{ "creds_enforce", &creds_enforce, NULL, NULL },
	{ "creds_fail", &creds_fail, NULL, NULL },
	{ "creds_hang", &creds_hang, NULL, NULL },
	{ "creds_bad_json", &creds_bad_json, NULL, NULL },
	{ "creds_token", NULL, NULL, &creds_token },
	{ "sts_token", NULL, NULL, &sts_token },
	{ "clock_ahead_s", &clock_ahead_s, NULL, NULL },
	{ "imds_off", &imds_off, NULL, NULL },
	{ "imds_no_role", &imds_no_role, NULL, NULL },
	{ "imds_ttl_s", &imds_ttl_s, NULL, NULL },
	{ "imds_code", NULL, NULL, &imds_code },
	{ "imds_spot", NULL, NULL, &imds_spot },
	{ "imds_asg", NULL, NULL, &imds_asg },
};

static bool
knob_set(struct span name, const char *value)
{
	size_t i;

	if (span_is(name, "seed")) {
		random_seed(strtoull(value, NULL, 10));
		return true;
	}
	if (span_is(name, "creds_revoke")) {
		creds_revoke();
		return true;
	}
	for (i = 0; i < nitems(knobs); i++) {
		if (!span_is(name, knobs[i].name))
			continue;
		if (knobs[i].number != NULL)
			*knobs[i].number = strtoll(value, NULL, 10);
		if (knobs[i].flag != NULL)
			*knobs[i].flag = strtoll(value, NULL, 10) != 0;
		if (knobs[i].text != NULL) {
			free(*knobs[i].text);
			*knobs[i].text =
			    value[0] == '\0' ? NULL : xstrdup(value);
		}
		return true;
	}
	return false;
}

static void
admin_set(struct conn *c)
{
	struct span rest = c->req.query, key;
	struct buf value = { 0 };
	char name[CALL_TEXT_SIZE];
	bool ok = true;

	while (ok && next_param(&rest, &key, &value)) {
		ok = knob_set(key, value.data);
		(void)snprintf(name, sizeof(name), "%.*s", (int)key.len, key.p);
	}
	buf_release(&value);
	if (ok)
		answer_ok(c);
	else
		answer_bad(c, 400, "no such knob", name);
}

static void
json_member(struct buf *json, const char *key, const char *p, size_t n)
{
	buf_addbyte(json, json->len == 0 ? '{' : ',');
	buf_jsonstr(json, key);
	buf_addbyte(json, ':');
	buf_json(json, p, n);
}

static void
answer_call(struct conn *c, const char *code, struct buf *out)
{
	if (code != NULL)
		answer_bad(c, 400, code, problem_text);
	else
		answer(c, 200, out);
}

/* ?name=Q&Attribute=value...; FIFO by the name. */
static void
admin_create(struct conn *c)
{
	struct span rest = c->req.query, key;
	struct buf json = { 0 }, map = { 0 }, value = { 0 }, out = { 0 };
	char name[CALL_TEXT_SIZE];

	while (next_param(&rest, &key, &value)) {
		(void)snprintf(name, sizeof(name), "%.*s", (int)key.len, key.p);
		if (strcmp(name, "name") != 0) {
			json_member(&map, name, value.data, value.len);
			continue;
		}
		json_member(&json, "QueueName", value.data, value.len);
		if (value.len > 5 &&
		    strcmp(value.data + value.len - 5, ".fifo") == 0)
			json_member(&map, "FifoQueue", "true", 4);
	}
	if (json.len == 0)
		json_member(&json, "QueueName", "", 0);
	if (map.len > 0)
		buf_addf(&json, ",\"Attributes\":%s}", map.data);
	buf_addbyte(&json, '}');
	answer_call(c, api_admin_call(c, OP_CREATE_QUEUE, &json, &out), &out);
	buf_release(&json);
	buf_release(&map);
	buf_release(&value);
	buf_release(&out);
}

static void
send_json(const struct conn *c, const char *queue, const struct buf *body,
    int64_t i, struct buf *json)
{
	struct buf value = { 0 };
	int64_t groups = param_int(c, "groups", 0);
	char number[24];

	(void)snprintf(number, sizeof(number), "%lld", (long long)i);
	buf_reset(json);
	json_member(json, "QueueUrl", queue, strlen(queue));
	if (param_int(c, "count", 0) > 0) {
		buf_add(&value, body->data, body->len);
		buf_addstr(&value, number);
		json_member(json, "MessageBody", value.data, value.len);
	} else {
		json_member(json, "MessageBody", body->data, body->len);
	}
	if (param(c, "group", &value)) {
		if (groups > 0)
			buf_addf(&value, "%lld", (long long)(i % groups));
		json_member(json, "MessageGroupId", value.data, value.len);
	}
	if (param(c, "dedup", &value)) {
		if (param_int(c, "count", 0) > 0)
			buf_addstr(&value, number);
		json_member(json, "MessageDeduplicationId", value.data,
		    value.len);
	}
	if (param(c, "delay", &value))
		buf_addf(json, ",\"DelaySeconds\":%s", value.data);
	buf_addbyte(json, '}');
	buf_release(&value);
}

/* ?name=Q[&body=TEXT][&count=N][&group=G[&groups=M]][&dedup=D][&delay=S] */
static void
admin_send(struct conn *c)
{
	struct buf json = { 0 }, body = { 0 }, out = { 0 }, ids = { 0 };
	int64_t i, count = param_int(c, "count", 0);
	char queue[CALL_QUEUE_SIZE];
	const char *code = NULL;

	param_copy(c, "name", queue, sizeof(queue));
	if (!param(c, "body", &body))
		buf_add(&body, c->req.body.p, c->req.body.len);
	buf_addstr(&ids, "[");
	for (i = 0; code == NULL && i < (count > 0 ? count : 1); i++) {
		send_json(c, queue, &body, i, &json);
		buf_reset(&out);
		code = api_admin_call(c, OP_SEND_MESSAGE, &json, &out);
		buf_addf(&ids, "%s{%s}", i == 0 ? "" : ",\n",
		    out.data == NULL ? "" : out.data);
	}
	buf_addstr(&ids, "]\n");
	answer_call(c, code, &ids);
	buf_release(&json);
	buf_release(&body);
	buf_release(&out);
	buf_release(&ids);
}

/*
 * ?name=Q[&over=S]: what is invisible for more than S seconds becomes visible.
 */
static void
admin_hurry(struct conn *c)
{
	int64_t now_ms = clock_ms(), over_ms = param_int(c, "over", 0) * 1000;
	struct queue *q = param_queue(c);
	struct message *m;

	if (q == NULL)
		return;
	TAILQ_FOREACH(m, &q->all, all_link)
		if (m->state == MESSAGE_IN_FLIGHT &&
		    m->timer.due_ms - now_ms > over_ms)
			timer_set(&m->timer, now_ms);
	answer_ok(c);
}

/* ---- questions ---- */

static void
write_count(struct buf *out, const char *name, uint64_t n)
{
	if (out->data[out->len - 1] != '{')
		buf_addbyte(out, ',');
	buf_addf(out, "\"%s\":%llu", name, (unsigned long long)n);
}

static void
write_totals(struct buf *out, const struct queue_counts *n)
{
	write_count(out, "sent", n->sent);
	write_count(out, "received", n->received);
	write_count(out, "redelivered", n->redelivered);
	write_count(out, "deleted", n->deleted);
	write_count(out, "delete_ignored", n->delete_ignored);
	write_count(out, "expired", n->expired);
	write_count(out, "changed", n->changed);
	write_count(out, "moved_to_dlq", n->moved_to_dlq);
	write_count(out, "moved_in", n->moved_in);
	write_count(out, "purged", n->purged);
}

static void
admin_stats(struct conn *c)
{
	struct buf out = { 0 };
	int i;

	buf_addf(&out, "{\"ms\":%lld,\"ops\":{",
	    (long long)(clock_ms() - clock_start_ms()));
	for (i = 0; i < OPS; i++) {
		const struct op_counts *n = &op_counts[i];

		buf_addf(&out,
		    "%s\"%s\":{\"requests\":%llu,\"answered\":%llu,"
		    "\"entries\":%llu,\"errors\":%llu,\"faults\":%llu}",
		    i == 0 ? "" : ",", op_names[i],
		    (unsigned long long)n->requests,
		    (unsigned long long)n->answered,
		    (unsigned long long)n->entries,
		    (unsigned long long)n->errors,
		    (unsigned long long)n->faults);
	}
	buf_addstr(&out, "},");
	buf_addf(&out, "\"polling\":%llu",
	    (unsigned long long)api_stats.polling);
	write_count(&out, "polling_max", api_stats.polling_max);
	write_count(&out, "polls_aborted", api_stats.polls_aborted);
	write_count(&out, "receives_empty", api_stats.receives_empty);
	write_count(&out, "connections", conns_opened);
	write_count(&out, "connections_open", conns_open);
	write_count(&out, "connections_max", conns_max);
	write_count(&out, "calls", calls_last());
	write_count(&out, "keys_handed_out", creds_handed_out());
	write_totals(&out, &queue_totals);
	buf_addstr(&out, "}\n");
	answer(c, 200, &out);
}

static void
admin_queue(struct conn *c)
{
	struct queue *q = param_queue(c);
	struct buf out = { 0 };

	if (q == NULL)
		return;
	buf_addstr(&out, "{");
	write_count(&out, "visible", q->counts.visible);
	write_count(&out, "in_flight", q->counts.in_flight);
	write_count(&out, "delayed", q->counts.delayed);
	write_totals(&out, &q->counts);
	write_count(&out, "polling", api_polling(q));
	buf_addstr(&out, "}\n");
	answer(c, 200, &out);
}

static const char *
state_name(enum message_state state)
{
	switch (state) {
	case MESSAGE_VISIBLE:
		return "visible";
	case MESSAGE_IN_FLIGHT:
		return "in_flight";
	case MESSAGE_DELAYED:
		return "delayed";
	}
	return "?";
}

static void
admin_messages(struct conn *c)
{
	struct queue *q = param_queue(c);
	int64_t now_ms = clock_ms();
	struct buf out = { 0 };
	struct message *m;

	if (q == NULL)
		return;
	buf_addbyte(&out, '[');
	TAILQ_FOREACH(m, &q->all, all_link) {
		buf_addf(&out,
		    "%s{\"id\":\"%s\",\"body\":", out.len == 1 ? "" : ",\n",
		    m->record->id);
		if (m->body_len <= BODY_SHOWN_MAX)
			buf_json(&out, m->body, m->body_len);
		else
			buf_addstr(&out, "null");
		buf_addf(&out,
		    ",\"body_bytes\":%zu,\"receive_count\":%u,"
		    "\"state\":\"%s\",\"visible_in_ms\":%lld,\"group\":",
		    m->body_len, m->receive_count, state_name(m->state),
		    m->state == MESSAGE_VISIBLE
			? 0LL
			: (long long)(m->timer.due_ms - now_ms));
		if (m->group_id != NULL)
			buf_jsonstr(&out, m->group_id);
		else
			buf_addstr(&out, "null");
		buf_addbyte(&out, '}');
	}
	buf_addstr(&out, "]\n");
	answer(c, 200, &out);
}

static void
write_event(struct buf *out, const struct record *r, const struct event *e)
{
	buf_addf(out, "%s{\"id\":\"%s\",\"ms\":%lld,\"event\":\"%s\"",
	    out->len == 1 ? "" : ",\n", r->id, (long long)e->at_ms,
	    event_name(e->type));
	if (e->type == EVENT_RECEIVED)
		buf_addf(out, ",\"count\":%d", e->value);
	if (e->type == EVENT_CHANGED)
		buf_addf(out, ",\"timeout\":%d", e->value);
	if (e->conn_id != 0)
		buf_addf(out, ",\"conn\":%llu", (unsigned long long)e->conn_id);
	buf_addbyte(out, '}');
}

static void
write_events(struct buf *out, const struct record *r)
{
	unsigned int i;

	for (i = 0; i < r->nevents; i++)
		write_event(out, r, &r->events[i]);
}

static bool
record_of(const struct record *r, const struct queue *q)
{
	return q == NULL || r->first_queue == q->uid || r->last_queue == q->uid;
}

static void
admin_history(struct conn *c)
{
	struct queue *q = NULL;
	struct buf out = { 0 }, value = { 0 };
	struct record *r;
	uint64_t no, hash;
	bool any;

	if (param(c, "name", &value) && (q = param_queue(c)) == NULL) {
		buf_release(&value);
		return;
	}
	buf_addbyte(&out, '[');
	if (param(c, "id", &value)) {
		r = record_by_id((struct span){ value.data, value.len });
		if (r != NULL && record_of(r, q))
			write_events(&out, r);
	} else if (param(c, "body", &value) || q != NULL) {
		any = value.len == 0;
		hash = hash64(value.data, value.len);
		for (no = 1; no <= record_count(); no++) {
			r = record_get(no);
			if (r != NULL && (any || r->body_hash == hash) &&
			    record_of(r, q))
				write_events(&out, r);
		}
	}
	buf_addstr(&out, "]\n");
	buf_release(&value);
	answer(c, 200, &out);
}

static void
admin_calls(struct conn *c)
{
	struct buf out = { 0 };

	calls_write(&out, (uint64_t)param_int(c, "since", 0));
	answer(c, 200, &out);
}

/* ---- waiting for a condition ---- */

typedef uint64_t cond_fn(const struct watch *w, const struct queue *q);

static uint64_t
cond_left(const struct watch *w, const struct queue *q)
{
	(void)w;
	return q->counts.visible + q->counts.in_flight + q->counts.delayed;
}

#define COND_OF_QUEUE(field)                                                   \
	static uint64_t cond_##field(const struct watch *w,                    \
	    const struct queue *q)                                             \
	{                                                                      \
		(void)w;                                                       \
		return q->counts.field;                                        \
	}

COND_OF_QUEUE(visible)
COND_OF_QUEUE(in_flight)
COND_OF_QUEUE(delayed)
COND_OF_QUEUE(deleted)
COND_OF_QUEUE(sent)
COND_OF_QUEUE(received)
COND_OF_QUEUE(redelivered)
COND_OF_QUEUE(moved_to_dlq)
COND_OF_QUEUE(expired)
COND_OF_QUEUE(changed)

static uint64_t
cond_op_count(const struct watch *w, const struct queue *q)
{
	(void)q;
	return op_counts[w->op].requests;
}

static uint64_t
cond_op_done(const struct watch *w, const struct queue *q)
{
	(void)q;
	return op_counts[w->op].answered;
}

static uint64_t
cond_op_entries(const struct watch *w, const struct queue *q)
{
	(void)q;
	return op_counts[w->op].entries;
}

static uint64_t
cond_polling(const struct watch *w, const struct queue *q)
{
	(void)w;
	(void)q;
	return api_stats.polling;
}

static const struct {
	const char *name;
	cond_fn *count;
	enum {
		OF_QUEUE,
		OF_OP,
		OF_SERVER
	} of;
	enum {
		ZERO,
		AT_LEAST,
		EXACTLY
	} want;
} conds[] = {
	{ "empty", cond_left, OF_QUEUE, ZERO },
	{ "in_flight_zero", cond_in_flight, OF_QUEUE, ZERO },
	{ "visible_zero", cond_visible, OF_QUEUE, ZERO },
	{ "visible_at_least", cond_visible, OF_QUEUE, AT_LEAST },
	{ "in_flight_at_least", cond_in_flight, OF_QUEUE, AT_LEAST },
	{ "delayed_at_least", cond_delayed, OF_QUEUE, AT_LEAST },
	{ "deleted_at_least", cond_deleted, OF_QUEUE, AT_LEAST },
	{ "sent_at_least", cond_sent, OF_QUEUE, AT_LEAST },
	{ "received_at_least", cond_received, OF_QUEUE, AT_LEAST },
	{ "redelivered_at_least", cond_redelivered, OF_QUEUE, AT_LEAST },
	{ "moved_at_least", cond_moved_to_dlq, OF_QUEUE, AT_LEAST },
	{ "expired_at_least", cond_expired, OF_QUEUE, AT_LEAST },
	{ "changed_at_least", cond_changed, OF_QUEUE, AT_LEAST },
	{ "op_count", cond_op_count, OF_OP, AT_LEAST },
	{ "op_done", cond_op_done, OF_OP, AT_LEAST },
	{ "op_entries", cond_op_entries, OF_OP, AT_LEAST },
	{ "polling", cond_polling, OF_SERVER, EXACTLY },
	{ "polling_at_least", cond_polling, OF_SERVER, AT_LEAST },
};

static bool
watch_holds(const struct watch *w)
{
	struct queue *q =
	    queue_find((struct span){ w->queue, strlen(w->queue) });
	uint64_t n;

	if (conds[w->cond].of == OF_QUEUE && q == NULL)
		return false;
	n = conds[w->cond].count(w, q);
	switch (conds[w->cond].want) {
	case ZERO:
		return n == 0;
	case AT_LEAST:
		return n >= w->value;
	case EXACTLY:
		return n == w->value;
	}
	return false;
}

static void
watch_end(struct watch *w)
{
	TAILQ_REMOVE(&watches, w, link);
	timer_clear(&w->timer);
	free(w);
}

static void
watch_cancel(struct conn *c)
{
	watch_end(c->waiting);
}

static void
watch_timeout(void *arg, int64_t now_ms)
{
	struct watch *w = arg;
	struct conn *c = w->conn;
	const char *name = conds[w->cond].name;

	(void)now_ms;
	watch_end(w);
	answer_bad(c, 408, "condition does not hold", name);
}

void
admin_check_waits(void)
{
	struct watch *w, *next;

	for (w = TAILQ_FIRST(&watches); w != NULL; w = next) {
		struct conn *c = w->conn;

		next = TAILQ_NEXT(w, link);
		if (!watch_holds(w))
			continue;
		watch_end(w);
		answer_ok(c);
		/* The answer may have begun the next request of its connection,
		   and so changed the list: start again at its head. */
		next = TAILQ_FIRST(&watches);
	}
}

static int
cond_find(const char *name)
{
	int i;

	for (i = (int)nitems(conds) - 1; i >= 0; i--) {
		if (strcmp(conds[i].name, name) == 0)
			break;
	}
	return i;
}

static void
admin_wait(struct conn *c)
{
	struct watch *w;
	char cond[CALL_TEXT_SIZE], op_name[CALL_TEXT_SIZE];
	int op;

	param_copy(c, "cond", cond, sizeof(cond));
	param_copy(c, "op", op_name, sizeof(op_name));
	if (cond_find(cond) == -1) {
		answer_bad(c, 400, "no such condition", cond);
		return;
	}
	op = op_find((struct span){ op_name, strlen(op_name) });
	if (conds[cond_find(cond)].of == OF_OP && op == -1) {
		answer_bad(c, 400, "no such operation", op_name);
		return;
	}
	if (conds[cond_find(cond)].of == OF_QUEUE && param_queue(c) == NULL)
		return;
	w = xcalloc(1, sizeof(*w));
	w->conn = c;
	w->cond = cond_find(cond);
	w->op = op == -1 ? OP_UNKNOWN : (enum op)op;
	w->value = (uint64_t)param_int(c, "value", 1);
	param_copy(c, "name", w->queue, sizeof(w->queue));
	w->timer.fire = watch_timeout;
	w->timer.arg = w;
	timer_set(&w->timer, clock_ms() + param_int(c, "ms", 10000));
	TAILQ_INSERT_TAIL(&watches, w, link);
	conn_wait(c, w, watch_cancel);
}

static void
admin_redirected(struct conn *c)
{
	struct buf out = { 0 };

	conn_call_open(c, OP_REDIRECTED);
	buf_addstr(&out, "{}");
	answer(c, 200, &out);
}

static const struct {
	const char *path;
	admin_fn *ask;
	bool changes; /* must be a POST */
} pages[] = {
	{ "/_fault", admin_fault, true },
	{ "/_clear", admin_clear, true },
	{ "/_set", admin_set, true },
	{ "/_create", admin_create, true },
	{ "/_send", admin_send, true },
	{ "/_hurry", admin_hurry, true },
	{ "/_stats", admin_stats, false },
	{ "/_queue", admin_queue, false },
	{ "/_messages", admin_messages, false },
	{ "/_history", admin_history, false },
	{ "/_calls", admin_calls, false },
	{ "/_wait", admin_wait, false },
	{ "/_redirected", admin_redirected, false },
};

bool
admin_request(struct conn *c)
{
	size_t i;

	if (!span_starts(c->req.path, "/_"))
		return false;
	for (i = 0; i < nitems(pages); i++) {
		if (!span_is(c->req.path, pages[i].path))
			continue;
		if (pages[i].changes && !span_is(c->req.method, "POST"))
			answer_bad(c, 405, "wants POST", pages[i].path);
		else
			pages[i].ask(c);
		return true;
	}
	answer_bad(c, 404, "no such page", "");
	return true;
}
