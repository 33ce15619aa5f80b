/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The page that all children of a queue share.
 */
#include "common/ipc/queue_board.h"

#include <sys/wait.h>

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "t/unit/tap.h"

/* A queue's page is written by the supervisor while children live. */
static void
test_queue(void)
{
	struct queue_board *q = queue_board_new();
	pid_t pid;
	int status;

	if (!ok(q != NULL, "the memory for a queue is there"))
		return;
	is_int(q->paused, 0, "a new queue is not paused");
	pid = fork();
	if (pid == 0) {
		while (q->paused == 0)
			(void)sched_yield();
		_exit(0);
	}
	q->paused = 1;
	(void)waitpid(pid, &status, 0);
	is_int(status, 0, "a child sees that it is");
	queue_board_free(q);
}

/* More messages than there is room for: the oldest is forgotten. */
static void
test_poison(void)
{
	struct queue_board *board = queue_board_new();
	char id[16];
	int i;

	is_int(queue_board_deaths(NULL, "m"), 0,
	    "without a page no message is poison");
	queue_board_add_poison(board, "m", 2);
	queue_board_add_poison(board, "n", 1);
	queue_board_add_poison(board, "m", 3);
	is_int(queue_board_deaths(board, "m"), 3,
	    "the deaths by a message are known");
	is_int(queue_board_deaths(board, "o"), 0, "another is no poison");
	for (i = 0; i < QUEUE_BOARD_POISON_MAX - 1; i++) {
		(void)snprintf(id, sizeof(id), "m-%d", i);
		queue_board_add_poison(board, id, 1);
	}
	is_int(queue_board_deaths(board, "m"), 0, "the oldest is forgotten");
	is_int(queue_board_deaths(board, "n"), 1, "no other");
	is_int(queue_board_deaths(board, id), 1, "not the latest either");
	queue_board_free(board);
}

/* Does a child that writes there die of it? */
static bool
is_read_only(struct queue_board *board, _Atomic uint32_t *place)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		/* A sanitizer would report the fault and exit instead. */
		(void)signal(SIGSEGV, SIG_DFL);
		queue_board_seal(board);
		*place = 1;
		_exit(0);
	}
	(void)waitpid(pid, &status, 0);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static void
test_seal(void)
{
	struct queue_board *board = queue_board_new();

	if (sysconf(_SC_PAGESIZE) <= SCOREBOARD_PAGE)
		ok(is_read_only(board, &board->paused),
		    "a child cannot pause its queue");
	ok(!is_read_only(board, &board->finds), "it can count a find");
	is_int(board->finds, 1, "which all others see");
	queue_board_count(board, QUEUE_BOARD_STARTS);
	queue_board_count(board, QUEUE_BOARD_STARTS);
	is_int((long long)board->events[QUEUE_BOARD_STARTS], 2,
	    "the supervisor counts events");
	queue_board_free(board);
}

int
main(void)
{
	test_queue();
	test_poison();
	test_seal();
	queue_board_free(NULL);
	return tap_done();
}
