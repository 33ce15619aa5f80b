/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The terminal that this process was started from.  When it goes, those who
 * work in it get SIGHUP; but whoever wants settings loaded again sends that,
 * too.
 */
#ifndef SUPERVISOR_TERMINAL_H
#define SUPERVISOR_TERMINAL_H

#include <sys/types.h>

#include <stdbool.h>

/*
 * Is the end of the terminal to be ours?  There is one, and nobody has seen to
 * it that SIGHUP is ignored, as nohup(1) does.  To be asked at the start, while
 * dispositions are still those of who started us.
 */
bool terminal_binds_us(void);

/* Is there none any more?  Never waits. */
bool terminal_is_gone(void);

/*
 * May a SIGHUP with this ssi_code and ssi_pid be for the terminal's sake?  Then
 * it comes from the kernel, or from a shell in our session, which may have
 * ended since.  From anybody else it is a wish.
 */
bool terminal_may_say_so(int code, pid_t sender);

#endif
