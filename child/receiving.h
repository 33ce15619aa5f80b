/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * When a child receives, how many messages it asks for, and how it takes them
 * in.  The poll itself is receive/receive.h; whose turn it is to poll,
 * receive/idle_pollers.h; how many are wanted, receive/receive_max.h.
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
 * Receives, if there is reason to and nothing speaks against it.  Returns when
 * to be called next.
 */
int64_t receiving_step(struct child *c, int64_t now_ms);

#endif
