/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The one way in which an event reaches a slot.  The slot's table decides
 * (slots/slot.h); the fork or the signal that it decides on is made here.
 */
#ifndef SUPERVISOR_SLOT_ACTIONS_H
#define SUPERVISOR_SLOT_ACTIONS_H

#include <stdint.h>

#include "supervisor/slots/pool.h"
#include "supervisor/slots/slot.h"

struct supervisor;

/*
 * Returns the action that the table decided on.  The action is done already,
 * except SLOT_DO_COUNT: the caller knows the reason of a death and has to count
 * it.
 */
enum slot_action slot_actions_apply_event(struct supervisor *s, struct place *p,
    enum slot_event event, int64_t now_ms);
/* Forks into each empty slot that is due.  Returns the deadline of all slots.
 */
int64_t slot_actions_refill(struct supervisor *s, int64_t now_ms);
void slot_actions_apply_to_all(struct supervisor *s, enum slot_event event,
    int64_t now_ms);

#endif
