/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Asks the agent of ECS, over HTTP, for what ecs_protection.h decides, and says
 * on the reporter's board and in the log what has become of it.  Nothing waits
 * for an answer, and nothing goes wrong without one but a scale-in.
 */
#ifndef CHILD_REPORTER_ECS_AGENT_H
#define CHILD_REPORTER_ECS_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "child/child.h"
#include "child/reporter/ecs_protection.h"
#include "common/base/buf.h"
#include "common/http/http.h"

struct ecs_agent {
	char url[1024];
	struct reporter_board *board;
	struct http *http;
	struct http_transfer *put; /* NULL: nothing is asked */
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
 * Borrows http and the board, from which it takes over how long the task is
 * protected.  Returns false, and logs it, if there is no agent.  Safe to
 * release in either case.
 */
bool ecs_agent_open(struct ecs_agent *a, struct http *http,
    struct reporter_board *board, int64_t now_ms);
void ecs_agent_release(struct ecs_agent *a);

/* Asks for what follows from in_hand, if anything. */
void ecs_agent_update(struct ecs_agent *a, int64_t now_ms);

/* Is the task protected, or may it become so by what is asked for? */
bool ecs_agent_may_protect(const struct ecs_agent *a, int64_t now_ms);
/*
 * Asks for nothing more but, if ask_off, for the end of the protection, within
 * timeout_ms.
 */
void ecs_agent_end(struct ecs_agent *a, bool ask_off, int64_t timeout_ms,
    int64_t now_ms);
/* Is an answer still to come? */
bool ecs_agent_is_asking(const struct ecs_agent *a);

#endif
