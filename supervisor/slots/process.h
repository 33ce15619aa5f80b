/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Sends signals to a process of ours, and reads its state in /proc.  To read
 * these files never waits for the process, whatever it hangs in; what cannot be
 * read is left out.
 */
#ifndef SUPERVISOR_SLOTS_PROCESS_H
#define SUPERVISOR_SLOTS_PROCESS_H

#include <sys/types.h>

#include <stdint.h>

/*
 * Sends a signal that asks for something, and SIGCONT before it: a stopped
 * process would not see it.
 */
void process_ask(pid_t pid, int signal);
/* Sends SIGKILL to the leader of a session, and to its group. */
void process_kill(pid_t pid);

struct process_state {
	char state[24]; /* "sleeping", "disk sleep", "stopped"; "": unknown */
	char wchan[64]; /* the kernel's function it sleeps in; "": none */
	int threads;    /* 0: unknown */
	int64_t rss_kb; /* -1: unknown */
};

void process_read_state(pid_t pid, struct process_state *ret);

/* Pure.  From the text of /proc/PID/status; wchan is left alone. */
void process_parse_status(const char *text, struct process_state *ret);
/* Pure.  From the text of /proc/PID/wchan, where "0" is none. */
void process_parse_wchan(const char *text, struct process_state *ret);

#endif
