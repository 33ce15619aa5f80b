/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Which attributes a message has when it reaches the dead-letter queue.
 */
#include "child/message/deadletter.h"

#include "common/aws/sqs.h"
#include "common/base/xalloc.h"
#include "t/unit/tap.h"

static char queue_name[] = "jobs", body[] = "b", id[] = "m-1";
static char text[] = "String", blob[] = "Binary", value[] = "v";
static const struct queue_settings queue = { .name = queue_name };

static struct message_attribute kept[MESSAGE_ATTRIBUTES_MAX];
static char names[MESSAGE_ATTRIBUTES_MAX][16];
static struct job job;
static struct deadletter_own own;
static struct message_attribute got[MESSAGE_ATTRIBUTES_MAX];

/* A message with so many attributes of its own. */
static size_t
move(size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "a%zu", i);
		kept[i] = (struct message_attribute){ names[i], text, value, 1,
			false };
	}
	job.message.n_attributes = n;
	return deadletter_attributes(&queue, &job, &own, got);
}

static void
test_added(void)
{
	size_t n = move(1);

	kept[0].type = blob;
	kept[0].binary = true;
	is_int(n, 5, "four attributes are added");
	is_str(got[0].name, "a0", "behind the message's own");
	is_str(got[1].name, "SqsherdReason", "the reason");
	is_str(got[1].value, "exit status 65", "which is the exit status");
	is_str(got[2].name, "SqsherdQueue", "the queue");
	is_str(got[2].value, "jobs", "by its name");
	is_str(got[3].name, "SqsherdMessageId", "the id");
	is_str(got[3].value, "m-1", "that it had");
	is_str(got[4].name, "SqsherdReceiveCount", "how often it was received");
	is_str(got[4].type, "Number", "as a number");
	is_str(got[4].value, "7", "which is right");
	(void)strlcpy(job.reason, "3 children died of it", sizeof(job.reason));
	(void)move(0);
	is_str(got[0].value, "3 children died of it",
	    "a reason in words is better than an exit status");
	job.reason[0] = '\0';
}

static void
test_limits(void)
{
	is_int(move(9), 10, "a message with 9 has room for one more");
	is_str(got[9].name, "SqsherdReason", "the reason");
	is_int(move(10), 10, "one with 10 has none");
	is_str(got[9].name, "a9", "and keeps its own");
	job.message.body_len = SQS_MESSAGE_MAX - 100;
	is_int(move(0), 3, "near the limit of 1 MiB not all fit");
	job.message.body_len = SQS_MESSAGE_MAX;
	is_int(move(0), 0, "at the limit none");
	job.message.body_len = 1;
}

static void
test_second_move(void)
{
	static char old_name[] = "SqsherdReason", old[] = "of the last time";
	size_t n;

	(void)move(2);
	kept[1] = (struct message_attribute){ old_name, text, old,
		sizeof(old) - 1, false };
	n = deadletter_attributes(&queue, &job, &own, got);
	is_int(n, 5, "what an earlier move left is not kept");
	is_str(got[1].name, "SqsherdReason", "but replaced");
	is_str(got[1].value, "exit status 65", "by what is true now");
}

int
main(void)
{
	job.message.id = id;
	job.message.body = body;
	job.message.body_len = 1;
	job.message.receive_count = 7;
	job.message.attributes = kept;
	job.exit_status = 65;
	test_added();
	test_limits();
	test_second_move();
	return tap_done();
}
