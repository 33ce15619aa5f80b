/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * When a child has worked enough messages, is old enough or uses too much
 * memory, it begins no more receives, and when its hands are empty it asks to
 * be replaced.  So no message is given back for it.  At most reload_parallel
 * children of a queue are replaced at once: a child that is not replaced soon
 * works on until its turn comes.
 *
 * The limits of messages and age are drawn for each child between 3/4 of what
 * is set and all of it, so that children of the same age do not all reach them
 * at the same time.
 */
#ifndef CHILD_RECYCLE_H
#define CHILD_RECYCLE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/ipc/scoreboard.h"
#include "common/settings/settings.h"

struct recycle {
	uint64_t message_limit; /* 0: none */
	int64_t age_limit_ms;   /* 0: none */
	int64_t memory_limit;   /* bytes; 0: none */
	int64_t began_ms;
	uint64_t messages; /* received so far */
	int64_t measure_at_ms;
	int64_t memory; /* as measured last; 0: never */
	enum scoreboard_ask
	    reason;       /* why the child is to go; NOTHING: it is not */
	int64_t asked_ms; /* 0: not yet */
};

/* unit: random in [0,1). */
void recycle_init(struct recycle *r, const struct queue_settings *q,
    double unit, int64_t now_ms);

/*
 * Compares with the limits; measures memory if it is time.  messages: how many
 * this child has received.  Returns when to be called next.
 */
int64_t recycle_step(struct recycle *r, uint64_t messages, int64_t now_ms);

/* Must the child ask to be replaced, as soon as its hands are empty? */
bool recycle_must_ask(const struct recycle *r);
/* The child has asked to be replaced. */
void recycle_asked(struct recycle *r, int64_t now_ms);

/* Must the child begin no receive? */
bool recycle_holds(const struct recycle *r, int64_t now_ms);

#endif
