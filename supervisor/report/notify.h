/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Sends systemd the state of the supervisor, in the protocol of sd_notify(3),
 * without its library.  Nothing here blocks, fails or changes what the caller
 * does: a message that cannot be delivered is dropped, but READY=1, RELOADING=1
 * and STOPPING=1 are tried again, unless no process reads the socket or it is
 * forbidden.  Without NOTIFY_SOCKET all calls do nothing.
 *
 * Only the supervisor may call this: with NotifyAccess=main systemd looks at
 * the pid of the sender.
 */
#ifndef SUPERVISOR_REPORT_NOTIFY_H
#define SUPERVISOR_REPORT_NOTIFY_H

#include <sys/socket.h>
#include <sys/un.h>

#include <stdbool.h>
#include <stdint.h>

enum {
	NOTIFY_STATUS_MAX = 256,
	NOTIFY_RELOADING_MAX = 64
};

struct notify {
	struct sockaddr_un address;
	socklen_t length;      /* of address; 0: there is no socket */
	int64_t ping_every_ms; /* half the watchdog's interval; 0: none */
	int64_t ping_at_ms;
	/* Messages that have to arrive, in this order; "", NULL: none. */
	char reloading[NOTIFY_RELOADING_MAX];
	const char *owed;
	int64_t owed_at_ms; /* when to try again */
	int64_t stop_by_ms; /* when a stop will have ended; 0: there is none */
	int64_t extend_at_ms; /* when to ask for that time again */
	char status[NOTIFY_STATUS_MAX];
};

/*
 * Reads systemd's variables and removes them from the environment, so that
 * no handler reports or pings in our name.
 */
void notify_open(struct notify *n, int64_t now_ms);

void notify_ready(struct notify *n, int64_t now_ms);
/*
 * A reload begins; the caller must call notify_ready at its end, even if it
 * failed.
 */
void notify_reloading(struct notify *n, int64_t now_us, int64_t now_ms);
/*
 * within_ms: the stop will have ended by then, whatever TimeoutStopSec says.
 * The message is repeated until then, in case one is lost.
 */
void notify_stopping(struct notify *n, int64_t within_ms, int64_t now_ms);
/* Sends one line for "systemctl status", if it has changed. */
void notify_status(struct notify *n, const char *status);

/*
 * Pings, asks for more time and repeats messages that are owed, each when it is
 * due.  For a pool that is not healthy no ping is sent.  Returns when to be
 * called again.
 */
int64_t notify_step(struct notify *n, bool healthy, int64_t now_ms);

/*
 * Pure.  Turns "/path" or "@abstract" into an address of exactly the right
 * length; -1: anything else, or too long.
 */
int notify_address(const char *socket, struct sockaddr_un *ret_address,
    socklen_t *ret_length);

/*
 * Pure.  Half of the watchdog's interval in milliseconds from WATCHDOG_USEC
 * and WATCHDOG_PID (NULL: unset); 0: there is none, or it is not ours.
 */
int64_t notify_ping_every_ms(const char *usec, const char *watched_pid,
    long long own_pid);

#endif
