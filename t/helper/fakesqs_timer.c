/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * One binary heap of all that waits for a time: invisible and delayed messages,
 * long polls, delayed answers.
 */

#include "fakesqs_timer.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include "fakesqs_util.h"

/* Slot 0 is not used, so that it can mean "idle". */
static struct timer **heap;
static size_t heap_len;
static size_t heap_cap;
static uint64_t next_order;

static bool
before(const struct timer *a, const struct timer *b)
{
	if (a->due_ms != b->due_ms)
		return a->due_ms < b->due_ms;
	return a->order < b->order;
}

static void
place(struct timer *t, size_t slot)
{
	heap[slot] = t;
	t->slot = slot;
}

static void
sift_up(struct timer *t, size_t slot)
{
	while (slot > 1 && before(t, heap[slot / 2])) {
		place(heap[slot / 2], slot);
		slot /= 2;
	}
	place(t, slot);
}

static void
sift_down(struct timer *t, size_t slot)
{
	size_t child;

	while ((child = slot * 2) <= heap_len) {
		if (child < heap_len && before(heap[child + 1], heap[child]))
			child++;
		if (!before(heap[child], t))
			break;
		place(heap[child], slot);
		slot = child;
	}
	place(t, slot);
}

void
timer_clear(struct timer *t)
{
	size_t slot = t->slot;
	struct timer *last;

	if (slot == 0)
		return;
	t->slot = 0;
	last = heap[heap_len--];
	if (last == t)
		return;
	if (slot > 1 && before(last, heap[slot / 2]))
		sift_up(last, slot);
	else
		sift_down(last, slot);
}

void
timer_set(struct timer *t, int64_t due_ms)
{
	timer_clear(t);
	t->due_ms = due_ms;
	t->order = ++next_order;
	if (heap_len + 2 > heap_cap) {
		heap_cap = heap_cap == 0 ? 1024 : heap_cap * 2;
		heap = xreallocarray(heap, heap_cap, sizeof(struct timer *));
	}
	sift_up(t, ++heap_len);
}

void
timer_run(int64_t now_ms)
{
	/* A timer that is set while timers fire waits for the next run, so this
	   loop ends. */
	uint64_t limit = next_order;

	while (heap_len > 0 && heap[1]->due_ms <= now_ms &&
	    heap[1]->order <= limit) {
		struct timer *t = heap[1];

		timer_clear(t);
		t->fire(t->arg, now_ms);
	}
}

int
timer_wait_ms(int64_t now_ms)
{
	int64_t left;

	if (heap_len == 0)
		return -1;
	left = heap[1]->due_ms - now_ms;
	if (left < 0)
		left = 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

void
timer_release(void)
{
	free(heap);
	heap = NULL;
	heap_len = heap_cap = 0;
}
