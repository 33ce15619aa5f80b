/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The struct that settle.c, lane.c and ownership.c share.  See settle.h.
 */
#ifndef CHILD_MESSAGE_SETTLE_STATE_H
#define CHILD_MESSAGE_SETTLE_STATE_H

#include "child/message/settle.h"
#include "common/aws/sqs.h"
#include "common/base/log_repeat.h"

enum lane_kind {
	LANE_DELETE,
	LANE_GIVE_BACK,
	LANE_EXTEND,
	LANES
};

struct lane {
	struct settle *settle;
	enum lane_kind kind;
	struct aws_call *call; /* NULL: idle */
	struct job *jobs[SQS_BATCH_MAX];
	int timeouts_s[SQS_BATCH_MAX];
	size_t n;
	int64_t sent_ms;
	int64_t next_ms;              /* no call before */
	unsigned failures;            /* of calls, in a row */
	struct log_repeat complaints; /* log messages about failures */
	struct log_repeat refusals;   /* log messages about refused batches */
};

struct settle {
	struct aws *aws;
	const struct queue_settings *queue;
	struct jobs *jobs;
	settle_lost_fn *lost;
	void *arg;
	struct lane lanes[LANES];
	double unit; /* random: sets the extensions of children apart */
	bool gather, leaving; /* as settle_step got them last */
	bool in_trouble;      /* SQS did not take the last settle */
	bool has_called_back; /* in this step */
};

#endif
