/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * URLs of http and https taken apart.  Pure, and without libcurl, which the
 * supervisor must not initialise.
 *
 * Stricter than RFC 3986 and than libcurl: only visible ASCII without quotes,
 * angle brackets and backslashes, no user, no fragment, a host that is a name,
 * an IPv4 address or an IPv6 address in brackets, and a port from 1 to 65535,
 * if any.  So a text from which two programs could read different hosts is
 * refused.
 */
#ifndef COMMON_HTTP_HTTP_URL_H
#define COMMON_HTTP_HTTP_URL_H

#include <stdbool.h>

struct http_url {
	char scheme[8];      /* lower case */
	char host[256];      /* lower case, without brackets */
	char port[8];        /* decimal; "" if it is the scheme's default */
	char path[1024];     /* as it is, without the query; at least "/" */
	char authority[280]; /* the Host header: port only if not default */
};

/* Returns 0; or -1 if the text is no such URL, or a part is too long. */
int http_url_split(const char *text, struct http_url *ret);
/*
 * The same for the URL of a service or a queue, which has no query and is not
 * long.
 */
int http_url_split_endpoint(const char *text, struct http_url *ret);

/*
 * Is a request to this URL confidential?  It is if the scheme is https or the
 * host is this machine.
 */
bool http_url_is_confidential(const struct http_url *url);

/* The part of the path behind its last slash; "" if there is no path. */
const char *http_url_last_segment(const char *text);

#endif
