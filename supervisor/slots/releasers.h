/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The short-lived processes beside the children: releasers.  A table of fixed
 * size; each entry has a time by which it is killed.
 */
#ifndef SUPERVISOR_SLOTS_RELEASERS_H
#define SUPERVISOR_SLOTS_RELEASERS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place;

struct helper {
	pid_t pid; /* 0: free */
	int64_t kill_at_ms;
	struct place *place; /* whose dead child's messages it has */
};

struct helpers {
	struct helper *list;
	size_t size;
	size_t n; /* under way */
};

void helpers_init(struct helpers *hs, size_t size);
/* For a larger pool; never shrinks. */
void helpers_grow(struct helpers *hs, size_t size);
void helpers_release(struct helpers *hs);

bool helpers_have_room(const struct helpers *hs);
/* There must be room. */
void helpers_add(struct helpers *hs, pid_t pid, struct place *place,
    int64_t kill_at_ms);
bool helpers_know(const struct helpers *hs, pid_t pid);
/* After it was reaped.  Returns its place; NULL: it is not in the table. */
struct place *helpers_remove(struct helpers *hs, pid_t pid);

/* SIGKILL to those whose time has come, once. */
void helpers_kill_due(struct helpers *hs, int64_t now_ms);
void helpers_kill_all(struct helpers *hs);
int64_t helpers_deadline(const struct helpers *hs);

#endif
