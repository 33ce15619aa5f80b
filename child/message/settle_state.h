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
	int64_t next_ms;   /* no call before */
	unsigned failures; /* in a row: none of its jobs came further */
	struct log_repeat complaints; /* about them */
	struct log_repeat refusals;   /* of whole batches for an entry */
};

struct settle {
	struct aws *aws;
	const struct queue_settings *queue;
	struct jobs *jobs;
	settle_lost_fn *lost;
	void *arg;
	struct lane lanes[LANES];
	double unit; /* random: sets the extensions of children apart */
	bool gather, leaving; /* as settle_step was told last */
	bool in_trouble;      /* the last settle was not taken */
	bool has_called_back; /* in this step */
};

#endif
