/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Scale-in protection of an ECS task: when to ask its agent for what, and what
 * the answers of the agent mean.  Pure; ecs_agent.c does the asking.
 *
 * A task is protected while anything is in hand, and for ECS_PROTECTION_IDLE_MS
 * after, because ECS limits these calls for a whole account, so there cannot be
 * one for each message.  Each request is for a time that is long enough to get
 * over an outage of ECS, and not so long that a task whose reporter is gone
 * holds a deployment up for hours.  Sources: ECS Developer Guide, "Task
 * scale-in protection endpoint"; ECS API Reference, UpdateTaskProtection.
 */
#ifndef CHILD_REPORTER_ECS_PROTECTION_H
#define CHILD_REPORTER_ECS_PROTECTION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/log_repeat.h"

enum {
	ECS_PROTECTION_MINUTES = 30, /* that are asked for */
	ECS_PROTECTION_RENEW_MS = ECS_PROTECTION_MINUTES * 60 * 1000 / 2,
	ECS_PROTECTION_IDLE_MS = 10 * 1000,
	ECS_PROTECTION_RETRY_BASE_MS = 2 * 1000,
	ECS_PROTECTION_RETRY_CAP_MS = 5 * 60 * 1000,
	ECS_PROTECTION_SILENT_MS = 10 * 60 * 1000 /* between equal complaints */
};

enum ecs_protection_wish {
	ECS_PROTECTION_NO_WISH,
	ECS_PROTECTION_ON, /* or for longer */
	ECS_PROTECTION_OFF
};

struct ecs_protection {
	int64_t until_ms; /* the task is protected until then; 0: it is not */
	int64_t idle_since_ms; /* 0: something is in hand */
	int64_t retry_at_ms;
	unsigned failures;            /* in a row */
	struct log_repeat complaints; /* by code */
};

/* An answer of the agent. */
struct ecs_protection_answer {
	bool ok;        /* what was asked for is done */
	char code[64];  /* why not: the agent's or ECS's word */
	char text[256]; /* the agent's or ECS's explanation */
};

/*
 * Until when the task is protected, by the board that the last reporter left;
 * 0: it is not, or the board holds an impossible time.
 */
int64_t ecs_protection_until(int64_t told_ms, int64_t now_ms);

/*
 * What to ask for now.  The caller asks again only after
 * ecs_protection_answered.
 */
enum ecs_protection_wish ecs_protection_decide(struct ecs_protection *p,
    uint64_t in_hand, int64_t now_ms);

/*
 * The answer to what was asked for at asked_ms.  Returns whether a failure is
 * to be logged.  unit: random in [0,1).
 */
bool ecs_protection_answered(struct ecs_protection *p,
    enum ecs_protection_wish wish, const struct ecs_protection_answer *a,
    int64_t asked_ms, int64_t now_ms, double unit);

/* The body of a request. */
void ecs_protection_put_wish(struct buf *to, enum ecs_protection_wish wish);

/*
 * Reads an answer to that wish.  A status of 200 alone proves nothing: a
 * refusal by ECS comes with it as well.
 */
void ecs_protection_parse(int status, struct span body,
    enum ecs_protection_wish wish, struct ecs_protection_answer *ret);

#endif
