/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The stages of a stop, and when each is due.  A stage never goes back: a stop
 * can be hurried, but not called off or slowed down.  Pure.
 */
#ifndef SUPERVISOR_STOP_H
#define SUPERVISOR_STOP_H

#include <stdbool.h>
#include <stdint.h>

enum {
	STOP_LAST_REAP_MS = 1000 /* beyond the grace timeout */
};

enum stop_stage {
	STOP_NONE,
	STOP_FINISH,  /* children finish what is in hand */
	STOP_RELEASE, /* they give back what is left */
	STOP_KILL,    /* what still runs is killed, its messages given back */
	STOP_EXIT,    /* the grace timeout is over */
	STOP_STAGES
};

struct stop {
	enum stop_stage stage;
	int64_t began_ms;
	int64_t at_ms[STOP_STAGES];
};

/* The stage is STOP_NONE until stop_advance; a second begin does nothing. */
void stop_begin(struct stop *s, int64_t grace_timeout_ms, int64_t now_ms);
/* Begins a drain: only STOP_FINISH is ever due, until stop_begin is called. */
void stop_begin_drain(struct stop *s, int64_t now_ms);
/* Has a stop or a drain begun? */
bool stop_is_begun(const struct stop *s);
/* Has a stop begun that the grace timeout ends, other than a drain? */
bool stop_is_timed(const struct stop *s);

/* Makes STOP_RELEASE due now, and what follows it as much earlier. */
void stop_hurry(struct stop *s, int64_t now_ms);

/*
 * Enters the next stage if it is due; returns whether it was.  Call it until it
 * returns false: no stage is skipped.
 */
bool stop_advance(struct stop *s, int64_t now_ms);

/* When the next stage is due; CLOCK_NEVER before a stop and at its end. */
int64_t stop_deadline(const struct stop *s);

const char *stop_stage_name(enum stop_stage stage);

#endif
