/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Hosts that are reached without the proxy that the environment names.
 */
#ifndef COMMON_HTTP_HTTP_PROXY_H
#define COMMON_HTTP_HTTP_PROXY_H

/* A list in the form of libcurl's CURLOPT_NOPROXY, to be freed. */
char *http_proxy_exceptions(void);

#endif
