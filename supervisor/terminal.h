/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The terminal that this process was started from.  When the terminal goes, the
 * processes on it get SIGHUP; but SIGHUP also asks for a reload.
 */
#ifndef SUPERVISOR_TERMINAL_H
#define SUPERVISOR_TERMINAL_H

#include <sys/types.h>

#include <stdbool.h>

/*
 * Is sqsherd to end with its terminal?  Yes if there is one and SIGHUP is not
 * ignored, as nohup(1) has it.  Must be called at the start, while dispositions
 * are still the inherited ones.
 */
bool terminal_binds_us(void);

/* Is the terminal gone?  Never waits. */
bool terminal_is_gone(void);

/*
 * May a SIGHUP with this ssi_code and ssi_pid mean that the terminal goes? Then
 * it comes from the kernel, or from a shell in our session, which may have
 * ended since.  From any other process it asks for a reload.
 */
bool terminal_may_have_sent(int code, pid_t sender);

#endif
