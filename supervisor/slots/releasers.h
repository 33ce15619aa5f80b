/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The releasers that are under way: short-lived processes beside the children.
 * A table of fixed size; each entry has a time at which it is killed.
 */
#ifndef SUPERVISOR_SLOTS_RELEASERS_H
#define SUPERVISOR_SLOTS_RELEASERS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place;

struct releaser {
	pid_t pid; /* 0: free */
	int64_t kill_at_ms;
	struct place *place; /* whose dead child's messages it has */
};

struct releasers {
	struct releaser *list;
	size_t size;
	size_t n; /* under way */
};

void releasers_init(struct releasers *rs, size_t size);
/* Makes room for a larger pool; never shrinks. */
void releasers_grow(struct releasers *rs, size_t size);
void releasers_release(struct releasers *rs);

bool releasers_have_room(const struct releasers *rs);
/* There must be room. */
void releasers_add(struct releasers *rs, pid_t pid, struct place *place,
    int64_t kill_at_ms);
bool releasers_has(const struct releasers *rs, pid_t pid);
/*
 * Called after pid was reaped.  Returns its place; NULL: pid is not in the
 * table.
 */
struct place *releasers_remove(struct releasers *rs, pid_t pid);

/*
 * Sends SIGKILL, once, to each releaser whose time has come.  Returns when the
 * next is due.
 */
int64_t releasers_step(struct releasers *rs, int64_t now_ms);
void releasers_kill_all(struct releasers *rs);

#endif
