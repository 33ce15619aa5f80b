/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * Hosts that are reached without the proxy that the environment names.
 */
#ifndef COMMON_HTTP_HTTP_PROXY_H
#define COMMON_HTTP_HTTP_PROXY_H

/* A list as libcurl's CURLOPT_NOPROXY takes it, to be freed. */
char *http_proxy_exceptions(void);

#endif
