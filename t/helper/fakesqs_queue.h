/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_QUEUE_H
#define FAKESQS_QUEUE_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fakesqs_map.h"
#include "fakesqs_timer.h"
#include "fakesqs_util.h"

#define MESSAGE_ID_SIZE  37
#define RECEIVE_MAX      10
#define MESSAGE_MAX_SIZE 1048576

enum message_state {
	MESSAGE_VISIBLE,
	MESSAGE_IN_FLIGHT,
	MESSAGE_DELAYED,
};

enum event_type {
	EVENT_SENT,
	EVENT_RECEIVED, /* value: receive count */
	EVENT_DELETED,
	EVENT_DELETE_IGNORED, /* stale handle, or a duplicate pending */
	EVENT_CHANGED,        /* value: timeout asked for */
	EVENT_EXPIRED,
	EVENT_DELAY_OVER,
	EVENT_MOVED,
	EVENT_PURGED,
};

struct event {
	int64_t at_ms;
	uint64_t conn_id;
	int32_t value;
	enum event_type type;
};

/*
 * The record of a message is kept for ever, also after its deletion: receipt
 * handles and /_history refer to it by number.
 */
struct record {
	uint64_t no;
	uint64_t body_hash;
	struct message *message; /* NULL once it is gone */
	struct event *events;
	unsigned int nevents;
	unsigned int events_cap;
	unsigned int first_queue; /* uid */
	unsigned int last_queue;
	char id[MESSAGE_ID_SIZE];
};

struct attribute {
	struct span name;
	struct span type;
	struct span value; /* decoded, when binary */
	bool binary;
};

struct message {
	TAILQ_ENTRY(message) link;     /* ready list, or its group's list */
	TAILQ_ENTRY(message) all_link; /* all of the queue */
	struct queue *queue;
	struct group *group; /* FIFO only */
	struct record *record;
	struct timer timer; /* end of invisibility or delay */
	enum message_state state;
	bool duplicate_pending;  /* survives deletes until received again */
	unsigned int generation; /* counts receives; names the handle */
	unsigned int receive_count;
	char *body;
	size_t body_len;
	struct attribute *attributes; /* sorted by name */
	size_t nattributes;
	char *trace_header;
	char *group_id;
	char *dedup_id;
	char *source_arn; /* of the queue it was moved from */
	uint64_t sequence;
	int64_t sent_wall_ms;
	int64_t first_receive_wall_ms;
	int64_t received_at_ms;   /* by the newest handle */
	int64_t received_wait_ms; /* timeout of that receive */
	char attempt_id[129];     /* of the newest receive, FIFO */
	char body_md5[MD5_HEX_SIZE];
};

TAILQ_HEAD(message_list, message);

struct group {
	TAILQ_ENTRY(group) link; /* in the ready list */
	struct message_list messages;
	bool ready; /* its first message is visible */
	char *id;
};

TAILQ_HEAD(group_list, group);

/* A remembered MessageDeduplicationId. */
struct dedup {
	TAILQ_ENTRY(dedup) link;
	char *key;
	size_t key_len;
	int64_t expires_ms;
	uint64_t sequence;
	char id[MESSAGE_ID_SIZE];
};

TAILQ_HEAD(dedup_list, dedup);

enum queue_number {
	QUEUE_VISIBILITY_TIMEOUT_S,
	QUEUE_DELAY_S,
	QUEUE_WAIT_TIME_S,
	QUEUE_MAX_SIZE,
	QUEUE_RETENTION_S,
	QUEUE_KMS_REUSE_S,
	QUEUE_NUMBERS
};

enum queue_text {
	QUEUE_REDRIVE_POLICY,
	QUEUE_POLICY,
	QUEUE_REDRIVE_ALLOW,
	QUEUE_KMS_KEY,
	QUEUE_SSE,
	QUEUE_CONTENT_DEDUP,
	QUEUE_DEDUP_SCOPE,
	QUEUE_FIFO_LIMIT,
	QUEUE_TEXTS
};

struct queue_counts {
	uint64_t visible;
	uint64_t in_flight;
	uint64_t delayed;
	uint64_t sent;
	uint64_t received;
	uint64_t redelivered;
	uint64_t deleted;
	uint64_t delete_ignored;
	uint64_t expired;
	uint64_t changed;
	uint64_t moved_to_dlq;
	uint64_t moved_in;
	uint64_t purged;
};

struct poll;
TAILQ_HEAD(poll_list, poll);

struct queue {
	TAILQ_ENTRY(queue) link;
	char *name;
	char *arn;
	unsigned int uid;
	bool fifo;
	bool dirty; /* something became available since the last serve */
	int64_t numbers[QUEUE_NUMBERS];
	char *texts[QUEUE_TEXTS]; /* NULL when not set */
	char *dlq_name;
	int64_t max_receive_count; /* 0: no redrive */
	int64_t created_wall_s;
	int64_t modified_wall_s;
	int64_t purged_at_ms;
	struct message_list ready;
	struct message_list all;
	struct group_list ready_groups;
	struct map groups;
	struct map dedups;
	struct dedup_list dedup_order;
	struct poll_list polls; /* the api's waiting receives */
	struct queue_counts counts;
};

TAILQ_HEAD(queue_list, queue);

/* The parameters of SendMessage; all is copied. */
struct send {
	struct span body;
	const struct attribute *attributes;
	size_t nattributes;
	struct span trace_header;
	struct span group_id;
	struct span dedup_id;
	int64_t delay_s;
};

struct sent {
	uint64_t sequence;
	char id[MESSAGE_ID_SIZE];
};

struct receive {
	int max;
	int64_t timeout_s;
	uint64_t conn_id;
	struct span attempt_id;
	bool duplicate; /* scripted: received messages stay visible */
};

enum handle_status {
	HANDLE_CURRENT,
	HANDLE_STALE,  /* the message was received again since */
	HANDLE_GONE,   /* the message is not in this queue any more */
	HANDLE_INVALID /* not one of ours, or of another queue */
};

/* Knobs, changed by the admin interface. */
extern int64_t queue_limit_12h_s;
extern int64_t queue_dedup_s;
extern int64_t queue_in_flight_max;
extern bool queue_keep_history;

extern struct queue_list queues;
extern struct queue_counts queue_totals; /* the growing ones only */

struct queue *queue_new(const char *name, const char *arn, bool fifo);
struct queue *queue_find(struct span name);
void queue_free(struct queue *q);
void queue_release_all(void);

void queue_send(struct queue *q, const struct send *s, struct sent *ret_sent);
int queue_receive(struct queue *q, const struct receive *r,
    struct message *ret_messages[RECEIVE_MAX]);
void queue_purge(struct queue *q);

enum handle_status queue_handle(struct queue *q, struct span handle,
    struct message **ret_message, struct record **ret_record);
void message_handle(const struct message *m, struct buf *out);
void message_delete(struct message *m, uint64_t conn_id);
void message_change(struct message *m, int64_t timeout_s, uint64_t conn_id);

void record_event(struct record *r, enum event_type type, int64_t value,
    uint64_t conn_id);
const char *event_name(enum event_type type);
size_t record_count(void);
struct record *record_get(uint64_t no); /* 1 ... record_count(), or NULL */
struct record *record_by_id(struct span id);

#endif
