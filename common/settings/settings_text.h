/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * The forms of texts: a queue's URL, an endpoint, a region, a list of S3
 * buckets, a CloudWatch namespace, a umask, a limit.  Loading checks a value
 * with the function that its users read it with.  Pure.
 */
#ifndef COMMON_SETTINGS_SETTINGS_TEXT_H
#define COMMON_SETTINGS_SETTINGS_TEXT_H

#include <sys/resource.h>
#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#include "common/settings/settings_table.h"

enum {
	SETTINGS_NOFILE_MIN = 64 /* descriptors; fewer are refused */
};

settings_check_fn settings_text_check_queue_url;
settings_check_fn settings_text_check_endpoint_url;
settings_check_fn settings_text_check_region;
settings_check_fn settings_text_check_buckets;
settings_check_fn settings_text_check_namespace;
settings_check_fn settings_text_check_umask;
settings_check_fn settings_text_check_limit;
settings_check_fn settings_text_check_limit_nofile;

/*
 * May a bucket's name have the first len characters?  The length is not
 * checked.
 */
bool settings_text_is_bucket_name(const char *p, size_t len);
/*
 * Is the bucket in a list of names with commas or blanks between them?  A list
 * that is NULL is empty.
 */
bool settings_text_is_bucket_listed(const char *bucket, const char *list);

/* Octal, 0 to 0777.  Returns 0, or -1. */
int settings_text_parse_umask(const char *text, mode_t *ret);
/* A number such as 1024 or 64K, or "unlimited".  Returns 0, or -1. */
int settings_text_parse_limit(const char *text, rlim_t *ret);

#endif
