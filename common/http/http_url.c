/* SPDX-License-Identifier: MIT */
/* Copyright (c) 2026 The sqsherd authors */

/* See http_url.h. */
#include "common/http/http_url.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/loopback.h"
#include "common/base/xalloc.h"

#include "common/base/banned.h"

#define DIGITS "0123456789"
#define NAMES                                                                  \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS "._-"

enum {
	ENDPOINT_MAX_BYTES = 900 /* callers that store a URL have this room */
};

static const struct scheme {
	const char *prefix;
	const char *name;
	const char *port;
} schemes[] = { { "https://", "https", "443" }, { "http://", "http", "80" } };

static const struct scheme *
find_scheme(const char *text)
{
	size_t i;

	for (i = 0; i < nitems(schemes); i++)
		if (strncasecmp(text, schemes[i].prefix,
			strlen(schemes[i].prefix)) == 0)
			return &schemes[i];
	return NULL;
}

static bool
has_only_url_bytes(const char *p)
{
	for (; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || strchr("\\\"<>", *p) != NULL)
			return false;
	return true;
}

static int
copy(char *to, size_t size, const char *p, size_t len)
{
	if (len >= size)
		return -1;
	memcpy(to, p, len);
	to[len] = '\0';
	return 0;
}

static int
copy_host(struct http_url *url, const char *p, size_t len)
{
	char *c;

	if (len == 0 || copy(url->host, sizeof(url->host), p, len) == -1)
		return -1;
	for (c = url->host; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	return 0;
}

/* The port behind a host: a colon and digits, or nothing. */
static int
read_port(struct http_url *url, const char *p, size_t len,
    const char *default_port)
{
	char digits[6];
	int port;

	url->port[0] = '\0';
	if (len == 0)
		return 0;
	if (p[0] != ':' || copy(digits, sizeof(digits), p + 1, len - 1) == -1 ||
	    digits[strspn(digits, DIGITS)] != '\0')
		return -1;
	port = (int)strtonum(digits, 1, 65535, NULL);
	if (port == 0)
		return -1;
	(void)snprintf(url->port, sizeof(url->port), "%d", port);
	if (strcmp(url->port, default_port) == 0)
		url->port[0] = '\0';
	return 0;
}

/* Returns the length of the host with its brackets, or 0. */
static size_t
read_host(struct http_url *url, const char *p, size_t len)
{
	struct in6_addr address;
	size_t n;

	if (p[0] != '[') {
		n = strspn(p, NAMES);
		return copy_host(url, p, n) == 0 ? n : 0;
	}
	n = strcspn(p, "]");
	if (n >= len || copy_host(url, p + 1, n - 1) == -1 ||
	    inet_pton(AF_INET6, url->host, &address) != 1)
		return 0;
	return n + 1;
}

static int
read_authority(struct http_url *url, const char *p, size_t len,
    const char *default_port)
{
	size_t n = read_host(url, p, len);
	const char *open = p[0] == '[' ? "[" : "";
	const char *close = p[0] == '[' ? "]" : "";

	if (n == 0 || read_port(url, p + n, len - n, default_port) == -1)
		return -1;
	(void)snprintf(url->authority, sizeof(url->authority), "%s%s%s%s%s",
	    open, url->host, close, url->port[0] != '\0' ? ":" : "", url->port);
	return 0;
}

int
http_url_split(const char *text, struct http_url *ret)
{
	const struct scheme *scheme = find_scheme(text);
	struct http_url url;
	const char *path;
	size_t len;

	if (scheme == NULL || !has_only_url_bytes(text) ||
	    strchr(text, '#') != NULL)
		return -1;
	(void)strlcpy(url.scheme, scheme->name, sizeof(url.scheme));
	text += strlen(scheme->prefix);
	path = text + strcspn(text, "/?");
	if (read_authority(&url, text, (size_t)(path - text), scheme->port) ==
	    -1)
		return -1;
	len = strcspn(path, "?");
	if (copy(url.path, sizeof(url.path), len > 0 ? path : "/",
		len > 0 ? len : 1) == -1)
		return -1;
	*ret = url;
	return 0;
}

int
http_url_split_endpoint(const char *text, struct http_url *ret)
{
	if (strlen(text) > ENDPOINT_MAX_BYTES || strchr(text, '?') != NULL)
		return -1;
	return http_url_split(text, ret);
}

bool
http_url_is_confidential(const struct http_url *url)
{
	return strcmp(url->scheme, "https") == 0 || loopback_is_host(url->host);
}

const char *
http_url_last_segment(const char *text)
{
	const struct scheme *scheme = find_scheme(text);
	const char *slash =
	    strrchr(scheme != NULL ? text + strlen(scheme->prefix) : text, '/');

	return slash != NULL ? slash + 1 : "";
}
