/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What settings must know of a URL: that it is one, whether its host is this
 * machine, and which queue and region it names.  Stricter than what libcurl
 * would take, and without libcurl, which the supervisor must not initialise.
 * Pure.
 */
#ifndef COMMON_SETTINGS_SETTINGS_URL_H
#define COMMON_SETTINGS_SETTINGS_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "common/settings/settings_table.h"

struct settings_url {
	bool tls;
	char host[256];   /* lower case, without brackets */
	const char *path; /* in the text; may be empty */
};
int settings_url_split(const char *text, struct settings_url *ret);
bool settings_url_is_loopback(const char *text);
/* Is its host one of SQS's own, and not of a VPC? */
bool settings_url_is_regional(const char *text);
/* The region in the name of a host of AWS, or -1. */
int settings_url_region(const char *text, char *ret, size_t size);
/* The last part of the path; in the text. */
const char *settings_url_queue_name(const char *text);
settings_check_fn settings_check_queue_url;
settings_check_fn settings_check_endpoint_url;
settings_check_fn settings_check_region;

#endif
