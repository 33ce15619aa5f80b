/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

#ifndef FAKESQS_TIMER_H
#define FAKESQS_TIMER_H

#include <stddef.h>
#include <stdint.h>

typedef void timer_fn(void *arg, int64_t now_ms);

/* Embedded by its owner; all zero is an idle timer. */
struct timer {
	int64_t due_ms;
	uint64_t order; /* equal due times fire in the order they were set */
	size_t slot;    /* place in the heap, 0 when idle */
	timer_fn *fire;
	void *arg;
};

/* Sets or moves the timer, which is idle again before fire is called. */
void timer_set(struct timer *t, int64_t due_ms);
void timer_clear(struct timer *t);
/* Fires all that were due at now_ms when called. */
void timer_run(int64_t now_ms);
/* Milliseconds to the next timer, -1 when there is none. */
int timer_wait_ms(int64_t now_ms);
void timer_release(void);

#endif
