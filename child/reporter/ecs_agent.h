/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Asks the agent of ECS, over HTTP, for what ecs_protection.h decides, and
 * writes the outcome to the reporter's board and to the log.  Nothing waits for
 * an answer; without one, the only harm is that a scale-in may end a task that
 * works.
 */
#ifndef CHILD_REPORTER_ECS_AGENT_H
#define CHILD_REPORTER_ECS_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "child/reporter/ecs_protection.h"
#include "child/reporter/reporter.h"
#include "common/base/buf.h"
#include "common/http/http.h"

struct ecs_agent {
	char url[1024];
	struct reporter_board *board;
	struct http *http;
	struct http_transfer *put; /* NULL: no request is under way */
	struct buf body;
	enum ecs_protection_wish wish; /* of put */
	int64_t asked_ms;
	uint64_t in_hand; /* messages; the reporter sets it */
	bool is_ending;
	struct ecs_protection protection;
};

/* Does this process run below such an agent?  Looks at the environment. */
bool ecs_agent_is_there(void);

/*
 * Borrows http and the board; what the board says of the protection is taken
 * over.  Returns false, after logging that, if there is no agent.  Safe to
 * release in either case.
 */
bool ecs_agent_open(struct ecs_agent *a, struct http *http,
    struct reporter_board *board, int64_t now_ms);
void ecs_agent_release(struct ecs_agent *a);

/* Asks for what in_hand requires, if anything. */
void ecs_agent_update(struct ecs_agent *a, int64_t now_ms);

/* Is the task protected, or may a request that is under way protect it? */
bool ecs_agent_may_protect(const struct ecs_agent *a, int64_t now_ms);
/*
 * Makes no request any more but, if ask_off, one for the end of the protection,
 * which may take timeout_ms.
 */
void ecs_agent_end(struct ecs_agent *a, bool ask_off, int64_t timeout_ms,
    int64_t now_ms);
/* Is an answer still to come? */
bool ecs_agent_is_asking(const struct ecs_agent *a);

#endif
