/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The stages of a child's life: it runs, drains (receives no more, and finishes
 * what is in hand), releases (stops its handlers, and gives back what is in
 * hand), and gives up.  The supervisor's signals begin each stage; without a
 * supervisor the child keeps the times of grace.h itself.
 */
#ifndef CHILD_STAGE_H
#define CHILD_STAGE_H

#include "child/state.h"

/*
 * When the stop of all children began; 0: there is no stop, though this child
 * may end.
 */
int64_t stage_stop_began_ms(const struct child *c);
/* May handlers be begun? */
bool stage_is_at_work(const struct child *c);
/* Does the supervisor wait for the end of this child, though not for a stop? */
bool stage_is_awaited(const struct child *c);
/* May the process end? */
bool stage_is_over(const struct child *c, int64_t now_ms);

/*
 * Each enters its stage; nothing happens if the child is in a later one
 * already.
 */
void stage_begin_drain(struct child *c, int64_t now_ms);
void stage_begin_release(struct child *c, int64_t now_ms);

/* Enters the stage whose time has come.  Returns when to be called next. */
int64_t stage_step(struct child *c, int64_t now_ms);

#endif
