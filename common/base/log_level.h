/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * How much a record of the log matters.
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
