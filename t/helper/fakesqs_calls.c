/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* The operations, their counters, and a log of calls. */

#include "fakesqs_calls.h"

#include <stdlib.h>
#include <string.h>

const char *const op_names[OPS] = {
	[OP_CREATE_QUEUE] = "CreateQueue",
	[OP_GET_QUEUE_URL] = "GetQueueUrl",
	[OP_GET_QUEUE_ATTRIBUTES] = "GetQueueAttributes",
	[OP_SET_QUEUE_ATTRIBUTES] = "SetQueueAttributes",
	[OP_RECEIVE_MESSAGE] = "ReceiveMessage",
	[OP_DELETE_MESSAGE] = "DeleteMessage",
	[OP_DELETE_MESSAGE_BATCH] = "DeleteMessageBatch",
	[OP_CHANGE_VISIBILITY] = "ChangeMessageVisibility",
	[OP_CHANGE_VISIBILITY_BATCH] = "ChangeMessageVisibilityBatch",
	[OP_SEND_MESSAGE] = "SendMessage",
	[OP_SEND_MESSAGE_BATCH] = "SendMessageBatch",
	[OP_PURGE_QUEUE] = "PurgeQueue",
	[OP_LIST_QUEUES] = "ListQueues",
	[OP_DELETE_QUEUE] = "DeleteQueue",
	[OP_UNKNOWN] = "unknown",
	[OP_CREDS] = "creds",
	[OP_IMDS_TOKEN] = "imds_token",
	[OP_IMDS_ROLE] = "imds_role",
	[OP_IMDS_CREDS] = "imds_creds",
	[OP_IMDS_OTHER] = "imds_other",
	[OP_STS] = "sts",
	[OP_REDIRECTED] = "redirected",
	[OP_S3] = "s3",
};

struct op_counts op_counts[OPS];

static struct call *ring; /* CALLS_KEPT of them, by seq */
static uint64_t last_seq;

int
op_find(struct span name)
{
	int i;

	for (i = 0; i < OPS; i++) {
		if (span_is(name, op_names[i]))
			return i;
	}
	return -1;
}

struct call *
calls_open(enum op op, uint64_t conn_id)
{
	struct call *e;

	if (ring == NULL)
		ring = xcalloc(CALLS_KEPT, sizeof(*ring));
	e = &ring[++last_seq % CALLS_KEPT];
	*e = (struct call){
		.seq = last_seq,
		.conn_id = conn_id,
		.at_ms = clock_ms() - clock_start_ms(),
		.took_ms = -1,
		.wait_s = -1,
		.max = -1,
		.op = op,
	};
	return e;
}

struct call *
calls_get(uint64_t seq)
{
	struct call *e;

	if (ring == NULL || seq == 0)
		return NULL;
	e = &ring[seq % CALLS_KEPT];
	return e->seq == seq ? e : NULL;
}

uint64_t
calls_last(void)
{
	return last_seq;
}

static void
write_timeouts(struct buf *out, const struct call *e)
{
	int i;

	buf_addstr(out, ",\"visibility_timeouts\":[");
	for (i = 0; i < e->ntimeouts; i++)
		buf_addf(out, "%s%lld", i == 0 ? "" : ",",
		    (long long)e->timeouts_s[i]);
	buf_addbyte(out, ']');
}

static void
write_number(struct buf *out, const char *key, int64_t value)
{
	if (value == -1)
		buf_addf(out, ",\"%s\":null", key);
	else
		buf_addf(out, ",\"%s\":%lld", key, (long long)value);
}

static void
write_text(struct buf *out, const char *key, const char *value)
{
	buf_addf(out, ",\"%s\":", key);
	buf_jsonstr(out, value);
}

static void
write_call(struct buf *out, const struct call *e)
{
	buf_addf(out, "{\"seq\":%llu,\"ms\":%lld,\"op\":\"%s\"",
	    (unsigned long long)e->seq, (long long)e->at_ms, op_names[e->op]);
	write_text(out, "queue", e->queue);
	buf_addf(out, ",\"conn\":%llu,\"entries\":%d,\"status\":%d",
	    (unsigned long long)e->conn_id, e->entries, e->status);
	write_text(out, "code", e->code);
	write_number(out, "took_ms", e->took_ms);
	write_number(out, "wait_s", e->wait_s);
	write_number(out, "max", e->max);
	write_timeouts(out, e);
	buf_addf(out, ",\"messages\":%d,\"aborted\":%s,\"query_mode\":%s",
	    e->messages, e->aborted ? "true" : "false",
	    e->query_mode ? "true" : "false");
	write_text(out, "fault", e->fault == NULL ? "" : e->fault);
	write_text(out, "key_id", e->key_id);
	buf_addbyte(out, '}');
}

void
calls_write(struct buf *out, uint64_t since)
{
	uint64_t seq = since + 1;
	const char *comma = "";

	if (last_seq > CALLS_KEPT && seq <= last_seq - CALLS_KEPT)
		seq = last_seq - CALLS_KEPT + 1;
	buf_addbyte(out, '[');
	for (; ring != NULL && seq != 0 && seq <= last_seq; seq++) {
		buf_addstr(out, comma);
		write_call(out, &ring[seq % CALLS_KEPT]);
		comma = ",\n";
	}
	buf_addstr(out, "]\n");
}

void
calls_release(void)
{
	free(ring);
	ring = NULL;
}
