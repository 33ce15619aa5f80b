/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_CALLS_H
#define FAKESQS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fakesqs_util.h"

enum op {
	OP_CREATE_QUEUE,
	OP_GET_QUEUE_URL,
	OP_GET_QUEUE_ATTRIBUTES,
	OP_SET_QUEUE_ATTRIBUTES,
	OP_RECEIVE_MESSAGE,
	OP_DELETE_MESSAGE,
	OP_DELETE_MESSAGE_BATCH,
	OP_CHANGE_VISIBILITY,
	OP_CHANGE_VISIBILITY_BATCH,
	OP_SEND_MESSAGE,
	OP_SEND_MESSAGE_BATCH,
	OP_PURGE_QUEUE,
	OP_LIST_QUEUES,
	OP_DELETE_QUEUE,
	OP_UNKNOWN, /* any other target */
	/* not SQS */
	OP_CREDS,
	OP_IMDS_TOKEN,
	OP_IMDS_ROLE,
	OP_IMDS_CREDS,
	OP_IMDS_OTHER,
	OP_STS,
	OP_REDIRECTED,
	OP_S3,
	OPS
};

#define CALLS_KEPT      10000
#define CALL_TIMEOUTS   10
#define CALL_TEXT_SIZE  64
#define CALL_QUEUE_SIZE 81

/* One call in the log. */
struct call {
	uint64_t seq;
	uint64_t conn_id;
	int64_t at_ms;
	int64_t took_ms; /* -1 until it was answered */
	int64_t wait_s;  /* -1: not said */
	int64_t max;     /* -1: not said */
	int64_t timeouts_s[CALL_TIMEOUTS];
	int ntimeouts;
	int entries;
	int messages; /* delivered by a receive */
	int status;   /* 0: not answered (yet) */
	enum op op;
	bool aborted;    /* the client went away first */
	bool query_mode; /* x-amzn-query-mode was sent */
	const char *fault;
	char queue[CALL_QUEUE_SIZE];
	char code[CALL_TEXT_SIZE];
	char key_id[CALL_TEXT_SIZE];
};

struct op_counts {
	uint64_t requests;
	uint64_t answered;
	uint64_t entries;
	uint64_t faults;
	uint64_t errors; /* answers of 400 and above */
};

extern const char *const op_names[OPS];
extern struct op_counts op_counts[OPS];

/* -1 when there is no operation of this name. */
int op_find(struct span name);

/* Opens an entry; it may be overwritten 10,000 calls later. */
struct call *calls_open(enum op op, uint64_t conn_id);
/* NULL when it was overwritten. */
struct call *calls_get(uint64_t seq);
uint64_t calls_last(void);
/* JSON array of the entries after seq. */
void calls_write(struct buf *out, uint64_t since);
void calls_release(void);

#endif
