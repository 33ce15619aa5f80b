/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The levels of the log's records.
 */
#ifndef COMMON_BASE_LOG_LEVEL_H
#define COMMON_BASE_LOG_LEVEL_H

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR
};

#endif
