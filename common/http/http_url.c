/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/*
 * What can be said of a URL without asking anybody.  Pure.  See http.h.
 */
#include "common/http/http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/banned.h"

static int
copy_part(CURLU *u, CURLUPart part, char *to, size_t size)
{
	char *value;
	size_t len;

	if (curl_url_get(u, part, &value, 0) != CURLUE_OK) {
		to[0] = '\0';
		return 0;
	}
	len = strlcpy(to, value, size);
	curl_free(value);
	return len < size ? 0 : -1;
}

static bool
is_web_url(CURLU *u, struct http_url *url)
{
	char other[8];

	return copy_part(u, CURLUPART_SCHEME, url->scheme,
		   sizeof(url->scheme)) == 0 &&
	    (strcmp(url->scheme, "http") == 0 ||
		strcmp(url->scheme, "https") == 0) &&
	    copy_part(u, CURLUPART_USER, other, sizeof(other)) == 0 &&
	    other[0] == '\0' &&
	    copy_part(u, CURLUPART_FRAGMENT, other, sizeof(other)) == 0 &&
	    other[0] == '\0';
}

static bool
is_default_port(const struct http_url *url)
{
	return url->port[0] == '\0' ||
	    strcmp(url->port,
		strcmp(url->scheme, "https") == 0 ? "443" : "80") == 0;
}

/* "[::1]" without its brackets. */
static void
strip_brackets(char *host)
{
	size_t len = strlen(host);

	if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
		memmove(host, host + 1, len - 2);
		host[len - 2] = '\0';
	}
}

static int
split_into(CURLU *u, struct http_url *url)
{
	if (!is_web_url(u, url) ||
	    copy_part(u, CURLUPART_HOST, url->host, sizeof(url->host)) == -1 ||
	    url->host[0] == '\0' ||
	    copy_part(u, CURLUPART_PORT, url->port, sizeof(url->port)) == -1 ||
	    copy_part(u, CURLUPART_PATH, url->path, sizeof(url->path)) == -1)
		return -1;
	if (is_default_port(url))
		url->port[0] = '\0';
	if ((size_t)snprintf(url->authority, sizeof(url->authority), "%s%s%s",
		url->host, url->port[0] != '\0' ? ":" : "",
		url->port) >= sizeof(url->authority))
		return -1;
	strip_brackets(url->host);
	return 0;
}

int
http_split_url(const char *url, struct http_url *ret)
{
	struct http_url parts;
	const unsigned char *p;
	CURLU *u;
	int result = -1;

	for (p = (const unsigned char *)url; *p != '\0'; p++)
		if (*p <= ' ' || *p == 0x7F)
			return -1;
	if ((u = curl_url()) == NULL)
		abort(); /* out of memory */
	if (curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK)
		result = split_into(u, &parts);
	curl_url_cleanup(u);
	if (result == 0)
		*ret = parts;
	return result;
}
