/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The one long poll of a child, and the pauses between polls.  Every error
 * backs off with jitter and none is fatal: credentials, networks and
 * permissions heal, and a child that exited for them would only be started
 * again. An empty answer that came much too soon backs off as well, so that no
 * server can make the loop spin.
 */
#ifndef CHILD_RECEIVE_RECEIVE_H
#define CHILD_RECEIVE_RECEIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/aws/aws.h"
#include "common/aws/message.h"
#include "common/settings/settings.h"

struct receive;

/*
 * Called with the messages of an answer; each is taken by emptying its struct,
 * what is left is released.  received_ms: when the receive was sent.
 */
typedef void receive_messages_fn(void *arg, struct message_list *list,
    int64_t received_ms);

struct receive *receive_new(struct aws *aws, const struct queue_settings *q,
    int wait_time_s, receive_messages_fn *messages, void *arg);
void receive_free(struct receive *r); /* ends the poll without an answer */

/*
 * Begins a poll for up to max messages, unless a poll is under way or a pause
 * is on.  wait: SQS is to wait until there are some.  Returns whether the poll
 * began.
 */
bool receive_begin(struct receive *r, int max, bool wait, int64_t now_ms);
/*
 * No poll is sent after the one that is under way, even if that fails.  Except
 * that the failed poll of a FIFO queue is sent again, once and without waiting:
 * if the answer was lost, the messages in it would block their groups.
 */
void receive_end(struct receive *r);
/* When receive_begin can begin a poll; CLOCK_NEVER while one is under way. */
int64_t receive_ready_ms(const struct receive *r);

bool receive_is_polling(const struct receive *r);
/* Is a pause on, after errors or early empty answers? */
bool receive_is_pausing(const struct receive *r, int64_t now_ms);

/* The failure of the last receive; NULL after a good one. */
const struct error *receive_trouble(const struct receive *r);

/* Calls made, and how many of them failed for good. */
struct receive_counts {
	uint64_t receives;
	uint64_t errors;
};
struct receive_counts receive_counts(const struct receive *r);

/* Pure.  The pause after the nth failure in a row (from 1). */
int64_t receive_pause_ms(enum error_kind kind, unsigned failures, double unit);

#endif
