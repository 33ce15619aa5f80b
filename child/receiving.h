/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Decides when a child receives and how many messages it asks for, and takes
 * these in.  receive/receive.h makes the poll, receive/idle_pollers.h decides
 * which children poll, receive/receive_max.h how many messages to ask for.
 */
#ifndef CHILD_RECEIVING_H
#define CHILD_RECEIVING_H

#include "child/state.h"

/* Has an operator paused the queue? */
bool receiving_is_paused(const struct child *c);

/* A receive_messages_fn; arg is the child. */
void receiving_on_messages(void *arg, struct message_list *list,
    int64_t received_ms);

/*
 * Begins a receive, if messages are wanted and nothing forbids it.  Returns
 * when to be called next.
 */
int64_t receiving_step(struct child *c, int64_t now_ms);

#endif
