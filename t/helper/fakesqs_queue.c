/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The queues: which messages are visible, in flight or delayed, which a receive
 * takes, and what a receipt handle still means.  Knows nothing of HTTP or JSON.
 *
 * Invariants: a message changes state only in message_set_state(); a standard
 * queue's ready list holds exactly its visible messages; a group is in
 * ready_groups exactly while its first message is visible, which is all there
 * is to the FIFO lock: a message in flight blocks all behind it.
 */

#include "fakesqs_queue.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HANDLE_BYTES 128
#define HANDLE_CHARS 172

int64_t queue_limit_12h_s = 43200;
int64_t queue_dedup_s = 300;
int64_t queue_in_flight_max = 120000;
bool queue_keep_history = true;

struct queue_list queues = TAILQ_HEAD_INITIALIZER(queues);
struct queue_counts queue_totals;

static struct record **records; /* by number - 1 */
static size_t nrecords;
static size_t records_cap;
static unsigned int last_uid;
static uint64_t last_sequence;
static uint64_t secret;

#define COUNT(q, what) ((q)->counts.what++, queue_totals.what++)

/*
 * Message ids look random but hold their number, so that a lookup by id
 * needs no table: the first 48 bits are the number times an odd constant.
 */
#define ID_MASK      ((UINT64_C(1) << 48) - 1)
#define ID_FACTOR    UINT64_C(0x5bd1e995a7f3)
#define ID_INVERSE_0 ID_FACTOR /* right in its three lowest bits */

static uint64_t
secret_get(void)
{
	while (secret == 0)
		secret = random64();
	return secret;
}

static void
id_format(uint64_t no, char ret_id[MESSAGE_ID_SIZE])
{
	uint64_t hi = ((no * ID_FACTOR) ^ secret_get()) & ID_MASK;
	uint64_t lo = mix64(no ^ secret_get());

	(void)snprintf(ret_id, MESSAGE_ID_SIZE, "%08x-%04x-4%03x-%04x-%012llx",
	    (unsigned int)(hi >> 16), (unsigned int)(hi & 0xffff),
	    (unsigned int)(lo >> 52),
	    (unsigned int)(0x8000 | (lo >> 38 & 0x3fff)),
	    (unsigned long long)(mix64(lo) & ID_MASK));
}

static uint64_t
id_number(uint64_t hi)
{
	uint64_t inverse = ID_INVERSE_0;
	int i;

	for (i = 0; i < 5; i++)
		inverse *= 2 - ID_FACTOR * inverse;
	return (hi ^ secret_get()) * inverse & ID_MASK;
}

static struct record *
record_new(struct queue *q)
{
	struct record *r = xcalloc(1, sizeof(*r));

	if (nrecords == records_cap) {
		records_cap = records_cap == 0 ? 1024 : records_cap * 2;
		records = xreallocarray(records, records_cap,
		    sizeof(struct record *));
	}
	records[nrecords++] = r;
	r->no = nrecords;
	r->first_queue = r->last_queue = q->uid;
	id_format(r->no, r->id);
	return r;
}

static void
record_free(struct record *r)
{
	records[r->no - 1] = NULL;
	free(r->events);
	free(r);
}

size_t
record_count(void)
{
	return nrecords;
}

struct record *
record_get(uint64_t no)
{
	return no >= 1 && no <= nrecords ? records[no - 1] : NULL;
}

struct record *
record_by_id(struct span id)
{
	struct record *r;
	char text[14];

	if (id.len != MESSAGE_ID_SIZE - 1)
		return NULL;
	(void)snprintf(text, sizeof(text), "%.8s%.4s", id.p, id.p + 9);
	r = record_get(id_number(strtoull(text, NULL, 16)));
	return r != NULL && span_is(id, r->id) ? r : NULL;
}

void
record_event(struct record *r, enum event_type type, int64_t value,
    uint64_t conn_id)
{
	if (!queue_keep_history)
		return;
	if (r->nevents == r->events_cap) {
		r->events_cap = r->events_cap == 0 ? 4 : r->events_cap * 2;
		r->events = xreallocarray(r->events, r->events_cap,
		    sizeof(struct event));
	}
	r->events[r->nevents++] = (struct event){
		.at_ms = clock_ms() - clock_start_ms(),
		.conn_id = conn_id,
		.value = (int32_t)value,
		.type = type,
	};
}

const char *
event_name(enum event_type type)
{
	switch (type) {
	case EVENT_SENT:
		return "sent";
	case EVENT_RECEIVED:
		return "received";
	case EVENT_DELETED:
		return "deleted";
	case EVENT_DELETE_IGNORED:
		return "delete_ignored";
	case EVENT_CHANGED:
		return "changed";
	case EVENT_EXPIRED:
		return "expired";
	case EVENT_DELAY_OVER:
		return "delay_over";
	case EVENT_MOVED:
		return "moved";
	case EVENT_PURGED:
		return "purged";
	}
	return "?";
}

struct queue *
queue_new(const char *name, const char *arn, bool fifo)
{
	struct queue *q = xcalloc(1, sizeof(*q));

	q->name = xstrdup(name);
	q->arn = xstrdup(arn);
	q->fifo = fifo;
	q->uid = ++last_uid;
	q->purged_at_ms = INT64_MIN / 2;
	TAILQ_INIT(&q->ready);
	TAILQ_INIT(&q->all);
	TAILQ_INIT(&q->ready_groups);
	TAILQ_INIT(&q->dedup_order);
	TAILQ_INIT(&q->polls);
	TAILQ_INSERT_TAIL(&queues, q, link);
	return q;
}

struct queue *
queue_find(struct span name)
{
	struct queue *q;

	TAILQ_FOREACH(q, &queues, link) {
		if (span_is(name, q->name))
			return q;
	}
	return NULL;
}

static struct group *
group_get(struct queue *q, const char *id)
{
	struct span key = { id, strlen(id) };
	struct group *g = map_get(&q->groups, key);

	if (g != NULL)
		return g;
	g = xcalloc(1, sizeof(*g));
	g->id = xstrdup(id);
	TAILQ_INIT(&g->messages);
	map_put(&q->groups, key, g);
	return g;
}

static void
group_free(struct queue *q, struct group *g)
{
	if (g->ready)
		TAILQ_REMOVE(&q->ready_groups, g, link);
	map_remove(&q->groups, (struct span){ g->id, strlen(g->id) });
	free(g->id);
	free(g);
}

/* Restores the invariant after a change of g's messages; may free g. */
static void
group_update(struct queue *q, struct group *g)
{
	struct message *first = TAILQ_FIRST(&g->messages);
	bool ready = first != NULL && first->state == MESSAGE_VISIBLE;

	if (first == NULL) {
		group_free(q, g);
		return;
	}
	if (ready)
		q->dirty = true;
	if (ready == g->ready)
		return;
	g->ready = ready;
	if (ready)
		TAILQ_INSERT_TAIL(&q->ready_groups, g, link);
	else
		TAILQ_REMOVE(&q->ready_groups, g, link);
}

static uint64_t *
state_count(struct queue *q, enum message_state state)
{
	switch (state) {
	case MESSAGE_VISIBLE:
		return &q->counts.visible;
	case MESSAGE_IN_FLIGHT:
		return &q->counts.in_flight;
	case MESSAGE_DELAYED:
		return &q->counts.delayed;
	}
	abort();
}

static void
message_set_state(struct message *m, enum message_state state, int64_t due_ms)
{
	struct queue *q = m->queue;

	if (!q->fifo && m->state != state) {
		if (m->state == MESSAGE_VISIBLE)
			TAILQ_REMOVE(&q->ready, m, link);
		if (state == MESSAGE_VISIBLE)
			TAILQ_INSERT_TAIL(&q->ready, m, link);
	}
	(*state_count(q, m->state))--;
	(*state_count(q, state))++;
	m->state = state;
	if (state == MESSAGE_VISIBLE) {
		timer_clear(&m->timer);
		q->dirty = true;
	} else {
		timer_set(&m->timer, due_ms);
	}
	if (q->fifo)
		group_update(q, m->group);
}

/* Puts a message that is in no queue into q, visible. */
static void
message_link(struct message *m, struct queue *q)
{
	m->queue = q;
	m->record->last_queue = q->uid;
	m->state = MESSAGE_VISIBLE;
	q->counts.visible++;
	q->dirty = true;
	TAILQ_INSERT_TAIL(&q->all, m, all_link);
	if (!q->fifo) {
		TAILQ_INSERT_TAIL(&q->ready, m, link);
		return;
	}
	m->sequence = ++last_sequence;
	m->group = group_get(q, m->group_id);
	TAILQ_INSERT_TAIL(&m->group->messages, m, link);
	group_update(q, m->group);
}

static void
message_unlink(struct message *m)
{
	struct queue *q = m->queue;

	timer_clear(&m->timer);
	(*state_count(q, m->state))--;
	TAILQ_REMOVE(&q->all, m, all_link);
	if (q->fifo) {
		TAILQ_REMOVE(&m->group->messages, m, link);
		group_update(q, m->group);
	} else if (m->state == MESSAGE_VISIBLE) {
		TAILQ_REMOVE(&q->ready, m, link);
	}
	m->queue = NULL;
	m->group = NULL;
}

static void
message_free(struct message *m)
{
	m->record->message = NULL;
	if (!queue_keep_history)
		record_free(m->record);
	free(m->attributes);
	free(m->body);
	free(m->trace_header);
	free(m->group_id);
	free(m->dedup_id);
	free(m->source_arn);
	free(m);
}

static void
message_due(void *arg, int64_t now_ms)
{
	struct message *m = arg;

	(void)now_ms;
	if (m->state == MESSAGE_DELAYED) {
		record_event(m->record, EVENT_DELAY_OVER, 0, 0);
	} else {
		record_event(m->record, EVENT_EXPIRED, 0, 0);
		COUNT(m->queue, expired);
	}
	message_set_state(m, MESSAGE_VISIBLE, 0);
}

static char *
span_dup(struct span s)
{
	return s.p == NULL ? NULL : xmemdup(s.p, s.len);
}

static struct span
copy_bytes(char **at, struct span s)
{
	char *to = *at;

	if (s.len > 0)
		memcpy(to, s.p, s.len);
	*at += s.len;
	return (struct span){ to, s.len };
}

/* One allocation: the array, then all its strings. */
static void
copy_attributes(struct message *m, const struct send *s)
{
	size_t i, size = s->nattributes * sizeof(struct attribute);
	char *at;

	if (s->nattributes == 0)
		return;
	for (i = 0; i < s->nattributes; i++)
		size += s->attributes[i].name.len + s->attributes[i].type.len +
		    s->attributes[i].value.len;
	m->attributes = xmalloc(size);
	m->nattributes = s->nattributes;
	at = (char *)(m->attributes + m->nattributes);
	for (i = 0; i < s->nattributes; i++) {
		m->attributes[i].name = copy_bytes(&at, s->attributes[i].name);
		m->attributes[i].type = copy_bytes(&at, s->attributes[i].type);
		m->attributes[i].value =
		    copy_bytes(&at, s->attributes[i].value);
		m->attributes[i].binary = s->attributes[i].binary;
	}
}

static void
dedup_free(struct queue *q, struct dedup *d)
{
	map_remove(&q->dedups, (struct span){ d->key, d->key_len });
	TAILQ_REMOVE(&q->dedup_order, d, link);
	free(d->key);
	free(d);
}

static void
dedup_expire(struct queue *q)
{
	int64_t now_ms = clock_ms();
	struct dedup *d;

	while ((d = TAILQ_FIRST(&q->dedup_order)) != NULL &&
	    d->expires_ms <= now_ms)
		dedup_free(q, d);
}

static void
dedup_key(const struct queue *q, const struct send *s, struct buf *key)
{
	const char *scope = q->texts[QUEUE_DEDUP_SCOPE];

	if (scope != NULL && strcmp(scope, "messageGroup") == 0) {
		buf_add(key, s->group_id.p, s->group_id.len);
		buf_addbyte(key, '\0');
	}
	buf_add(key, s->dedup_id.p, s->dedup_id.len);
}

static bool
dedup_known(struct queue *q, const struct send *s, struct sent *ret_sent)
{
	struct buf key = { 0 };
	struct dedup *d;

	dedup_expire(q);
	dedup_key(q, s, &key);
	d = map_get(&q->dedups, (struct span){ key.data, key.len });
	if (d != NULL) {
		ret_sent->sequence = d->sequence;
		memcpy(ret_sent->id, d->id, sizeof(d->id));
	}
	buf_release(&key);
	return d != NULL;
}

static void
dedup_remember(struct queue *q, const struct send *s, const struct sent *sent)
{
	struct dedup *d = xcalloc(1, sizeof(*d));
	struct buf key = { 0 };

	dedup_key(q, s, &key);
	d->key = xmemdup(key.data, key.len);
	d->key_len = key.len;
	d->expires_ms = clock_ms() + queue_dedup_s * 1000;
	d->sequence = sent->sequence;
	memcpy(d->id, sent->id, sizeof(d->id));
	map_put(&q->dedups, (struct span){ d->key, d->key_len }, d);
	TAILQ_INSERT_TAIL(&q->dedup_order, d, link);
	buf_release(&key);
}

void
queue_send(struct queue *q, const struct send *s, struct sent *ret_sent)
{
	struct message *m;

	if (q->fifo && dedup_known(q, s, ret_sent))
		return;
	m = xcalloc(1, sizeof(*m));
	m->record = record_new(q);
	m->record->message = m;
	m->record->body_hash = hash64(s->body.p, s->body.len);
	m->timer.fire = message_due;
	m->timer.arg = m;
	m->body = span_dup(s->body);
	m->body_len = s->body.len;
	m->trace_header = span_dup(s->trace_header);
	m->group_id = span_dup(s->group_id);
	m->dedup_id = span_dup(s->dedup_id);
	m->sent_wall_ms = clock_wall_ms();
	copy_attributes(m, s);
	md5_hex(m->body, m->body_len, m->body_md5);
	record_event(m->record, EVENT_SENT, 0, 0);
	COUNT(q, sent);
	message_link(m, q);
	if (s->delay_s > 0)
		message_set_state(m, MESSAGE_DELAYED,
		    clock_ms() + s->delay_s * 1000);
	ret_sent->sequence = m->sequence;
	memcpy(ret_sent->id, m->record->id, sizeof(ret_sent->id));
	if (q->fifo)
		dedup_remember(q, s, ret_sent);
}

static void
message_move(struct message *m, struct queue *dlq)
{
	struct queue *from = m->queue;

	record_event(m->record, EVENT_MOVED, m->receive_count, 0);
	COUNT(from, moved_to_dlq);
	COUNT(dlq, moved_in);
	message_unlink(m);
	free(m->source_arn);
	m->source_arn = xstrdup(from->arn);
	if (dlq->fifo) {
		free(m->dedup_id);
		m->dedup_id = xstrdup(m->record->id);
	}
	m->duplicate_pending = false;
	message_link(m, dlq);
}

/* Where m goes instead of being delivered once more, or NULL. */
static struct queue *
redrive_target(const struct message *m)
{
	const struct queue *q = m->queue;
	struct queue *dlq;

	if (q->max_receive_count == 0 ||
	    m->receive_count < q->max_receive_count)
		return NULL;
	dlq = queue_find((struct span){ q->dlq_name, strlen(q->dlq_name) });
	return dlq == q ? NULL : dlq;
}

static void
message_receive(struct message *m, const struct receive *r)
{
	struct queue *q = m->queue;

	m->generation++;
	m->receive_count++;
	m->received_at_ms = clock_ms();
	m->received_wait_ms = r->timeout_s * 1000;
	if (m->first_receive_wall_ms == 0)
		m->first_receive_wall_ms = clock_wall_ms();
	m->duplicate_pending = r->duplicate;
	m->attempt_id[0] = '\0';
	if (r->attempt_id.len < sizeof(m->attempt_id)) {
		memcpy(m->attempt_id,
		    r->attempt_id.p == NULL ? "" : r->attempt_id.p,
		    r->attempt_id.len);
		m->attempt_id[r->attempt_id.len] = '\0';
	}
	COUNT(q, received);
	if (m->receive_count > 1)
		COUNT(q, redelivered);
	record_event(m->record, EVENT_RECEIVED, m->receive_count, r->conn_id);
	message_set_state(m, MESSAGE_IN_FLIGHT,
	    m->received_at_ms + m->received_wait_ms);
}

/* Returns whether m was taken; false: it went to the dead-letter queue. */
static bool
take(struct message *m, const struct receive *r)
{
	struct queue *dlq = redrive_target(m);

	if (dlq != NULL) {
		message_move(m, dlq);
		return false;
	}
	message_receive(m, r);
	return true;
}

static int
receive_standard(struct queue *q, const struct receive *r,
    struct message **ret_messages)
{
	struct message *m;
	int n = 0;

	while (n < r->max && (m = TAILQ_FIRST(&q->ready)) != NULL) {
		if (take(m, r))
			ret_messages[n++] = m;
	}
	return n;
}

static int
receive_fifo(struct queue *q, const struct receive *r,
    struct message **ret_messages)
{
	struct message *m, *next;
	struct group *g;
	int n = 0;

	while (n < r->max && (g = TAILQ_FIRST(&q->ready_groups)) != NULL) {
		/* take() may free g with its last message: then next is NULL */
		for (m = TAILQ_FIRST(&g->messages);
		     n < r->max && m != NULL && m->state == MESSAGE_VISIBLE;
		     m = next) {
			next = TAILQ_NEXT(m, link);
			if (take(m, r))
				ret_messages[n++] = m;
		}
	}
	return n;
}

/*
 * ReceiveRequestAttemptId: the same messages and handles once more, with
 * their timeout reset.  Those deleted or changed since lost their id.
 */
static int
receive_again(struct queue *q, const struct receive *r,
    struct message **ret_messages)
{
	int64_t now_ms = clock_ms();
	struct message *m;
	int n = 0;

	TAILQ_FOREACH(m, &q->all, all_link) {
		if (n == r->max)
			break;
		if (m->state != MESSAGE_IN_FLIGHT ||
		    m->received_at_ms + 300000 < now_ms ||
		    !span_is(r->attempt_id, m->attempt_id))
			continue;
		timer_set(&m->timer, now_ms + m->received_wait_ms);
		ret_messages[n++] = m;
	}
	return n;
}

static void
leave_visible(struct message **messages, int n)
{
	int i;

	for (i = 0; i < n; i++)
		message_set_state(messages[i], MESSAGE_VISIBLE, 0);
}

int
queue_receive(struct queue *q, const struct receive *r,
    struct message *ret_messages[RECEIVE_MAX])
{
	int n = 0;

	assert(r->max >= 1 && r->max <= RECEIVE_MAX);
	if (q->counts.in_flight >= (uint64_t)queue_in_flight_max)
		return 0;
	if (q->fifo && r->attempt_id.len > 0)
		n = receive_again(q, r, ret_messages);
	if (n > 0)
		return n;
	n = q->fifo ? receive_fifo(q, r, ret_messages)
		    : receive_standard(q, r, ret_messages);
	if (r->duplicate)
		leave_visible(ret_messages, n);
	return n;
}

static uint64_t
handle_check(const unsigned char *bytes)
{
	return mix64(hash64(bytes, HANDLE_BYTES - 8) ^ secret_get());
}

static void
put_be(unsigned char *to, uint64_t v, int n)
{
	while (n-- > 0) {
		to[n] = (unsigned char)v;
		v >>= 8;
	}
}

static uint64_t
get_be(const unsigned char *from, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *from++;
	return v;
}

/*
 * 3 bytes that read "AQEB", then queue, number, generation, filler and a
 * check sum: as long and as opaque as the real ones, and no table of them.
 */
void
message_handle(const struct message *m, struct buf *out)
{
	unsigned char bytes[HANDLE_BYTES] = { 1, 1, 1 };
	uint64_t fill =
	    mix64(m->record->no * 31 + m->generation) ^ secret_get();
	int i;

	put_be(bytes + 3, m->queue->uid, 4);
	put_be(bytes + 7, m->record->no, 8);
	put_be(bytes + 15, m->generation, 4);
	for (i = 19; i < HANDLE_BYTES - 8; i++) {
		if (i % 8 == 3)
			fill = mix64(fill + (uint64_t)i);
		bytes[i] = (unsigned char)(fill >> i % 8 * 8);
	}
	put_be(bytes + HANDLE_BYTES - 8, handle_check(bytes), 8);
	buf_base64(out, bytes, sizeof(bytes));
}

static bool
handle_decode(struct span handle, unsigned char ret_bytes[HANDLE_BYTES])
{
	struct buf decoded = { 0 };
	bool ok = false;

	if (handle.len != HANDLE_CHARS)
		return false;
	if (base64_decode(handle.p, handle.len, &decoded) == 0 &&
	    decoded.len == HANDLE_BYTES) {
		memcpy(ret_bytes, decoded.data, HANDLE_BYTES);
		ok = get_be(ret_bytes + HANDLE_BYTES - 8, 8) ==
		    handle_check(ret_bytes);
	}
	buf_release(&decoded);
	return ok;
}

enum handle_status
queue_handle(struct queue *q, struct span handle, struct message **ret_message,
    struct record **ret_record)
{
	unsigned char bytes[HANDLE_BYTES];
	struct record *r;

	*ret_message = NULL;
	*ret_record = NULL;
	if (!handle_decode(handle, bytes) || get_be(bytes + 3, 4) != q->uid)
		return HANDLE_INVALID;
	r = record_get(get_be(bytes + 7, 8));
	*ret_record = r;
	if (r == NULL || r->message == NULL || r->message->queue != q)
		return HANDLE_GONE;
	*ret_message = r->message;
	return r->message->generation == get_be(bytes + 15, 4) ? HANDLE_CURRENT
							       : HANDLE_STALE;
}

void
message_delete(struct message *m, uint64_t conn_id)
{
	if (m->duplicate_pending) {
		record_event(m->record, EVENT_DELETE_IGNORED, 0, conn_id);
		COUNT(m->queue, delete_ignored);
		return;
	}
	record_event(m->record, EVENT_DELETED, 0, conn_id);
	COUNT(m->queue, deleted);
	message_unlink(m);
	message_free(m);
}

void
message_change(struct message *m, int64_t timeout_s, uint64_t conn_id)
{
	record_event(m->record, EVENT_CHANGED, timeout_s, conn_id);
	COUNT(m->queue, changed);
	m->attempt_id[0] = '\0';
	if (timeout_s > 0)
		message_set_state(m, MESSAGE_IN_FLIGHT,
		    clock_ms() + timeout_s * 1000);
	else if (m->state == MESSAGE_IN_FLIGHT)
		message_set_state(m, MESSAGE_VISIBLE, 0);
}

void
queue_purge(struct queue *q)
{
	struct message *m;
	struct dedup *d;

	while ((m = TAILQ_FIRST(&q->all)) != NULL) {
		record_event(m->record, EVENT_PURGED, 0, 0);
		COUNT(q, purged);
		message_unlink(m);
		message_free(m);
	}
	while ((d = TAILQ_FIRST(&q->dedup_order)) != NULL)
		dedup_free(q, d);
}

void
queue_free(struct queue *q)
{
	int i;

	assert(TAILQ_EMPTY(&q->polls));
	queue_purge(q);
	map_release(&q->groups);
	map_release(&q->dedups);
	for (i = 0; i < QUEUE_TEXTS; i++)
		free(q->texts[i]);
	TAILQ_REMOVE(&queues, q, link);
	free(q->dlq_name);
	free(q->name);
	free(q->arn);
	free(q);
}

void
queue_release_all(void)
{
	struct queue *q;
	size_t i;

	while ((q = TAILQ_FIRST(&queues)) != NULL)
		queue_free(q);
	for (i = 0; i < nrecords; i++) {
		if (records[i] != NULL)
			record_free(records[i]);
	}
	free(records);
	records = NULL;
	nrecords = records_cap = 0;
}
