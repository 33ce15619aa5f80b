/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How much memory a process has for itself: its proportional set size (PSS),
 * in which a page that n processes share counts as one n-th of it.  The kernel
 * walks the process's page tables for it, so do not ask often.
 */
#ifndef CHILD_MEMORY_H
#define CHILD_MEMORY_H

#include <sys/types.h>

#include <stdint.h>

/*
 * The bytes of this process and of all processes below it.  0: the kernel does
 * not show it.
 */
int64_t memory_of_family(void);

/* Pure.  The bytes in the text of /proc/PID/smaps_rollup; 0: it has none. */
int64_t memory_parse_pss(const char *text);
/*
 * Pure.  The resident bytes in the text of /proc/PID/statm, which counts pages.
 */
int64_t memory_parse_rss(const char *text, long page_size);

#endif
